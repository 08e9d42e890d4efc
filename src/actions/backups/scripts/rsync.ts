import type { BackupSpec } from '../../../fleet/definition.ts';
import { isRemotePlace, textOption } from '../../../probe/backups/place.ts';
import { shq } from '../../../remote/quote.ts';
import type { KindWords } from './frame.ts';

/**
 * A dated tree beside the last ones, unchanged files hard-linked to the newest (`--link-dest`). The tree is new, so nothing is ever
 * deleted in it; an empty source is refused before anything (with `--delete` it would wipe a copy and exit 0).
 * A tree left half-way is linked from too, so that what it holds is not sent again. Exit 24: files vanished meanwhile.
 * @see rsync(1): --link-dest, --partial-dir, EXIT VALUES
 */
export function rsyncWords(spec: BackupSpec): KindWords {
  const from = textOption(spec, 'from') ?? '';
  const to = textOption(spec, 'to') ?? '';
  const sentinel = textOption(spec, 'sentinel');
  const fromAway = isRemotePlace(from);
  const toAway = isRemotePlace(to);
  return {
    source: from,
    says: toAway
      ? `rsync ${options} --link-dest=../<newest> -- ${from} ${to}/<time>/`
      : `rsync ${options} --link-dest=<newest> -- ${from} ${to}/<time>.partial/, which becomes ${to}/<time> when it is whole`,
    given: `from=${fromAway ? shq(from) : `$(at ${shq(from)})`}
sentinel=${sentinel === null ? '' : fromAway ? shq(sentinelAt(from, sentinel)) : `$(at ${shq(sentinel)})`}
away=${toAway ? shq(to.replace(/\/+$/, '')) : ''}
`,
    check: `command -v rsync >/dev/null 2>&1 || bad "rsync is not installed on this host"
${fromAway ? checkAway : checkHere}${toAway || fromAway ? '' : apart}`,
    work: toAway ? copyAway : copyHere(fromAway),
  };
}

/** A sentinel's path as rsync is told it: on the same host, or in the same module. */
function sentinelAt(from: string, sentinel: string): string {
  const module = from.includes('::') || from.startsWith('rsync://');
  return module ? `${from.replace(/\/+$/, '')}/${sentinel.replace(/^.*\//, '')}` : `${from.slice(0, from.indexOf(':'))}:${sentinel}`;
}

const checkHere = `[ -z "$sentinel" ] || [ -e "$sentinel" ] || bad "$sentinel is not there: is the source mounted? Nothing is copied"
[ -e "$from" ] || bad "the source $from is not there"
if [ -d "$from" ]; then [ -n "$(ls -A "$from" | head -n 1)" ] || bad "the source $from is empty: nothing is copied, so that no copy is emptied"
else [ -s "$from" ] || bad "the source $from is empty"; fi`;

const checkAway = `[ -z "$sentinel" ] || rsync --list-only -- "$sentinel" </dev/null >/dev/null || bad "$sentinel is not there: is the source mounted? Nothing is copied"
[ "$(rsync --list-only -- "$from" </dev/null | head -n 2 | wc -l)" -gt 1 ] || case $from in */) bad "the source $from is empty, or cannot be read: nothing is copied, so that no copy is emptied" ;; esac`;

const apart = `
if [ -d "$from" ]; then
inner=$(cd "$to" 2>/dev/null && pwd -P || cd "$above" && pwd -P) outer=$(cd "$from" && pwd -P)
case $inner/ in "\${outer%/}"/*) bad "the copies would lie in what is copied: $to is inside $from" ;; esac
fi`;

const numbers = `count() { tr "\\r" "\\n" <"$state/$slug.progress" | sed -n "s/^$1: \\([0-9][0-9]*\\).*/\\1/p" | tail -n 1; }
`;

const run = (
  destination: string,
): string => `rsync "$@" -- "$from" ${destination} </dev/null >"$state/$slug.progress" 2>"$state/$slug.errors" 9>&9 &
job=$!
wait "$job" 2>/dev/null; code=$?
job=
files=$(count "Number of files") bytes=$(count "Total file size") own=$(count "Total transferred file size")
files=\${files:-null} bytes=\${bytes:-null} own=\${own:-null}
`;

const judge = `case $code in
0) ;;
24) warning="some files vanished while they were copied (rsync exit 24)" ;;
*) if full; then half; fail "the disk of $to is full (rsync exit $code); the half copy was deleted. $(why)"; fi; fail "rsync ended with exit $code: $(why)" ;;
esac
case $bytes in null | 0) fail "rsync copied nothing" ;; esac
smaller
`;

const options = '-a --no-inc-recursive --info=progress2 --outbuf=L --no-h --stats --partial-dir=.rsync-partial';

const copyHere = (fromAway: boolean): string => `${numbers}half() { rm -rf -- "$to/$stamp.partial"; }
drop() { rm -rf -- "$to/$1.partial"; }
${fromAway ? '' : `if [ -z "$last" ]; then n=$(du -sk -- "$from" 2>/dev/null | cut -f 1); room "\${n:-1}" 1; fi\n`}set -- ${options}
[ -z "$last" ] || set -- "$@" "--link-dest=$to/$(when "$last")"
for f in "$state/$slug".*.failed; do left=$to/$(when "$f").partial; [ ! -d "$left" ] || resume=$left; done
[ -z "\${resume-}" ] || set -- "$@" "--link-dest=$resume"
umask 077
mkdir "$to/$stamp.partial" || fail "$to/$stamp.partial cannot be made"
${run('"$to/$stamp.partial/"')}${judge}[ -z "$sentinel" ] || case $sentinel in "\${from%/}"/*) s=\${sentinel#"\${from%/}"/}; case $from in */) ;; *) s=\${from##*/}/$s ;; esac; [ -e "$to/$stamp.partial/$s" ] || fail "the copy does not hold $sentinel" ;; esac
rmdir "$to/$stamp.partial/.rsync-partial" 2>/dev/null
sync -f "$to" 2>/dev/null
[ ! -e "$to/$stamp" ] && mv "$to/$stamp.partial" "$to/$stamp" && [ -d "$to/$stamp" ] || fail "$to/$stamp could not be given its name"
umask 022
finish true`;

/** Rsync alone cannot rename on the other side: there the record kept here says which trees are complete. */
const copyAway = `${numbers}set -- ${options}
[ -z "$last" ] || set -- "$@" "--link-dest=../$(when "$last")"
${run('"$away/$stamp/"')}${judge}[ "$(rsync --list-only -- "$away/$stamp/" </dev/null 2>/dev/null | head -n 2 | wc -l)" -gt 1 ] || fail "the copy cannot be listed at $away/$stamp"
finish true`;

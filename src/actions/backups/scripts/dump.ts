import type { BackupSpec } from '../../../fleet/definition.ts';
import { textOption } from '../../../probe/backups/place.ts';
import { shq } from '../../../remote/quote.ts';
import type { KindWords } from './frame.ts';

/**
 * A compressed dump, complete only when the dump program ended well, the archive is whole, its last line is `-- Dump completed` and it
 * is not half the size of the last one: without the program's own status a failed dump is a small file that `gzip -t` accepts.
 * The name is given by a hard link, which never replaces a file.
 * @see mariadb-dump(1): --single-transaction, --master-data
 */
export function dumpWords(spec: BackupSpec): KindWords {
  const database = textOption(spec, 'database') ?? '';
  const host = textOption(spec, 'host');
  const defaults = textOption(spec, 'defaults_file');
  const [first, second] = spec.kind === 'mariadb-dump' ? ['mariadb-dump', 'mysqldump'] : ['mysqldump', 'mariadb-dump'];
  return {
    says: `${first} --single-transaction --quick --routines --triggers --events -- ${database} | gzip -c, into ${textOption(spec, 'to') ?? ''}/<database>-<time>.sql.gz when it is whole`,
    source: host === null ? database : `${host}/${database}`,
    given: `base=${shq(database)}
server=${host === null ? '' : shq(host)}
defaults=${defaults === null ? '' : `$(at ${shq(defaults)})`}
tool=$(command -v ${first} || command -v ${second})
client=$(command -v mariadb || command -v mysql)
`,
    check: `[ -n "$tool" ] || bad "${first} is not installed on this host"
[ -z "$defaults" ] || [ -r "$defaults" ] || bad "the option file $defaults cannot be read"`,
    work,
  };
}

const work = `set --
[ -z "$defaults" ] || set -- "--defaults-file=$defaults"
[ -z "$server" ] || set -- "$@" "--host=$server"
position=
if [ -n "$client" ] && [ "$("$client" "$@" -N -B -e "select @@log_bin" </dev/null 2>/dev/null)" = 1 ]; then
if "$tool" --help 2>/dev/null | grep -q -e "--source-data"; then position=--source-data=2; else position=--master-data=2; fi
fi
set -- "$@" --single-transaction --quick --routines --triggers --events
[ -z "$position" ] || set -- "$@" "$position"
partial=$to/$(copy "$stamp").partial final=$to/$(copy "$stamp")
half() { rm -f -- "$partial" "$state/$slug.status"; }
drop() { rm -f -- "$to/$(copy "$1").partial"; }
lost() { half; fail "$*"; }
shrunk() { lost "$*; if that is meant, set allow_shrink: true"; }
umask 077
(set -C; : >"$partial") || fail "$partial cannot be made"
rm -f "$state/$slug.status"
{ { "$tool" "$@" -- "$base" </dev/null 2>"$state/$slug.errors" 9>&9; echo "$?" >"$state/$slug.status"; } | gzip -c >>"$partial" 2>>"$state/$slug.errors"; } &
job=$!
wait "$job" 2>/dev/null; packed=$?
job=
code=$(cat "$state/$slug.status" 2>/dev/null)
[ "$packed" = 0 ] || ! full || lost "the disk of $to is full; the half dump was deleted"
[ "$code" = 0 ] || lost "the dump ended with exit \${code:-unknown}: $(why)"
[ "$packed" = 0 ] || lost "gzip ended with exit $packed: $(why)"
gzip -t "$partial" 2>/dev/null || lost "the dump is no whole gzip file"
case $(gzip -dc "$partial" 2>/dev/null | tail -n 1) in "-- Dump completed"*) ;; *) lost "the last line of the dump is not \\"-- Dump completed\\": it is cut off, or comments are switched off" ;; esac
bytes=$(wc -c <"$partial" | tr -d " ") own=$bytes files=1
smaller
sync "$partial" 2>/dev/null
if ln "$partial" "$final" 2>/dev/null; then rm -f -- "$partial"
else [ ! -e "$final" ] && mv -n "$partial" "$final" && [ ! -e "$partial" ] || fail "$final could not be given its name"; fi
umask 022
rm -f "$state/$slug.status"
[ -s "$final" ] || fail "$final is empty"
finish true`;

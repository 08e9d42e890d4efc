import type { BackupSpec } from '../../../fleet/definition.ts';
import { placeWords, textOption } from '../../../probe/backups/place.ts';
import { shq } from '../../../remote/quote.ts';

/** What one kind of backup puts into the frame, as shell text. Nothing of it may hold a single quote but through `shq`. */
export interface KindWords {
  /** What it copies, for the record. */
  readonly source: string;
  /** The copying itself in one line, for the reader of the plan. */
  readonly says: string;
  /** Variables; no more than assignments. */
  readonly given: string;
  /** Ends with `bad` when a copy must not be tried. Runs before a plan is sent and again under the lock. */
  readonly check: string;
  /** Makes the copy, verifies it, and calls `finish VERIFIED` or `fail WHY`. */
  readonly work: string;
}

/** `check`: only the questions, changes nothing. `run`: the backup itself. */
export function backupScript(spec: BackupSpec, mode: 'check' | 'run', kind: KindWords): string {
  const facts = JSON.stringify({ name: spec.name, kind: spec.kind, source: kind.source }).slice(1, -1);
  const lock = textOption(spec, 'lock');
  return `# quarterdeck backup ${mode === 'check' ? 'check ' : ''}${spec.kind} ${slug(spec)}
# ${oneLine(kind.says)}
${placeWords(spec)}facts=${shq(facts)}
what=${shq(spec.name)}
also=${lock === null || spec.kind === 'rsnapshot' ? '' : `$(at ${shq(lock)})`}
shrink=${spec.options['allow_shrink'] === true ? 1 : ''}
${kind.given}${frame}${mode === 'check' ? look : begin}${kind.check}
${mode === 'check' ? 'exit 0' : kind.work}`;
}

/** A comment ends at the end of its line: nothing of the fleet file may begin another. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replaceAll("'", '"');
}

function slug(spec: BackupSpec): string {
  return /^[\w.-]+$/.test(spec.name) ? spec.name : '';
}

/**
 * Words of every kind.
 * - ksh closes such a descriptor for its children unless the call names it again: `9>&9`.
 * - `flock` on an open descriptor: a copying child holds the lock when its shell is killed, so that nothing else writes beside it.
 * - A full disk may cut off what the copying program says as well, so it is asked of the disk.
 * - A record is written whole and renamed, and only then is the marker of the running one taken away.
 */
const frame = `begun= job= bytes=null own=null files=null warning=
lock=$state/lock
say() { printf "%s\\n" "$*" >&2; }
bad() { [ -z "$begun" ] || fail "$*"; say "$*"; exit 1; }
busy() { say "a backup to \${to:-$what} is already running"; exit 75; }
field() { sed -n "s/.*\\"$1\\":\\([0-9][0-9]*\\)[,}].*/\\1/p" "$2" | head -n 1; }
target() {
[ -z "$to" ] || [ -d "$to" ] || [ -d "$above" ] || bad "the folder $above is not there: is it mounted?"
[ -z "$to" ] || [ ! -e "$to" ] || [ -d "$to" ] || bad "$to is no folder"
}
newest() {
last=
for f in "$state/$slug".*.done; do if [ -f "$f" ] && there "$(when "$f")"; then last=$f; fi; done
}
room() {
[ -n "$to" ] || return 0
disk=$to; [ -d "$disk" ] || disk=$above
free=$(df -Pk "$disk" 2>/dev/null | awk "NR==2{print \\$4}")
case $free in "" | *[!0-9]*) ;; *) [ "$free" -ge $(($1 * 12 / 10)) ] || bad "not enough space on $disk: $free KB are free, and the copy may need $(($1 * 12 / 10)) KB" ;; esac
nodes=$(df -Pi "$disk" 2>/dev/null | awk "NR==2&&\\$2>0{print \\$4}")
case $nodes in "" | *[!0-9]*) ;; *) [ "$nodes" -ge $(($2 * 12 / 10)) ] || bad "not enough inodes on $disk: $nodes are free, and the copy may need $(($2 * 12 / 10))" ;; esac
}
room_as_last() {
newest
if [ -n "$last" ]; then
b=$(field own "$last"); n=$(field files "$last")
room $((\${b:-0} / 1024 + 1)) "\${n:-1}"
else room 1 1
fi
}
note() {
q_why=$(printf "%s" "$3" | tr -c "[:print:]" " " | tr "\\"\\\\\\\\" "  " | cut -c 1-300)
printf "{%s,\\"artifact\\":\\"%s\\",\\"start\\":%s,\\"end\\":%s,\\"bytes\\":%s,\\"own\\":%s,\\"files\\":%s,\\"host\\":\\"%s\\",\\"verified\\":%s,\\"why\\":\\"%s\\"}\\n" "$facts" "$(copy "$stamp")" "$start" "$(date +%s)" "$bytes" "$own" "$files" "$(uname -n | tr -cd "[:alnum:].-")" "$2" "$q_why" >"$state/$slug.new" && sync "$state/$slug.new" 2>/dev/null; mv -f "$state/$slug.new" "$state/$slug.$stamp.$1"
}
tidy() { rm -f "$state/$slug.running" "$state/$slug.progress" "$state/$slug.errors"; }
fail() {
trap "" TERM INT HUP
note failed false "$*"
tidy
say "$*"
exit 1
}
off() { trap "" TERM INT HUP; [ -z "$job" ] || { kill -TERM "$job" 2>/dev/null; wait "$job" 2>/dev/null; }; half; fail "it was called off, or cut off at its deadline"; }
half() { :; }
full() { [ -n "$to" ] && [ -n "$(df -Pk "$to" 2>/dev/null | awk "NR==2&&\\$4*100<\\$2{print 1}")" ]; }
shrunk() { fail "$*; if that is meant, set allow_shrink: true"; }
why() { grep -v "^ *$" "$state/$slug.errors" 2>/dev/null | tail -n 2 | tr "\\n" " "; }
smaller() {
[ -n "$last" ] && [ -z "$shrink" ] || return 0
was=$(field bytes "$last"); had=$(field files "$last")
[ "$bytes" = null ] || [ "$((bytes * 2))" -ge "\${was:-0}" ] || shrunk "it shrank from $was to $bytes bytes, less than half of the last copy"
[ "$files" = null ] || [ "$((files * 2))" -ge "\${had:-0}" ] || shrunk "it shrank from $had to $files files, less than half of the last copy"
}
finish() {
note done "$1" "$warning" && [ -s "$state/$slug.$stamp.done" ] || fail "the copy is there, but its record could not be written in $state"
trap "" TERM INT HUP
tidy
for f in "$state/$slug".*.failed; do [ ! -f "$f" ] || { drop "$(when "$f")"; rm -f "$f"; }; done
[ -z "$warning" ] || say "$warning"
printf "#backup "; cat "$state/$slug.$stamp.done"
exit 0
}
drop() { :; }
`;

const look = `target
[ ! -e "$lock" ] || ! command -v flock >/dev/null 2>&1 || flock -n "$lock" true || busy
[ -z "$also" ] || [ ! -e "$also" ] || flock -n "$also" true || busy
room_as_last
`;

/** A marker left by one that was killed becomes its record before the next begins. */
const begin = `target
command -v flock >/dev/null 2>&1 || bad "flock (util-linux) is not installed on this host"
[ -z "$to" ] || [ -d "$to" ] || mkdir "$to" || bad "the folder $to cannot be made"
mkdir -p "$state" && : >>"$lock" || bad "no record can be written in $state"
exec 9>>"$lock"
flock -n 9 9>&9 || busy
if [ -n "$also" ]; then : >>"$also" || bad "the lock file $also cannot be opened"; exec 8>>"$also"; flock -n 8 8>&8 || busy; fi
if [ -f "$state/$slug.running" ]; then
stamp=$(line 6) start=$(line 4)
case $stamp in [0-9]*T[0-9]*Z) [ -e "$state/$slug.$stamp.done" ] || note failed false "it was killed before it ended" ;; esac
tidy
fi
newest
stamp=$(date -u +%Y%m%dT%H%M%SZ)
while [ -e "$state/$slug.$stamp.failed" ] || [ -e "$state/$slug.$stamp.done" ] || { [ -n "$to" ] && { there "$stamp" || [ -e "$to/$(copy "$stamp").partial" ]; }; }; do sleep 1; stamp=$(date -u +%Y%m%dT%H%M%SZ); done
start=$(date +%s)
expected=; [ -z "$last" ] || expected=$(field bytes "$last")
printf "%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n" "$$" "$(born $$)" "$(boot)" "$start" "$expected" "$stamp" >"$state/$slug.running.new" && mv -f "$state/$slug.running.new" "$state/$slug.running" || bad "no record can be written in $state"
begun=1
trap off TERM INT HUP
room_as_last
`;

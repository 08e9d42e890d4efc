import type { BackupSpec } from '../../../fleet/definition.ts';
import { textOption } from '../../../probe/backups/place.ts';
import { shq } from '../../../remote/quote.ts';
import type { KindWords } from './frame.ts';

/** A command of the fleet file: proved by the watched path, which must be newer than the start and not empty. */
export function commandWords(spec: BackupSpec): KindWords {
  const run = textOption(spec, 'run') ?? '';
  return { source: run, says: run, given: watchGiven(spec), check: '', work: runAndWatch(`sh -c ${shq(run)}`, 'the command', '0') };
}

/**
 * One run of rsnapshot. Its lock file holds a process id and must not be made by anybody else, or rsnapshot refuses to start.
 * Exit 2: done with warnings.
 * @see rsnapshot(1): lockfile, EXIT VALUES
 */
export function rsnapshotWords(spec: BackupSpec): KindWords {
  const config = textOption(spec, 'config');
  const lock = textOption(spec, 'lock');
  const call = `rsnapshot ${config === null ? '' : `-c "$(at ${shq(config)})" `}${shq(textOption(spec, 'interval') ?? '')}`;
  return {
    source: `rsnapshot ${textOption(spec, 'interval') ?? ''}`,
    says: call,
    given: `${watchGiven(spec)}held=${lock === null ? '' : `$(at ${shq(lock)})`}\n`,
    check: `command -v rsnapshot >/dev/null 2>&1 || bad "rsnapshot is not installed on this host"
[ -z "$held" ] || [ ! -s "$held" ] || [ ! -d "/proc/$(head -n 1 "$held" | tr -cd "0-9")/fd" ] || busy`,
    work: runAndWatch(call, 'rsnapshot', '0 | 2'),
  };
}

function watchGiven(spec: BackupSpec): string {
  const watch = textOption(spec, 'watch');
  return `seen=${watch === null ? '' : `$(at ${shq(watch)})`}\n`;
}

const runAndWatch = (
  call: string,
  who: string,
  good: string,
): string => `${call} </dev/null >"$state/$slug.progress" 2>"$state/$slug.errors" 8>&- 9>&- &
job=$!
wait "$job" 2>/dev/null; code=$?
job=
case $code in
${good}) [ "$code" = 0 ] || warning="${who} ended with warnings (exit $code): $(why)" ;;
*) fail "${who} ended with exit $code: $(why)" ;;
esac
[ -n "$seen" ] || finish null
at=$(stat -L -c %Y -- "$seen" 2>/dev/null) || fail "${who} ended well, but $seen is not there"
[ "$at" -ge "$start" ] || fail "${who} ended well, but $seen is not newer than its start"
if [ -f "$seen" ]; then bytes=$(wc -c <"$seen" | tr -d " "); [ "$bytes" -gt 0 ] || fail "${who} ended well, but $seen is empty"; own=$bytes files=1; smaller
else [ -n "$(ls -A "$seen" | head -n 1)" ] || fail "${who} ended well, but $seen is empty"; fi
finish true`;

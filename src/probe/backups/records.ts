import type { BackupArtifact } from '../../fleet/backup.ts';
import type { BackupSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import type { ReadContext } from '../pools/reader.ts';
import { placeWords } from './place.ts';
import { progressOf } from './progress.ts';
import type { BackupReading } from './reader.ts';
import { artifactOf, readStamp } from './stamp.ts';

/** Longest a reading may take on the host, ms: a hung mount must not hold it. */
export const readDeadlineMs = 10_000;

/** A clock within this of ours is taken for right, so that a copy's time does not tremble between two readings. */
const sameClockMs = 5000;

/** The text that reads the records; lines begin with what they say, and `#end` shows that none is missing. */
function questions(spec: BackupSpec): string {
  return `# quarterdeck backup read ${spec.kind}
${placeWords(spec)}printf "#now %s\\n" "$(date +%s)"
if [ -n "$to" ] && [ ! -d "$to" ]; then
[ -d "$above" ] || printf "#error the folder %s is not there: is it mounted?\\n" "$above"
echo "#end"; exit 0
fi
if [ -d "$state" ] && { [ ! -r "$state" ] || [ ! -x "$state" ]; }; then printf "#error %s may not be read by this login\\n" "$state"; echo "#end"; exit 0; fi
if [ -f "$state/$slug.running" ]; then
s=$(line 6)
if lives; then
printf "#running %s %s %s\\n" "$(line 4)" "$(line 5 | grep . || echo -)" "$(stat -c %s "$to/$(copy "$s").partial" 2>/dev/null || echo -)"
printf "#type %s\\n" "$([ -d "$to/$(copy "$s").partial" ] && echo folder || echo file)"
printf "#line %s\\n" "$(tail -c 400 "$state/$slug.progress" 2>/dev/null | tr "\\r" "\\n" | grep -v "^ *$" | tail -n 1)"
elif [ ! -e "$state/$slug.$s.done" ] && [ ! -e "$state/$slug.$s.failed" ]; then
printf "#killed %s\\n" "$(stat -c %Y "$state/$slug.progress" 2>/dev/null || line 4)"
fi
fi
set --
for f in "$state/$slug".*.done; do if [ -f "$f" ] && there "$(when "$f")"; then set -- "$@" "$f"; fi; done
while [ "$#" -gt 5 ]; do shift; done
for f in "$@"; do printf "#done "; cat "$f"; done
f=
for g in "$state/$slug".*.failed; do [ ! -f "$g" ] || f=$g; done
[ -z "$f" ] || { printf "#failed "; cat "$f"; }
echo "#end"`;
}

/** What the records beside the copies say. Nothing of it depends on which console started a backup. */
export async function readRecords(spec: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  const result = await context.run(host.id, questions(spec), readDeadlineMs);
  if (result === null) return unread(`${host.name} has no connection now`);
  if (result.end !== 'exit' || result.exit === 124)
    return unread(`${host.name} did not tell its copies within ${readDeadlineMs / 1000} s: a hung mount?`);
  const lines = result.stdout.split('\n');
  if (!lines.includes('#end')) return unread(sanitizeLine(`the copies cannot be read: ${firstSaid(result.stderr)}`, 300));
  const error = after(lines, '#error ')[0];
  if (error !== undefined) return unread(sanitizeLine(error, 300));
  const hostNow = Number(after(lines, '#now ')[0]);
  if (!Number.isSafeInteger(hostNow)) return unread(`${host.name} does not tell its time`);
  const skew = hostNow * 1000 - context.now();
  const skewMs = Math.abs(skew) <= sameClockMs ? 0 : skew;
  const stamps = after(lines, '#done ').map(readStamp);
  if (stamps.includes(null)) return unread('a record of a copy cannot be understood');
  const artifacts = stamps
    .flatMap((stamp) => (stamp === null ? [] : [artifactOf(stamp, skewMs)]))
    // Listed oldest first: of two within one second the later one is the newer.
    .toReversed()
    .toSorted((a, b) => b.at - a.at);
  return { artifacts, running: runningIn(lines, skewMs, context.now()), failed: failedIn(lines, skewMs, artifacts), error: null };
}

export function unread(error: string): BackupReading {
  return { artifacts: [], running: null, failed: null, error };
}

function after(lines: readonly string[], word: string): string[] {
  return lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
}

function firstSaid(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'nothing was said'
  );
}

function runningIn(lines: readonly string[], skewMs: number, now: number): BackupReading['running'] {
  const words = after(lines, '#running ')[0]?.split(' ');
  if (words === undefined) return null;
  const [start, expected, grown] = words.map((word) => (/^\d{1,15}$/.test(word) ? Number(word) : null));
  const isFile = after(lines, '#type ')[0] === 'file';
  return progressOf({
    startedAt: start === null || start === undefined ? null : start * 1000 - skewMs,
    now,
    expected: expected ?? null,
    bytes: isFile ? (grown ?? null) : null,
    line: after(lines, '#line ')[0] ?? '',
  });
}

function failedIn(lines: readonly string[], skewMs: number, artifacts: readonly BackupArtifact[]): BackupReading['failed'] {
  const killed = Number(after(lines, '#killed ')[0] ?? 'none');
  const stamp = readStamp(after(lines, '#failed ')[0] ?? '');
  const attempts = [
    ...(Number.isSafeInteger(killed) ? [{ at: killed * 1000 - skewMs, why: 'it was killed before it ended, or its host went down' }] : []),
    ...(stamp === null ? [] : [{ at: stamp.end * 1000 - skewMs, why: stamp.why }]),
  ];
  const [newest] = attempts.toSorted((a, b) => b.at - a.at);
  if (newest === undefined) return null;
  // A success takes the records of earlier failures away, so what is left is newer, also within the same second.
  return newest.at >= (artifacts[0]?.at ?? 0) ? newest : null;
}

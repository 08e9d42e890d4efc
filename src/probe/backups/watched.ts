import type { BackupArtifact } from '../../fleet/backup.ts';
import type { BackupSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import { shq } from '../../remote/quote.ts';
import type { ReadContext } from '../pools/reader.ts';
import { placeWords, textOption } from './place.ts';
import type { BackupReading } from './reader.ts';
import { readDeadlineMs, readRecords, unread } from './records.ts';

/**
 * A file's time and size, or a folder's own time, which is not that of what lies in it: rsnapshot sets it when a copy is complete.
 * With rsnapshot's names (`daily.0`, `daily.1`, …) the older ones are told too.
 */
function questions(spec: BackupSpec, path: string): string {
  return `# quarterdeck backup read ${spec.kind}
${placeWords(spec)}seen=$(at ${shq(path)})
while [ "$seen" != / ] && [ "$seen" != "\${seen%/}" ]; do seen=\${seen%/}; done
over=\${seen%/*}; [ -n "$over" ] || over=/
printf "#now %s\\n" "$(date +%s)"
[ -d "$over" ] || { printf "#error the folder %s is not there: is it mounted?\\n" "$over"; echo "#end"; exit 0; }
[ -x "$over" ] || { printf "#error the folder %s may not be searched by this login\\n" "$over"; echo "#end"; exit 0; }
tell() { [ ! -e "$1" ] || printf "#copy %s %s %s\\n" "$(stat -L -c "%Y %s" -- "$1")" "$([ -d "$1" ] && echo folder || echo file)" "\${1##*/}"; }
case $seen in
*.0) for n in 0 1 2 3 4; do tell "\${seen%.0}.$n"; done ;;
*) tell "$seen" ;;
esac
echo "#end"`;
}

/** A copy made by somebody else: nothing says that it is whole, so `verified` stays unknown. */
export async function readWatched(spec: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  const path = textOption(spec, 'watch');
  if (path === null) return unread('the fleet file names nothing to watch');
  const result = await context.run(host.id, questions(spec, path), readDeadlineMs);
  if (result === null) return unread(`${host.name} has no connection now`);
  if (result.end !== 'exit' || result.exit === 124)
    return unread(`${host.name} did not tell of ${path} within ${readDeadlineMs / 1000} s: a hung mount?`);
  const lines = result.stdout.split('\n');
  const error = lines.find((line) => line.startsWith('#error '));
  if (!lines.includes('#end')) return unread(sanitizeLine(`${path} cannot be read: ${result.stderr.trim()}`, 300));
  if (error !== undefined) return unread(sanitizeLine(error.slice('#error '.length), 300));
  const skewMs = (Number(/^#now (\d+)$/m.exec(result.stdout)?.[1]) || 0) * 1000 - context.now();
  const artifacts = lines.flatMap((line): BackupArtifact[] => {
    const [, at, bytes, type, name = ''] = /^#copy (\d+) (\d+) (folder|file) (.*)$/.exec(line) ?? [];
    if (at === undefined) return [];
    const ours = Number(at) * 1000 - (Math.abs(skewMs) <= 5000 ? 0 : skewMs);
    return [{ name: sanitizeLine(name, 200), at: ours, bytes: type === 'file' ? Number(bytes) : null, tookMs: null, verified: null }];
  });
  return { artifacts: artifacts.toSorted((a, b) => b.at - a.at), running: null, failed: null, error: null };
}

/** A command or rsnapshot: the records of our own runs, and what it is watched by, whoever ran it. */
export async function readRunAndWatched(spec: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  const records = await readRecords(spec, host, context);
  if (records.error !== null || textOption(spec, 'watch') === null) return named(spec, records);
  const watched = await readWatched(spec, host, context);
  if (watched.error !== null) return unread(watched.error);
  const ours = named(spec, records).artifacts;
  const others = watched.artifacts.filter((copy) => !ours.some((own) => madeBy(own, copy)));
  const artifacts = [...ours, ...others].toSorted((a, b) => b.at - a.at).slice(0, 5);
  const failed = records.failed !== null && records.failed.at >= (artifacts[0]?.at ?? 0) ? records.failed : null;
  return { artifacts, running: records.running, failed, error: null };
}

/** Our record and what is watched are the same copy when it was written while we ran, to the second. */
function madeBy(own: BackupArtifact, copy: BackupArtifact): boolean {
  return copy.at <= own.at + 1000 && copy.at >= own.at - (own.tookMs ?? 0) - 1000;
}

/** The name of a run's copy is only its time; what is watched says more. */
function named(spec: BackupSpec, reading: BackupReading): BackupReading {
  const watch = textOption(spec, 'watch')?.replace(/^.*\//, '');
  if (watch === undefined || watch === '') return reading;
  return { ...reading, artifacts: reading.artifacts.map((copy) => ({ ...copy, name: `${watch} ${copy.name}` })) };
}

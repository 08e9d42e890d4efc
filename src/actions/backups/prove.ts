import type { BackupArtifact, BackupState } from '../../fleet/backup.ts';
import { formatBytes, formatDuration } from '../../fleet/duration.ts';
import { stampIn } from '../../probe/backups/stamp.ts';
import type { DriverContext, Proof, RequestOf, Sent } from '../driver.ts';
import { pause } from '../pause.ts';
import type { Plan, Progress } from '../plan.ts';
import { progressWords } from './words.ts';

/** A snapshot is taken at once but is whole only later. */
const askEveryMs = 5000;
export const longestWaitMs = 30 * 60_000;
/** Time that a cloud may take to list what it has just taken the order for. */
const listedWithinMs = 60_000;

/** The record of this run read back from beside its copy, or the cloud's own word that the snapshot is ready. */
export async function proveBackup(
  context: DriverContext,
  plan: Plan,
  request: RequestOf<'backup'>,
  sent: Sent,
  onProgress: (progress: Progress) => void,
): Promise<Proof> {
  const order = plan.commands.map((command) => command.cloud?.call).find((call) => call?.call === 'snapshot-create');
  if (order?.call === 'snapshot-create') return proveSnapshot(context, request, order.name, onProgress);
  const state = await context.world.freshBackup(request.name, request.hostId);
  if (state === null) return unknown(`backup ${request.name} is not in the fleet file any more`);
  if (state.error !== null) return unknown(`the copies cannot be read back: ${state.error}`);
  const told = stampIn(sent.results.map((result) => result.stdout).join('\n'));
  const copy = newCopy(plan, state, told?.artifact ?? null);
  if (copy === null) return noCopy(state, sent);
  const evidence = evidenceOf(copy, state, sent);
  if (copy.verified === true && copy.bytes === 0) return { kind: 'failed', summary: `the copy ${copy.name} is empty`, evidence };
  if (copy.verified === true) return { kind: 'ok', summary: `new copy ${copy.name}${sizeWords(copy)}, verified`, evidence };
  if (copy.verified === false) return { kind: 'failed', summary: `the copy ${copy.name} did not pass its verification`, evidence };
  return { ...unknown('it ended with exit 0, but the fleet file names nothing to watch that would show the copy'), evidence };
}

/** The copy that this run says it made; without its word, the one that was not there before. */
function newCopy(plan: Plan, state: BackupState, told: string | null): BackupArtifact | null {
  if (told !== null) return state.artifacts.find((copy) => copy.name === told || copy.name.endsWith(` ${told}`)) ?? null;
  const [newest] = state.artifacts;
  return newest === undefined || newest.name === plan.before['newest'] ? null : newest;
}

function noCopy(state: BackupState, sent: Sent): Proof {
  const stands = state.artifacts[0] === undefined ? [] : [`the last good copy stands: ${state.artifacts[0].name}`];
  if (state.running !== null) return { ...unknown(`it still runs on its host: ${progressWords(state.running)}`), evidence: stands };
  if (state.failed !== null) return { kind: 'failed', summary: state.failed.why, evidence: stands };
  const ended = sent.results.at(-1)?.end === 'exit';
  return {
    ...unknown(ended ? 'it ended with exit 0, but no record of a new copy is there' : 'no record of a new copy is there'),
    evidence: stands,
  };
}

function evidenceOf(copy: BackupArtifact, state: BackupState, sent: Sent): string[] {
  const before = state.artifacts.find((each) => each.name !== copy.name);
  const deleted = sent.results.flatMap((result) =>
    result.stdout.split('\n').filter((line) => /deleted/.test(line) && !line.startsWith('#')),
  );
  return [
    `its record: ${copy.name}${sizeWords(copy)}${copy.tookMs === null ? '' : `, took ${formatDuration(copy.tookMs)}`}`,
    ...(before === undefined ? ['it is the first'] : [`the one before: ${before.name}${sizeWords(before)}`]),
    ...deleted.slice(0, 10),
  ];
}

async function proveSnapshot(
  context: DriverContext,
  request: RequestOf<'backup'>,
  name: string,
  onProgress: (progress: Progress) => void,
): Promise<Proof> {
  const { clock } = context.world;
  const began = clock.monoMs();
  let error: string | null = null;
  for (;;) {
    const state = await context.world.freshBackup(request.name, request.hostId);
    const ready = state?.artifacts.find((copy) => copy.name === name);
    if (ready !== undefined)
      return { kind: 'ok', summary: `snapshot ${name} is ready${sizeWords(ready)}`, evidence: ['the cloud lists it as ready'] };
    error = state?.error ?? null;
    if (state?.failed?.why.includes(name) === true) return { kind: 'failed', summary: state.failed.why, evidence: [] };
    const waited = clock.monoMs() - began;
    const making = state?.running?.text?.includes(name) === true ? state.running : null;
    if (waited > longestWaitMs || (making === null && waited > listedWithinMs))
      return unknown(error ?? (making === null ? `the cloud does not list snapshot ${name}` : `snapshot ${name} is still being made`));
    if (making !== null) onProgress({ at: clock.wallMs(), phase: 'verify', text: progressWords(making), health: 'running' });
    await pause(askEveryMs);
  }
}

function unknown(summary: string): Proof {
  return { kind: 'unknown', summary, evidence: [] };
}

function sizeWords(copy: BackupArtifact): string {
  return copy.bytes === null ? '' : `, ${formatBytes(copy.bytes)}`;
}

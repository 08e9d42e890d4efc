import type { BackupSpec, Fleet } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { refusal, type Driver, type DriverContext, type DraftResult, type RequestOf } from '../driver.ts';
import { backupCommands, longestBackupMs } from './commands.ts';
import { proveBackup } from './prove.ts';
import { lockOf, nowWords, progressWords, proofWords, warnings } from './words.ts';

/** Makes a new copy, verifies it by its own kind, and only then lets old ones go. */
export const backup: Driver<RequestOf<'backup'>> = {
  action: 'backup',
  draft,
  progress: async (context, _plan, request) => {
    const state = await context.world.freshBackup(request.name, request.hostId);
    return state?.running == null ? null : progressWords(state.running);
  },
  longestMs: (fleet, request) => {
    const spec = fleet.backups.find((each) => each.name === request.name);
    return spec === undefined ? null : longestBackupMs(spec);
  },
  prove: (context, plan, request, sent, onProgress) => proveBackup(context, plan, request, sent, onProgress),
};

async function draft(context: DriverContext, view: HostView, request: RequestOf<'backup'>): Promise<DraftResult> {
  const { host } = view;
  const spec = backupOn(context.fleet, view, request.name);
  if (typeof spec === 'string') return refusal('unknown-target', spec);
  if (spec.kind === 'watch')
    return refusal(
      'not-available',
      `backup ${spec.name} is made by somebody else and only watched: the fleet file does not say how to make it`,
    );
  const state = await context.world.freshBackup(spec.name, host.id);
  if (state === null) return refusal('unknown-target', `backup ${spec.name} is not known on ${host.name}`);
  if (state.error !== null)
    return refusal('precheck', `the copies of ${spec.name} cannot be read, so nothing could be proven: ${state.error}`);
  if (state.running !== null)
    return refusal('lock', `backup ${spec.name} is already running on ${host.name}: ${progressWords(state.running)}`);
  const [newest] = state.artifacts;
  const commands = backupCommands(context.fleet, spec, view, request, newest?.name ?? null);
  if (typeof commands === 'string') return refusal('not-available', commands);
  return {
    ok: true,
    draft: {
      title: `Backup ${spec.name} on ${host.name}`,
      subject: `${host.name}/${spec.name}`,
      risk: 'change',
      locks: [{ hostId: host.id, hostName: host.name, lock: lockOf(spec), needed: true }],
      commands,
      proofs: [{ kind: 'copy', text: proofWords(spec) }],
      now: [nowWords(state, context.world.clock.wallMs())],
      expected: 'a new copy beside the ones that are there; nothing is overwritten',
      warnings: warnings(spec, state),
      undo: 'cannot be undone, and need not be: a new copy is made, nothing is overwritten',
      undoRequest: null,
      before: { newest: newest?.name ?? null },
    },
  };
}

/** The backup of this name on this host, or why there is none. */
function backupOn(fleet: Fleet, view: HostView, name: string): BackupSpec | string {
  const spec = fleet.backups.find((each) => each.name === name);
  if (spec === undefined) {
    const known = fleet.backups.map((each) => each.name).join(', ');
    return `the fleet file has no backup ${JSON.stringify(name)}${known === '' ? '' : `; it has ${known}`}`;
  }
  if (view.host.role !== null && spec.on.includes(view.host.role)) return spec;
  return `backup ${name} is on ${spec.on.join(', ')}; ${view.host.name} is ${view.host.role ?? 'without a role'}`;
}

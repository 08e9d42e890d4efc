import { sshOf } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { refusal, type Driver, type DriverContext, type RequestOf } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';

const deadlineMs = 60_000;
const checkDeadlineMs = 10_000;

/** Turns a role's maintenance mode on or off by the fleet file's own commands, proved by its check. */
export const maintenance: Driver<RequestOf<'maintenance'>> = {
  action: 'maintenance',
  draft: async (context, view, request) => {
    const { host } = view;
    const mode = host.role === null ? undefined : context.fleet.maintenanceMode.get(host.role);
    if (mode === undefined)
      return refusal('unknown-target', `the fleet file has no maintenance_mode for ${host.role ?? 'a host without a role'}`);
    const state = await modeOf(context, view);
    if (state === request.mode) return refusal('unknown-target', `maintenance mode of ${host.name} is already ${state}`);
    const inverse = request.mode === 'on' ? 'off' : 'on';
    return {
      ok: true,
      draft: {
        title: `Maintenance mode ${request.mode} on ${host.name}`,
        subject: `${host.name}/maintenance`,
        risk: 'change',
        commands: [plannedCommand(view, 'change', mode[request.mode], sshOf(context.fleet, host.role).sudo, deadlineMs)],
        proofs: [
          mode.check === null
            ? { kind: 'command', text: 'the command ends with exit 0; the fleet file names no check' }
            : { kind: 'command', text: `${mode.check} says it is ${request.mode}` },
        ],
        now: [{ text: `${host.name}: maintenance mode ${state ?? 'not known: no check'}`, health: state === null ? 'unknown' : 'ok' }],
        expected: `maintenance mode ${request.mode}`,
        warnings: request.mode === 'on' ? [`${host.name} answers users with its maintenance page while it is on`] : [],
        undo: `undone by maintenance ${inverse}`,
        undoRequest: { action: 'maintenance', hostId: request.hostId, mode: inverse },
        before: { mode: state },
      },
    };
  },
  longestMs: () => deadlineMs + checkDeadlineMs,
  prove: async (context, _plan, request, sent) => {
    const view = context.world.view(request.hostId);
    const state = view === null ? null : await modeOf(context, view);
    const exit = sent.results.at(-1)?.exit ?? null;
    if (state === request.mode) return { kind: 'ok', summary: `maintenance mode is ${state}`, evidence: ['its check says so'] };
    if (state !== null)
      return { kind: 'failed', summary: `its check says maintenance mode is still ${state}`, evidence: [], changed: false };
    return exit === 0
      ? { kind: 'unknown', summary: 'the command ended with exit 0, and there is no check to prove it', evidence: [] }
      : { kind: 'unknown', summary: 'the mode could not be read', evidence: [] };
  },
};

/** `null` when there is no check or it could not be asked. */
export async function modeOf(context: DriverContext, view: HostView): Promise<'on' | 'off' | null> {
  const check = view.host.role === null ? null : (context.fleet.maintenanceMode.get(view.host.role)?.check ?? null);
  if (check === null) return null;
  const command = plannedCommand(view, 'precheck', check, sshOf(context.fleet, view.host.role).sudo, checkDeadlineMs);
  const result = await context.read(view.host.id, command.command, checkDeadlineMs);
  if (result === null || result.end !== 'exit') return null;
  return result.exit === 0 ? 'on' : result.exit === 1 ? 'off' : null;
}

import { sshOf, type DrainSpec } from '../../fleet/definition.ts';
import { formatDuration } from '../../fleet/duration.ts';
import type { HostView } from '../../fleet/view.ts';
import { refusal, type Driver, type DriverContext, type RequestOf } from '../driver.ts';
import { pause } from '../pause.ts';
import { plannedCommand } from '../sudo-command.ts';

const deadlineMs = 60_000;
const countDeadlineMs = 15_000;
const countEveryMs = 5000;

/** Empties a stateful node: it stops accepting, then its count is watched down to zero. Nothing is ever killed. */
export const drain: Driver<RequestOf<'drain'>> = {
  action: 'drain',
  draft: async (context, view, request) => {
    const spec = specOf(context, view, request.name);
    if (typeof spec === 'string') return refusal('unknown-target', spec);
    const command = request.mode === 'stop' ? spec.stopAccepting : spec.resume;
    if (command === null) return refusal('not-available', `drains.${spec.name} of the fleet file names no resume command`);
    const count = await activeOn(context, view, spec);
    const stopping = request.mode === 'stop';
    return {
      ok: true,
      draft: {
        title: stopping ? `Drain ${spec.name} on ${view.host.name}` : `Let ${view.host.name} take ${spec.name} again`,
        subject: `${view.host.name}/${spec.name}`,
        risk: 'change',
        commands: [plannedCommand(view, 'change', command, sshOf(context.fleet, view.host.role).sudo, deadlineMs)],
        proofs: [
          stopping
            ? { kind: 'command', text: `${spec.active} prints 0, waited for up to ${formatDuration(spec.timeoutMs)}; nothing is killed` }
            : { kind: 'command', text: 'the command ends with exit 0' },
        ],
        now: [
          {
            text: `${view.host.name}: ${count === null ? 'the count could not be read' : `${count} still there`}`,
            health: count === null ? 'unknown' : 'ok',
          },
        ],
        expected: stopping ? 'no new work, then zero' : 'new work is taken again',
        warnings: [],
        undo:
          stopping && spec.resume !== null
            ? `undone by: ${spec.resume}`
            : stopping
              ? 'cannot be undone: the fleet file names no resume'
              : 'undone by draining again',
        undoRequest: stopping && spec.resume === null ? null : { ...request, mode: stopping ? 'resume' : 'stop' },
        // The count moves by itself; it is shown, not compared.
        before: {},
      },
    };
  },
  longestMs: (fleet, request) => {
    const spec = fleet.drains.find((each) => each.name === request.name);
    if (spec === undefined) return null;
    return deadlineMs + (request.mode === 'stop' ? spec.timeoutMs : 0);
  },
  prove: async (context, _plan, request, sent, onProgress) => {
    const view = context.world.view(request.hostId);
    const spec = view === null ? 'gone' : specOf(context, view, request.name);
    if (view === null || typeof spec === 'string')
      return { kind: 'unknown', summary: 'the host or its drain is no longer known', evidence: [] };
    const exit = sent.results.at(-1)?.exit ?? null;
    if (request.mode === 'resume') {
      return exit === 0
        ? { kind: 'ok', summary: 'the command to take new work ended with exit 0', evidence: [] }
        : { kind: 'unknown', summary: 'the end of the command was not seen', evidence: [] };
    }
    const { clock } = context.world;
    const deadline = clock.monoMs() + spec.timeoutMs;
    let told: number | null = null;
    let count: number | null = null;
    while (clock.monoMs() < deadline) {
      count = await activeOn(context, view, spec);
      if (count === 0) return { kind: 'ok', summary: 'takes no new work, and none is left', evidence: [`${spec.active}: 0`] };
      if (count !== told)
        onProgress({
          at: clock.wallMs(),
          phase: 'verify',
          text: count === null ? 'the count could not be read' : `${count} still there`,
          health: 'running',
        });
      told = count;
      await pause(countEveryMs);
    }
    const left = count === null ? 'the count could not be read' : `${count} still there`;
    // Closed to new work: that is what is taken back, or what a second drain goes on with.
    return {
      kind: count === null ? 'unknown' : 'failed',
      changed: sent.results.at(-1)?.exit === 0,
      summary: `${left} after ${formatDuration(spec.timeoutMs)}; it takes no new work, and nothing was killed`,
      evidence: [],
    };
  },
};

function specOf(context: DriverContext, view: HostView, name: string): DrainSpec | string {
  const spec = context.fleet.drains.find((each) => each.name === name);
  if (spec === undefined) return `the fleet file has no drains ${JSON.stringify(name)}`;
  return view.host.role !== null && spec.on.includes(view.host.role)
    ? spec
    : `drains.${name} is for ${spec.on.join(', ')}, not for ${view.host.name}`;
}

/** How many are still there; `null` when the command did not print a whole number. */
export async function activeOn(context: DriverContext, view: HostView, spec: DrainSpec): Promise<number | null> {
  const command = plannedCommand(view, 'precheck', spec.active, sshOf(context.fleet, view.host.role).sudo, countDeadlineMs);
  const result = await context.read(view.host.id, command.command, countDeadlineMs);
  if (result === null || result.end !== 'exit' || result.exit !== 0 || !/^\d+$/.test(result.stdout.trim())) return null;
  return Number(result.stdout.trim());
}

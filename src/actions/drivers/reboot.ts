import { sshOf, servicesOn } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { consoleHints } from '../../health/out-of-band.ts';
import type { Driver, RequestOf } from '../driver.ts';
import { refusal } from '../driver.ts';
import { pause } from '../pause.ts';
import { plannedCommand } from '../sudo-command.ts';
import { emptiness } from './stateful.ts';

const deadlineMs = 30_000;
const comeBackMs = 10 * 60_000;
const lookEveryMs = 2000;

/** Reboots a host and waits for its new boot id and for its services. One with a stateful service only where nothing is left on it. */
export const reboot: Driver<RequestOf<'reboot'>> = {
  action: 'reboot',
  draft: async (context, view) => {
    const { host } = view;
    if (host.provider === 'local') return refusal('unknown-target', 'this machine is not rebooted from its own console');
    const warnings: string[] = [];
    for (const service of servicesOn(context.fleet, host.role).filter((each) => each.stateful)) {
      const found = await emptiness(context, view, service);
      if (found.kind === 'held') return refusal('stateful', found.why);
      warnings.push(...found.warnings);
    }
    const bootId = view.sample?.bootId ?? null;
    if (bootId === null) return refusal('unreachable', `the boot id of ${host.name} is not known: a reboot could not be proved`);
    const sudo = sshOf(context.fleet, host.role).sudo;
    return {
      ok: true,
      draft: {
        title: `Reboot ${host.name}`,
        subject: host.name,
        risk: 'danger',
        // The shell must answer before the machine goes, so the reboot begins a second later.
        commands: [{ ...plannedCommand(view, 'change', '(sleep 1; systemctl reboot || reboot) >/dev/null 2>&1 &', sudo, deadlineMs) }],
        proofs: [
          { kind: 'boot', text: 'another boot id' },
          { kind: 'unit', text: 'its services run again' },
        ],
        now: [
          {
            text: `${host.name}: up ${Math.round((view.sample?.uptimeS ?? 0) / 3600)} h, boot ${bootId.slice(0, 8)}`,
            health: view.verdict.health,
          },
        ],
        expected: `${host.name} back within ${comeBackMs / 60_000} minutes with a new boot id`,
        warnings: [`everything on ${host.name} stops until it is back`, ...warnings],
        undo: 'cannot be undone',
        undoRequest: null,
        before: { bootId },
      },
    };
  },
  longestMs: () => deadlineMs + comeBackMs,
  prove: async (context, plan, request, _sent, onProgress) => {
    const { world } = context;
    const deadline = world.clock.monoMs() + comeBackMs;
    let told = '';
    while (world.clock.monoMs() < deadline) {
      await world.freshRound(request.hostId);
      const view = world.view(request.hostId);
      const bootId = view?.reach.reach === 'ok' ? (view.sample?.bootId ?? null) : null;
      const down = (view?.services ?? []).filter((service) => service.health !== 'ok').map((service) => service.name);
      const back = bootId !== null && bootId !== plan.before['bootId'];
      if (back && down.length === 0) return { kind: 'ok', summary: `back with boot ${bootId.slice(0, 8)}, all services run`, evidence: [] };
      const text = back ? `back; waiting for ${down.join(', ')}` : `waiting (${view?.reach.reach ?? 'gone'})`;
      if (text !== told) onProgress({ at: world.clock.wallMs(), phase: 'verify', text, health: 'running' });
      told = text;
      await pause(lookEveryMs);
    }
    const view = world.view(request.hostId);
    const now = view?.reach.reach === 'ok' ? (view.sample?.bootId ?? null) : null;
    if (now !== null && now !== plan.before['bootId']) {
      const down = (view?.services ?? []).filter((service) => service.health !== 'ok').map((service) => service.name);
      return { kind: 'failed', summary: `back with boot ${now.slice(0, 8)}, but not well: ${down.join(', ')}`, evidence: [] };
    }
    const same = view?.sample?.bootId === plan.before['bootId'] && view?.reach.reach === 'ok';
    return same
      ? { kind: 'failed', summary: 'it still runs the boot it had before', evidence: [] }
      : {
          kind: 'unknown',
          summary: `not back after ${comeBackMs / 60_000} minutes: ${told}`,
          evidence: view === null ? [] : outOfBand(view),
        };
  },
};

/** Where to look when the shell stays away, for whoever reads the end of it. */
function outOfBand(view: HostView): readonly string[] {
  const hints = consoleHints(view);
  return hints.length > 0
    ? hints.map((hint) => `out of band: ${hint}`)
    : [`out of band: no label of ${view.host.name} names its console (console, ipmi, ilo, …)`];
}

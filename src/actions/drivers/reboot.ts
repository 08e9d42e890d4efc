import { sshOf, servicesOn } from '../../fleet/definition.ts';
import type { Driver, RequestOf } from '../driver.ts';
import { refusal } from '../driver.ts';
import { pause } from '../pause.ts';
import { plannedCommand } from '../sudo-command.ts';

const deadlineMs = 30_000;
const comeBackMs = 10 * 60_000;
const lookEveryMs = 2000;

/** Reboots a host and waits for its new boot id and for its services. */
export const reboot: Driver<RequestOf<'reboot'>> = {
  action: 'reboot',
  draft: (context, view) => {
    const { host } = view;
    if (host.provider === 'local') return refusal('unknown-target', 'this machine is not rebooted from its own console');
    const stateful = servicesOn(context.fleet, host.role).find((service) => service.stateful);
    if (stateful !== undefined) return refusal('stateful', `${host.name} runs ${stateful.name}, which is stateful: drain it first`);
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
        warnings: [`everything on ${host.name} stops until it is back`],
        undo: 'cannot be undone',
        undoRequest: null,
        before: { bootId },
      },
    };
  },
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
    const same = view?.sample?.bootId === plan.before['bootId'] && view?.reach.reach === 'ok';
    return same
      ? { kind: 'failed', summary: 'it still runs the boot it had before', evidence: [] }
      : { kind: 'unknown', summary: `not back after ${comeBackMs / 60_000} minutes: ${told}`, evidence: [] };
  },
};

import type { Console } from '../console.ts';
import { sayNotSuspended } from '../not-suspended.ts';
import { refresh } from '../palette.ts';
import { disarm, offerArming } from '../arming-flow.ts';
import { offerRestart, planRestart } from '../restart-flow.ts';
import { showDialog } from '../show-dialog.ts';
import { bandEnv, type Session } from '../session.ts';
import { aboutHost, type Binding, binding, later, needsHost } from './binding.ts';

/** Restart and arming, and the keys of later releases. */
export const changing: readonly Binding[] = [
  binding({
    id: 'restart',
    keys: ['r'],
    label: 'restart',
    description: 'Restart a service of the host, or of all marked hosts: first the list, then a plan, then it asks',
    group: 'change',
    screens: aboutHost,
    dangerous: true,
    footer: 3,
    aboutHost: true,
    disabled: needsHost,
    run: offerRestart,
  }),
  binding({
    id: 'arm',
    keys: ['A'],
    label: 'arm writes',
    description: 'Arm writes in this environment for 5 minutes; again locks them',
    group: 'change',
    dangerous: true,
    footer: 6,
    disabled: (s) => (s.console.readOnly ? 'this console was started read-only' : bandEnv(s) === null ? 'no environment is shown' : null),
    run: (s) => {
      const env = bandEnv(s);
      if (env === null) return;
      if (s.console.executor.armed(env).state === 'armed') disarm(s, env);
      else offerArming(s, env, null);
    },
  }),
  later('shell', 's', 'shell', 'A shell on the host', 'change', true),
  later('acknowledge', 'a', 'ack', 'Take charge of an alert', 'change'),
  later('maintenance', 'm', 'maintenance', 'Announce maintenance', 'change', true),
  later('logs', 'l', 'logs', 'Logs of the marked hosts', 'open'),
  later('wrap', 'w', 'wrap', 'Wrap long lines', 'open'),
  later('time', 't', 'time', 'Show times', 'open'),
  later('full-screen', 'f', 'full screen', 'Only the log', 'open'),
  later('copy', 'c', 'copy', 'Copy to the clipboard', 'open'),
  later('save', 'ctrl-s', 'save', 'Save or export what is shown', 'open'),
];

/** The picker begins where the fleet stands, so that Enter alone changes nothing. Row 0 is none. */
function presentScenario({ console: { scenarios } }: Session): number {
  const present = scenarios?.current() ?? null;
  return present === null ? 0 : 1 + (scenarios?.list.findIndex((one) => one.name === present) ?? -1);
}

/** Keys about the console itself. */
export const housekeeping: readonly Binding[] = [
  binding({ id: 'refresh', keys: ['ctrl-r'], label: 'refresh', description: 'Ask every host now', group: 'console', run: refresh }),
  binding({
    id: 'suspend',
    keys: ['ctrl-z'],
    label: 'suspend',
    description: 'Says why the console does not go to the background: its watch, runs and locks would stand still',
    group: 'console',
    run: sayNotSuspended,
  }),
  binding({
    id: 'redraw',
    keys: ['ctrl-l'],
    label: 'redraw',
    description: 'Draw the screen anew',
    group: 'console',
    run: (s) => s.redraw(),
  }),
  binding({
    id: 'scenario',
    keys: ['X'],
    label: 'break it',
    footer: 7,
    description: 'Demo only: break or mend the demo fleet',
    group: 'console',
    disabled: (s) => (s.console.scenarios === null ? 'only in the demo' : null),
    run: (s) => showDialog(s, { kind: 'scenario', cursor: presentScenario(s) }),
  }),
  binding({
    id: 'cancel',
    keys: ['ctrl-c'],
    label: 'cancel',
    description: 'Cancel what is open; twice quits',
    group: 'console',
    run: () => {},
  }),
];

/** The chords `r …` of the fleet file, each a plan for that service on the host under the cursor. */
export function restartChords(serviceKeys: Console['serviceKeys']): Binding[] {
  return [...serviceKeys].map(([service, key]) =>
    binding({
      id: `restart-${service}`,
      keys: [`r ${key}`],
      label: service,
      description: `Plan a restart of ${service} on the host`,
      group: 'change',
      screens: aboutHost,
      dangerous: true,
      aboutHost: true,
      disabled: (s) => (s.selected()?.services.some((one) => one.name === service) === true ? null : `the host has no service ${service}`),
      run: (s) => {
        const view = s.selected();
        if (view !== null) void planRestart(s, { action: 'restart', hostId: view.host.id, service });
      },
    }),
  );
}

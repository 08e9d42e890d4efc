import type { Scenario } from './scenario.ts';

const downMs = 9_000;
const upMs = 14_000;

/** sshd and nginx of one web come and go together, as on a machine that runs out of memory. */
export const webFlap: Scenario = {
  name: 'web-flap',
  title: 'web1 comes and goes',
  what: 'sshd and nginx on web1 are away for 9 seconds, back for 14, away again.',
  apply(fleet) {
    const machine = fleet.find('web1');
    const nginx = machine?.unit('nginx') ?? null;
    let callOff = (): void => {};
    const back = (): void => {
      void nginx?.start();
      machine?.setReachable(true);
    };
    const away = (): void => {
      machine?.setReachable(false);
      void nginx?.stop();
      callOff = fleet.clock.after(downMs, () => {
        back();
        callOff = fleet.clock.after(upMs, away);
      });
    };
    away();
    return () => {
      callOff();
      back();
    };
  },
};

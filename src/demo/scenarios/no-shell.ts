import type { Scenario } from './scenario.ts';

export const noShell: Scenario = {
  name: 'no-shell',
  title: 'web2 lets you in and gives no shell',
  what: 'The SSH server of web2 takes every login and starts nothing any more, as a host does whose disk hangs; its cloud says that it runs.',
  apply(fleet) {
    const machine = fleet.find('web2');
    machine?.setShell(false);
    return () => machine?.setShell(true);
  },
};

import type { Scenario } from './scenario.ts';

export const hostDown: Scenario = {
  name: 'host-down',
  title: 'web2 refuses connections',
  what: 'Nothing listens on the SSH port of web2 any more and its open connections are cut.',
  apply(fleet) {
    const machine = fleet.find('web2');
    machine?.setReachable(false);
    return () => machine?.setReachable(true);
  },
};

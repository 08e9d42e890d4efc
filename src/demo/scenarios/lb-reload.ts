import { haproxyOf } from '../answers/haproxy-state.ts';
import type { Scenario } from './scenario.ts';

/** How long a server is out before somebody else's deployment reloads the balancer, ms. */
const outMs = 12_000;
const lookMs = 1000;

/** The runtime socket changes memory, not the configuration: without a state file a reload knows nothing of it. */
export const lbReload: Scenario = {
  name: 'lb-reload',
  title: 'haproxy on lb1 reloads and forgets a drain',
  what: 'Twelve seconds after a server was drained or put into maintenance, haproxy on lb1 is reloaded. It keeps no server-state file, so every server is ready again and gets requests.',
  apply(fleet) {
    const balancer = fleet.find('lb1');
    if (balancer === null) return () => {};
    let callOff = (): void => {};
    const look = (): void => {
      const since = haproxyOf(balancer).outSince();
      if (since !== null && fleet.clock.now() - since >= outMs) balancer.unit('haproxy')?.reload();
      callOff = fleet.clock.after(lookMs, look);
    };
    look();
    return () => callOff();
  },
};

import type { Scenario } from './scenario.ts';

export const cpuHog: Scenario = {
  name: 'cpu-hog',
  title: 'Something eats the processors of web1',
  what: 'A runaway process keeps web1 at 97 % used; its services still answer.',
  apply(fleet) {
    const machine = fleet.find('web1');
    if (machine !== null) machine.levers.hog = 0.97;
    return () => {
      if (machine !== null) machine.levers.hog = null;
    };
  },
};

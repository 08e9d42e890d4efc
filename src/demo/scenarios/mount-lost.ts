import type { Scenario } from './scenario.ts';

/** The trap of a check that looks at the status alone: without its data directory, pencils answers 200 with an error in the body. */
export const mountLost: Scenario = {
  name: 'mount-lost',
  title: 'web1 has lost its NFS mount',
  what: '/mnt/datadisk is not mounted on web1. /load/first still answers 200, but its body says "Could not read file first".',
  apply(fleet) {
    const machine = fleet.find('web1');
    if (machine !== null) machine.mountLost = true;
    return () => {
      if (machine !== null) machine.mountLost = false;
    };
  },
};

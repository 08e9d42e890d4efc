import { filesOf } from '../machine/files.ts';
import type { Scenario } from './scenario.ts';

export const backupEmptySource: Scenario = {
  name: 'backup-empty-source',
  title: '/data on nfs1 is an empty folder',
  what: 'The data disk of nfs1 was unmounted lazily: nfsd goes on with what it holds open, but whoever looks at /data finds an empty folder without its marker .mounted. A backup must refuse it.',
  apply(fleet) {
    const machine = fleet.find('nfs1');
    if (machine === null) return () => {};
    machine.unmounted.add('/data');
    filesOf(machine).hide('/data');
    return () => {
      machine.unmounted.delete('/data');
      filesOf(machine).show('/data');
    };
  },
};

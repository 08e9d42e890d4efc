import { fillTo } from '../machine/filesystem.ts';
import type { Scenario } from './scenario.ts';

/** How `df` will print /data, per cent. */
const fullPct = 97;

export const diskFull: Scenario = {
  name: 'disk-full',
  title: '/data on nfs1 is nearly full',
  what: 'The filesystem behind every site has reached 97 % of its blocks; its inodes are at 91 %.',
  apply(fleet) {
    const data = fleet.find('nfs1')?.filesystems.find(({ mount }) => mount === '/data');
    if (data === undefined) return () => {};
    const { usedKb, inodesUsed } = data;
    fillTo(data, fullPct);
    data.inodesUsed = Math.floor(data.inodes * 0.905);
    return () => {
      data.usedKb = usedKb;
      data.inodesUsed = inodesUsed;
    };
  },
};

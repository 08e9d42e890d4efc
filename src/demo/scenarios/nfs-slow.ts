import type { Scenario } from './scenario.ts';

/** A backup by day: the data disk is at the operations a second it was sold with. */
export const nfsSlow: Scenario = {
  name: 'nfs-slow',
  title: 'NFS is slow',
  what: 'A backup on nfs1 drives the data disk to its ceiling of 3,000 operations a second. NFS calls take 48 ms instead of 1.5, nfs1 waits for its disk, and so do the webs.',
  apply(fleet) {
    const daemon = fleet.find('nfs1')?.nfsServer ?? null;
    daemon?.setMode('slow', fleet.clock.now());
    return () => daemon?.setMode('ok', fleet.clock.now());
  },
};

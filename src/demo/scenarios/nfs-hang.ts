import type { Scenario } from './scenario.ts';

/** The disk behind /data stops answering: nfsd threads and everything on the webs that touches the mount wait. */
export const nfsHang: Scenario = {
  name: 'nfs-hang',
  title: 'NFS hangs',
  what: 'The data disk of nfs1 answers no more. nfs1 takes logins, but no NFS call ends: requests pile up on every web, processes hang in state D, the load climbs and /load/first never answers.',
  apply(fleet) {
    const daemon = fleet.find('nfs1')?.nfsServer ?? null;
    daemon?.setMode('stuck', fleet.clock.now());
    return () => daemon?.setMode('ok', fleet.clock.now());
  },
};

import type { NfsServer } from '../machine/nfs-server.ts';

/** Words of `proc4ops` on kernel 6.1: operations of NFS 4.2 and the unused numbers before them. */
const nfs4OpCount = 76;

/** /proc/net/rpc/nfsd (fs/nfsd/stats.c, net/sunrpc/stats.c). The first number of a `proc` line is the count of its fields. */
export function procNfsd(server: NfsServer): string {
  const calls = server.calls();
  const all = calls.reduce((sum, count) => sum + count, 0);
  const { read, written } = server.payload();
  return [
    `rc 0 ${Math.floor(all * 0.11)} ${Math.floor(all * 0.89)}`,
    'fh 0 0 0 0 0',
    `io ${read} ${written}`,
    `th ${server.threads} 0 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000`,
    'ra 0 0 0 0 0 0 0 0 0 0 0 0',
    `net ${all} 0 ${all} ${server.clients.length}`,
    `rpc ${all} 0 0 0 0`,
    `proc3 ${calls.length} ${calls.join(' ')}`,
    'proc4 2 0 0',
    `proc4ops ${nfs4OpCount} ${Array<number>(nfs4OpCount).fill(0).join(' ')}`,
    '',
  ].join('\n');
}

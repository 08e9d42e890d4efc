/** How one NFS version 3 procedure behaves on a calm day. */
export interface NfsOpProfile {
  readonly name: string;
  /** Share of all calls. */
  readonly share: number;
  /** Bytes of one call and of its reply, RPC headers included. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly rttMs: number;
}

/** In the kernel's order (fs/nfs/nfs3xdr.c, nfs3_procedures), which is also that of `proc3` in /proc/net/rpc/nfsd. */
export const nfs3Ops: readonly NfsOpProfile[] = [
  op('NULL', 0, 44, 24, 0.4),
  op('GETATTR', 0.372, 128, 112, 0.6),
  op('SETATTR', 0.011, 168, 144, 2.1),
  op('LOOKUP', 0.124, 148, 236, 0.8),
  op('ACCESS', 0.163, 132, 120, 0.6),
  op('READLINK', 0.004, 128, 164, 0.7),
  op('READ', 0.142, 144, 16_512, 2.6),
  op('WRITE', 0.062, 8_372, 136, 4.1),
  op('CREATE', 0.012, 184, 272, 3.6),
  op('MKDIR', 0.001, 180, 272, 3.9),
  op('SYMLINK', 0, 200, 260, 3.4),
  op('MKNOD', 0, 180, 260, 3.4),
  op('REMOVE', 0.006, 148, 144, 3.2),
  op('RMDIR', 0, 148, 144, 3.2),
  op('RENAME', 0.005, 212, 260, 3.8),
  op('LINK', 0, 180, 212, 3.2),
  op('READDIR', 0.003, 152, 4_180, 3.4),
  op('READDIRPLUS', 0.061, 156, 7_940, 3.9),
  op('FSSTAT', 0.002, 124, 168, 0.6),
  op('FSINFO', 0, 124, 164, 0.5),
  op('PATHCONF', 0, 124, 140, 0.5),
  op('COMMIT', 0.032, 140, 128, 3.0),
];

/** Mean round trip of the mix above, ms. */
export const calmRttMs =
  nfs3Ops.reduce((sum, profile) => sum + profile.share * profile.rttMs, 0) / nfs3Ops.reduce((sum, profile) => sum + profile.share, 0);

/** Place of a procedure in `nfs3Ops`. */
export function opIndex(name: string): number {
  return nfs3Ops.findIndex((profile) => profile.name === name);
}

function op(name: string, share: number, sentBytes: number, receivedBytes: number, rttMs: number): NfsOpProfile {
  return { name, share, sentBytes, receivedBytes, rttMs };
}

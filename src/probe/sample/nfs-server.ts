import type { NfsServerSample } from '../../fleet/sample.ts';
import { increase, intervalS, rate } from '../interval.ts';
import type { Measured } from '../measured.ts';

/**
 * The NFS server's load: `iops` are RPC calls a second, the unit of the clients' op/s, `badCalls` those refused in the interval.
 * `null` on hosts that serve nothing.
 */
export function nfsServerSample(previous: Measured | null, now: Measured): NfsServerSample | null {
  const after = now.nfsd;
  if (after === null) return null;
  const seconds = intervalS(previous, now);
  const before = seconds === null ? null : (previous?.nfsd ?? null);
  return {
    iops: rate(before?.calls, after.calls, seconds),
    readOps: rate(before?.reads, after.reads, seconds),
    writeOps: rate(before?.writes, after.writes, seconds),
    readBytes: rate(before?.readBytes, after.readBytes, seconds),
    writeBytes: rate(before?.writeBytes, after.writeBytes, seconds),
    badCalls: increase(before?.badCalls, after.badCalls),
    threads: after.threads,
  };
}

import type { NfsMountSample, NfsOpSample } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import { increase, intervalS } from '../interval.ts';
import type { Measured } from '../measured.ts';
import { mountKey } from '../nfs-seeking.ts';
import type { NfsMountCounters, NfsOpCounters } from '../parse/mountstats.ts';

const readOps: readonly string[] = ['READ', 'READ_PLUS'];
const writeOps: readonly string[] = ['WRITE'];

/** What one mount's counters did between two readings. */
interface Change {
  readonly seconds: number;
  readonly ops: readonly NfsOpCounters[];
  readonly sends: number | null;
  readonly receives: number | null;
}

/** Counters per operation gained; `null` when one went back: mounted anew, or reset. */
function gained(before: readonly NfsOpCounters[], after: readonly NfsOpCounters[]): readonly NfsOpCounters[] | null {
  const earlier = new Map(before.map((op) => [op.op, op]));
  const changes: NfsOpCounters[] = [];
  for (const op of after) {
    const from = earlier.get(op.op);
    earlier.delete(op.op);
    const change: NfsOpCounters = {
      op: op.op,
      operations: op.operations - (from?.operations ?? 0),
      transmissions: op.transmissions - (from?.transmissions ?? 0),
      majorTimeouts: op.majorTimeouts - (from?.majorTimeouts ?? 0),
      bytesSent: op.bytesSent - (from?.bytesSent ?? 0),
      bytesReceived: op.bytesReceived - (from?.bytesReceived ?? 0),
      queueMs: op.queueMs - (from?.queueMs ?? 0),
      rttMs: op.rttMs - (from?.rttMs ?? 0),
      exeMs: op.exeMs - (from?.exeMs ?? 0),
      errors: op.errors === null ? null : op.errors - (from?.errors ?? 0),
    };
    if (wentBack(change)) return null;
    if (change.operations > 0 || change.majorTimeouts > 0 || change.transmissions > 0) changes.push(change);
  }
  return earlier.size > 0 ? null : changes;
}

function wentBack(change: NfsOpCounters): boolean {
  const { operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs } = change;
  return Math.min(operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs, change.errors ?? 0) < 0;
}

function changeOf(before: NfsMountCounters | undefined, after: NfsMountCounters, seconds: number | null): Change | null {
  if (before === undefined || seconds === null || before.ops === null || after.ops === null) return null;
  if (before.ageS !== null && after.ageS !== null && after.ageS < before.ageS) return null;
  const ops = gained(before.ops, after.ops);
  if (ops === null) return null;
  return {
    seconds,
    ops,
    sends: increase(before.xprt?.sends, after.xprt?.sends),
    receives: increase(before.xprt?.receives, after.xprt?.receives),
  };
}

function sum(ops: readonly NfsOpCounters[], of: (op: NfsOpCounters) => number): number {
  return ops.reduce((total, op) => total + of(op), 0);
}

/** Mean ms an operation; `null` when none completed. */
function mean(totalMs: number, operations: number): number | null {
  return operations > 0 ? totalMs / operations : null;
}

/** Requests transmitted again never get an answer of their own, but only count once they are through. */
function retransmitted(op: NfsOpCounters): number {
  return Math.max(0, op.transmissions - op.operations);
}

/** Mounts of one server and version share a transport, since the kernel shares its nfs_client between them. */
function transportKey(mount: NfsMountCounters): string {
  return `${mount.server.replace(/:\/.*$/, '')} ${mount.version ?? ''}`;
}

/** RPCs on their way now: sent, not answered, and not the lost copy of one that was sent again (a reconnect leaves such for good). */
function outstanding(mount: NfsMountCounters, sharing: readonly NfsMountCounters[]): number | null {
  if (mount.xprt === null) return null;
  const again = sum(
    sharing.flatMap((one) => one.ops ?? []),
    retransmitted,
  );
  return Math.max(0, mount.xprt.sends - mount.xprt.receives - again);
}

/** Asked of the mount's root before anything else is reached; neither fails for a file that is not there, as a LOOKUP does. */
const rootOps: readonly string[] = ['GETATTR', 'ACCESS'];

/** Whether the server answered, and with an error to every such question: its export is gone, or our handle of it is stale. */
function refused(change: Change): boolean {
  const asked = change.ops.filter((op) => rootOps.includes(op.op));
  const operations = sum(asked, (op) => op.operations);
  return operations > 0 && asked.every(({ errors }) => errors !== null) && sum(asked, (op) => op.errors ?? 0) >= operations;
}

interface Ends {
  readonly before: number | null;
  readonly now: number | null;
  readonly shared: boolean;
  /** Whether it sought its server in vain at both ends, and somebody waits for it. */
  readonly sought: boolean;
}

/**
 * `hung` needs requests out at both ends of the interval and none through between: one reading alone may just catch a quick
 * request on an idle mount. On a shared transport answers to other mounts show that the server lives. Requests whose process was
 * killed count as completed, though nothing was received.
 */
function stateOf(change: Change | null, { before, now, shared, sought }: Ends): NfsMountSample['state'] {
  if (change === null || now === null || before === null) return 'unknown';
  if (sum(change.ops, (op) => op.operations) > 0 && (shared || change.receives !== 0)) return refused(change) ? 'refused' : 'ok';
  if (sought) return 'hung';
  if (now > 0 && before > 0 && !(shared && change.receives !== 0)) return 'hung';
  return now > 0 ? 'ok' : 'idle';
}

function opSample(op: NfsOpCounters, seconds: number): NfsOpSample {
  return {
    op: shown(op.op, 40),
    perS: op.operations / seconds,
    rttMs: mean(op.rttMs, op.operations),
    exeMs: mean(op.exeMs, op.operations),
    queueMs: mean(op.queueMs, op.operations),
    retransPerS: retransmitted(op) / seconds,
    timeouts: op.majorTimeouts,
  };
}

/**
 * NFS mounts with nfsiostat's own figures: `iops` are RPCs sent a second over the mount's transport (over a shared one the mount's
 * own completed operations), bytes are request and answer with their headers.
 * @see nfsiostat(8), nfs-utils tools/nfs-iostat/nfs-iostat.py
 */
export function nfsMountSamples(previous: Measured | null, now: Measured): readonly NfsMountSample[] | null {
  if (now.nfsMounts === null) return null;
  const seconds = intervalS(previous, now);
  const earlier = previous?.nfsMounts ?? [];
  const before = new Map(earlier.map((mount) => [mountKey(mount), mount]));
  const seeks = (of: Measured | null, mount: NfsMountCounters): boolean => of?.nfsSeeking.has(mountKey(mount)) === true;
  // A mount that nobody waits for is idle, whatever its server does.
  const waiting = (now.slow?.dState ?? 1) > 0;
  return now.nfsMounts.map((mount) => {
    const was = before.get(mountKey(mount));
    const sharing = (all: readonly NfsMountCounters[]): NfsMountCounters[] =>
      all.filter((one) => transportKey(one) === transportKey(mount));
    const mates = sharing(now.nfsMounts ?? []);
    const change = changeOf(was, mount, seconds);
    const out = outstanding(mount, mates);
    const ops = change?.ops ?? [];
    const ratio = (total: number): number | null => (change === null ? null : total / change.seconds);
    const of = (names: readonly string[]): NfsOpCounters[] => ops.filter((op) => names.includes(op.op));
    const operations = sum(ops, (op) => op.operations);
    const bytes = (op: NfsOpCounters): number => op.bytesSent + op.bytesReceived;
    const rpcs = mates.length > 1 || change === null || change.sends === null ? operations : change.sends;
    const reads = sum(of(readOps), (op) => op.operations);
    const writes = sum(of(writeOps), (op) => op.operations);
    return {
      mount: shown(mount.mount),
      server: shown(mount.server),
      version: mount.version === null ? null : shown(mount.version),
      iops: ratio(rpcs),
      readOps: ratio(reads),
      writeOps: ratio(writes),
      metaOps: ratio(operations - reads - writes),
      readBytes: ratio(sum(of(readOps), bytes)),
      writeBytes: ratio(sum(of(writeOps), bytes)),
      rttMs: mean(
        sum(ops, (op) => op.rttMs),
        operations,
      ),
      exeMs: mean(
        sum(ops, (op) => op.exeMs),
        operations,
      ),
      queueMs: mean(
        sum(ops, (op) => op.queueMs),
        operations,
      ),
      retransPerS: ratio(sum(ops, retransmitted)),
      timeouts: change === null ? null : sum(ops, (op) => op.majorTimeouts),
      outstanding: out,
      state: stateOf(change, {
        before: was === undefined ? null : outstanding(was, sharing(earlier)),
        now: out,
        shared: mates.length > 1,
        sought: waiting && seeks(previous, mount) && seeks(now, mount),
      }),
      ops: [...ops].sort((a, b) => b.operations - a.operations).map((op) => opSample(op, change?.seconds ?? 1)),
    };
  });
}

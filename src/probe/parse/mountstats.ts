import { mountName } from './mount-name.ts';
import { lineAfter, unsigned, words } from './numbers.ts';

/** Counters of one NFS operation since the mount; times are sums in ms over its operations. */
export interface NfsOpCounters {
  readonly op: string;
  readonly operations: number;
  readonly transmissions: number;
  readonly majorTimeouts: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly queueMs: number;
  readonly rttMs: number;
  readonly exeMs: number;
}

/** RPCs sent and answers received over the transports since the mount. Mounts of one server may share transports. */
export interface XprtCounters {
  readonly sends: number;
  readonly receives: number;
  /** The lines as they came: two mounts with the same ones share their transports. */
  readonly identity: string;
}

export interface NfsMountCounters {
  readonly mount: string;
  readonly server: string;
  readonly version: string | null;
  /** Seconds since it was mounted. */
  readonly ageS: number | null;
  readonly xprt: XprtCounters | null;
  /** Only operations that occurred, in the kernel's order; `null` when the statistics were not understood. */
  readonly ops: readonly NfsOpCounters[] | null;
}

export interface Mountstats {
  readonly nfs: readonly NfsMountCounters[];
  /** Mount point → filesystem type, of every mount. */
  readonly fstypes: ReadonlyMap<string, string>;
}

/** Position of `sends` after the transport's name: tcp and rdma begin with a port, local does not, udp has no connection fields. */
const sendsAt: Readonly<Record<string, number>> = { udp: 2, tcp: 5, rdma: 5, local: 4 };

function xprtCounters(block: string): XprtCounters | null {
  let sends = 0;
  let receives = 0;
  let identity = '';
  let at = block.indexOf('\n\txprt:');
  while (at !== -1) {
    const end = block.indexOf('\n', at + 1);
    const line = block.slice(at + 7, end === -1 ? block.length : end);
    const [kind = '', ...fields] = words(line);
    const position = sendsAt[kind];
    const sent = position === undefined ? null : unsigned(fields[position]);
    const received = position === undefined ? null : unsigned(fields[position + 1]);
    if (sent === null || received === null) return null;
    sends += sent;
    receives += received;
    identity += line;
    at = end === -1 ? -1 : block.indexOf('\n\txprt:', end);
  }
  return identity === '' ? null : { sends, receives, identity };
}

/** Lines `OP: operations transmissions timeouts sent received queue rtt execute [errors]`; `null` when one is not understood. */
function opCounters(block: string): readonly NfsOpCounters[] | null {
  const title = block.indexOf('\tper-op statistics\n');
  if (title === -1) return null;
  const ops: NfsOpCounters[] = [];
  let at = title + 19;
  while (at < block.length) {
    const lineEnd = block.indexOf('\n', at);
    const end = lineEnd === -1 ? block.length : lineEnd;
    const colon = block.indexOf(': ', at);
    if (colon === -1 || colon > end) break;
    // Most operations never occur.
    if (!block.startsWith(': 0 0 0 0 0 0 0 0', colon)) {
      const fields = block.slice(colon + 2, end).split(' ');
      const [operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs] = fields.map((field) =>
        unsigned(field),
      );
      if (operations == null || transmissions == null || majorTimeouts == null || bytesSent == null) return null;
      if (bytesReceived == null || queueMs == null || rttMs == null || exeMs == null) return null;
      const op = block.slice(at, colon).trim();
      ops.push({ op, operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs });
    }
    at = end + 1;
  }
  return ops;
}

function versionOf(block: string): string | null {
  return /\n\topts:\t[^\n]*?\bvers=([\d.]{1,8})/.exec(block)?.[1] ?? null;
}

/**
 * /proc/self/mountstats: every mount's type, and the counters of NFS mounts.
 * @see nfs-utils tools/mountstats, kernel net/sunrpc/stats.c and net/sunrpc/xprtsock.c
 */
export function parseMountstats(text: string): Mountstats {
  const nfs: NfsMountCounters[] = [];
  const fstypes = new Map<string, string>();
  let at = text.startsWith('device ') ? 0 : text.indexOf('\ndevice ') + 1;
  if (at === 0 && !text.startsWith('device ')) return { nfs, fstypes };
  while (at < text.length) {
    const next = text.indexOf('\ndevice ', at);
    const blockEnd = next === -1 ? text.length : next + 1;
    const lineEnd = text.indexOf('\n', at);
    const line = text.slice(at, lineEnd === -1 ? blockEnd : lineEnd);
    const mountedOn = line.indexOf(' mounted on ');
    const withType = line.lastIndexOf(' with fstype ');
    if (mountedOn !== -1 && withType > mountedOn) {
      const mount = mountName(line.slice(mountedOn + 12, withType));
      const fstype = line.slice(withType + 13).split(' ', 1)[0] ?? '';
      fstypes.set(mount, fstype);
      if (fstype === 'nfs' || fstype === 'nfs4') {
        const block = text.slice(at, blockEnd);
        nfs.push({
          mount,
          server: mountName(line.slice(7, mountedOn)),
          version: versionOf(block),
          ageS: unsigned(lineAfter(block, '\tage:\t')?.trim()),
          xprt: xprtCounters(block),
          ops: opCounters(block),
        });
      }
    }
    at = blockEnd;
  }
  return { nfs, fstypes };
}

import { mountName } from './mount-name.ts';
import { lineAfter, unsigned, unsignedList, words } from './numbers.ts';

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
  /** Those that ended with an error, the server's or the client's own; `null` on kernels that do not count them (before 5.3). */
  readonly errors: number | null;
}

/** RPCs sent and answers received over the transports since the mount. Mounts of one server may share transports. */
export interface XprtCounters {
  readonly sends: number;
  readonly receives: number;
  /** Connections begun, whether or not anybody accepted them; `null` for udp. */
  readonly connects: number | null;
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

/** Position of `sends` after the transport's name: tcp and rdma begin with a port, local does not, udp has no connection fields. */
const sendsAt: Readonly<Record<string, number>> = { udp: 2, tcp: 5, rdma: 5, local: 4 };

function xprtCounters(block: string): XprtCounters | null {
  let sends = 0;
  let receives = 0;
  let connects: number | null = 0;
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
    // Connects, their time and the idle time stand before the sends.
    const begun = kind === 'udp' || position === undefined ? null : unsigned(fields[position - 3]);
    connects = connects === null || begun === null ? null : connects + begun;
    identity += line;
    at = end === -1 ? -1 : block.indexOf('\n\txprt:', end);
  }
  return identity === '' ? null : { sends, receives, connects, identity };
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
    // Most operations never occur; all is counted when one completes.
    if (!block.startsWith(': 0 ', colon)) {
      const numbers = unsignedList(block, colon + 2, end);
      const [operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs, errors] = numbers ?? [];
      if (operations == null || transmissions == null || majorTimeouts == null || bytesSent == null) return null;
      if (bytesReceived == null || queueMs == null || rttMs == null || exeMs == null) return null;
      const op = block.slice(at, colon).trim();
      ops.push({ op, operations, transmissions, majorTimeouts, bytesSent, bytesReceived, queueMs, rttMs, exeMs, errors: errors ?? null });
    }
    at = end + 1;
  }
  return ops;
}

function versionOf(block: string): string | null {
  return /\n\topts:\t[^\n]*?\bvers=([\d.]{1,8})/.exec(block)?.[1] ?? null;
}

const nfsType = ' with fstype nfs';

/** `device X mounted on Y with fstype Z …`, undone of its escapes; `null` for any other line. */
function deviceLine(line: string): { readonly device: string; readonly mount: string; readonly fstype: string } | null {
  const mountedOn = line.indexOf(' mounted on ');
  const withType = line.lastIndexOf(' with fstype ');
  if (!line.startsWith('device ') || mountedOn === -1 || withType <= mountedOn) return null;
  return {
    device: mountName(line.slice(7, mountedOn)),
    mount: mountName(line.slice(mountedOn + 12, withType)),
    fstype: line.slice(withType + 13).split(' ', 1)[0] ?? '',
  };
}

/**
 * The NFS mounts of /proc/self/mountstats; `null` when it is no such file.
 * @see nfs-utils tools/mountstats, kernel net/sunrpc/stats.c and net/sunrpc/xprtsock.c
 */
export function parseMountstats(text: string): readonly NfsMountCounters[] | null {
  if (!text.includes(' mounted on ') && text.trim() !== '') return null;
  const mounts: NfsMountCounters[] = [];
  for (let at = text.indexOf(nfsType); at !== -1; at = text.indexOf(nfsType, at + 1)) {
    const lineEnd = text.indexOf('\n', at);
    const lineStart = text.lastIndexOf('\n', at) + 1;
    const device = deviceLine(text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd));
    if (device === null || (device.fstype !== 'nfs' && device.fstype !== 'nfs4')) continue;
    const next = text.indexOf('\ndevice ', at);
    const block = text.slice(lineStart, next === -1 ? text.length : next + 1);
    mounts.push({
      mount: device.mount,
      server: device.device,
      version: versionOf(block),
      ageS: unsigned(lineAfter(block, '\tage:\t')?.trim()),
      xprt: xprtCounters(block),
      ops: opCounters(block),
    });
  }
  return mounts;
}

/** Mount point → filesystem type of every mount in /proc/self/mountstats. */
export function mountTypes(text: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const device = deviceLine(line);
    if (device !== null) types.set(device.mount, device.fstype);
  }
  return types;
}

import type { SampleGap } from '../fleet/sample.ts';
import { type Seeking, seekingMounts } from './nfs-seeking.ts';
import type { DfRow } from './parse/df.ts';
import { parseDf } from './parse/df.ts';
import type { DiskCounters } from './parse/diskstats.ts';
import { parseDiskstats } from './parse/diskstats.ts';
import type { DockerPart } from './parse/docker.ts';
import { parseDocker } from './parse/docker.ts';
import type { HostIdentity } from './parse/identity.ts';
import { parseIdentity } from './parse/identity.ts';
import type { Listening } from './parse/listen.ts';
import { parseListen } from './parse/listen.ts';
import type { LoadAverage } from './parse/loadavg.ts';
import { parseLoadavg } from './parse/loadavg.ts';
import type { Meminfo } from './parse/meminfo.ts';
import { parseMeminfo } from './parse/meminfo.ts';
import type { NfsMountCounters } from './parse/mountstats.ts';
import { mountTypes, parseMountstats } from './parse/mountstats.ts';
import type { InterfaceCounters } from './parse/net-dev.ts';
import { parseNetDev } from './parse/net-dev.ts';
import type { NfsdCounters } from './parse/nfsd.ts';
import { parseNfsd } from './parse/nfsd.ts';
import { unsigned } from './parse/numbers.ts';
import { procFileTexts } from './parse/proc-files.ts';
import type { ProcStat } from './parse/proc-stat.ts';
import { parseProcStat } from './parse/proc-stat.ts';
import { parsePressure } from './parse/psi.ts';
import type { SupervisorPart } from './parse/supervisor.ts';
import { parseSupervisor } from './parse/supervisor.ts';
import type { UnitProperties } from './parse/systemctl-show.ts';
import { parseSystemctlShow, showError } from './parse/systemctl-show.ts';
import { parseSysv } from './parse/sysv.ts';
import { parseBootId, parseUptime } from './parse/uptime.ts';
import { parseVmstat } from './parse/vmstat.ts';
import type { Vmstat } from './parse/vmstat.ts';
import type { PartAnswer } from './part-answer.ts';
import { partAnswer } from './part-answer.ts';
import type { Round } from './wire.ts';

/** When a round's end marker came to this console: epoch ms, monotonic ms, and how long the round took, ms. */
export interface ReceivedAt {
  readonly wallMs: number;
  readonly monoMs: number;
  readonly roundMs: number;
}

/** What only slow rounds bring, kept until the next one. `at` is epoch ms. */
export interface SlowAnswers {
  readonly at: number;
  readonly filesystems: PartAnswer<readonly DfRow[]> | null;
  readonly inodes: PartAnswer<readonly DfRow[]> | null;
  /** Mount point → filesystem type. */
  readonly fstypes: ReadonlyMap<string, string>;
  readonly dState: number | null;
}

/** One round, parsed: counters since boot and the managers' answers. `null` is "not there or not understood". */
export interface Measured {
  readonly seq: number;
  readonly receivedAt: ReceivedAt;
  /** From the hello round. */
  readonly identity: HostIdentity | null;
  readonly bootId: string | null;
  readonly uptimeS: number | null;
  readonly stat: ProcStat | null;
  readonly load: LoadAverage | null;
  readonly memory: Meminfo | null;
  readonly vmstat: Vmstat | null;
  readonly disks: readonly DiskCounters[] | null;
  readonly net: readonly InterfaceCounters[] | null;
  readonly nfsMounts: readonly NfsMountCounters[] | null;
  readonly nfsSeeking: ReadonlyMap<string, Seeking>;
  readonly nfsd: NfsdCounters | null;
  readonly pressure: { readonly cpu: number | null; readonly io: number | null; readonly memory: number | null } | null;
  readonly listening: PartAnswer<Listening> | null;
  readonly units: PartAnswer<readonly UnitProperties[]> | null;
  readonly userUnits: PartAnswer<readonly UnitProperties[]> | null;
  /** Script → exit code of its status. */
  readonly sysv: ReadonlyMap<string, number> | null;
  readonly docker: PartAnswer<DockerPart> | null;
  readonly supervisor: PartAnswer<SupervisorPart> | null;
  readonly slow: SlowAnswers | null;
  readonly gaps: readonly SampleGap[];
}

function units(text: string): { value: readonly UnitProperties[]; empty: boolean; complaint: string | null } {
  const value = parseSystemctlShow(text);
  return value.length > 0 ? { value, empty: false, complaint: null } : { value, empty: true, complaint: showError(text) };
}

function rows(text: string): { value: readonly DfRow[]; empty: boolean; complaint: string | null } {
  const value = parseDf(text);
  return { value, empty: value.length === 0, complaint: text.split('\n', 1)[0]?.trim() || null };
}

/** `grep` ends with 1 when nothing listens, which is an answer, and with 2 when it could not read. */
function listening(round: Round): PartAnswer<Listening> | null {
  const answer = partAnswer(round, 'listen', 'grep', (text) => ({ value: parseListen(text), empty: false, complaint: null }));
  const exit = round.parts.get('listen')?.exit ?? 0;
  return answer !== null && answer.failure === null && exit > 1 ? { ...answer, failure: '/proc/net could not be read' } : answer;
}

function slowAnswers(round: Round, at: number, mountstats: string): SlowAnswers | null {
  const dState = round.parts.get('dstate');
  const filesystems = partAnswer(round, 'df', 'df', rows);
  if (dState === undefined && filesystems === null) return null;
  const inodes = partAnswer(round, 'dfi', 'df', rows);
  return { at, filesystems, inodes, fstypes: mountTypes(mountstats), dState: unsigned(dState?.text.trim()) };
}

/**
 * Parses a round. Pure: the times come in. What only the hello or a slow round brings, and which mounts seek their
 * server, is carried over from `previous`, the measurement before on the same connection, unless the host was booted since.
 */
export function measure(round: Round, receivedAt: ReceivedAt, previous: Measured | null): Measured {
  const gaps: SampleGap[] = [];
  const proc = round.parts.get('proc');
  const files = procFileTexts(proc?.text ?? '');
  const isHello = round.parts.has('id') && proc === undefined;
  /** A file every Linux has: its absence is a gap. */
  const required = <Value>(path: string, part: string, parse: (text: string) => Value | null): Value | null => {
    const text = files.get(path);
    const value = text === undefined ? null : parse(text);
    if (value === null && !isHello) gaps.push({ part, why: `${path} ${text === undefined ? 'is missing' : 'was not understood'}` });
    return value;
  };
  const optional = <Value>(path: string, part: string, parse: (text: string) => Value | null): Value | null =>
    files.has(path) ? required(path, part, parse) : null;

  const bootId = optional('/proc/sys/kernel/random/boot_id', 'boot', parseBootId);
  const pressure = {
    cpu: optional('/proc/pressure/cpu', 'psi', parsePressure),
    io: optional('/proc/pressure/io', 'psi', parsePressure),
    memory: optional('/proc/pressure/memory', 'psi', parsePressure),
  };
  const nfsd = optional('/proc/net/rpc/nfsd', 'nfs server', parseNfsd);
  const threads = unsigned(files.get('/proc/fs/nfsd/threads')?.trim());
  const docker = (text: string): { value: DockerPart; empty: boolean; complaint: string | null } => {
    const value = parseDocker(text);
    return { value, empty: value.containers.length === 0, complaint: value.complaints[0] ?? null };
  };
  const supervisor = (text: string): { value: SupervisorPart; empty: boolean; complaint: string | null } => {
    const value = parseSupervisor(text);
    return { value, empty: value.programs.length === 0, complaint: value.complaints[0] ?? null };
  };
  const identity = round.parts.get('id');
  const sysv = round.parts.get('sysv');
  const sameBoot = previous !== null && (previous.bootId === null || bootId === null || previous.bootId === bootId);
  const uptimeS = required('/proc/uptime', 'uptime', parseUptime);
  const nfsMounts = required('/proc/self/mountstats', 'nfs', parseMountstats);
  const sought = previous === null || !sameBoot ? null : { mounts: previous.nfsMounts, seeking: previous.nfsSeeking };
  return {
    seq: round.seq,
    receivedAt,
    identity: identity === undefined ? (previous?.identity ?? null) : parseIdentity(identity.text),
    bootId,
    uptimeS,
    stat: required('/proc/stat', 'cpu', parseProcStat),
    load: required('/proc/loadavg', 'load', parseLoadavg),
    memory: required('/proc/meminfo', 'memory', (text) => parseMeminfo(text)),
    vmstat: required('/proc/vmstat', 'swap', parseVmstat),
    disks: required('/proc/diskstats', 'io', parseDiskstats),
    net: required('/proc/net/dev', 'net', parseNetDev),
    nfsMounts,
    nfsSeeking: seekingMounts(sought, nfsMounts, uptimeS ?? receivedAt.monoMs / 1000),
    nfsd: nfsd === null || threads === null ? nfsd : { ...nfsd, threads },
    pressure: Object.values(pressure).every((value) => value === null) ? null : pressure,
    listening: listening(round),
    units: partAnswer(round, 'units', 'systemctl', units),
    userUnits: partAnswer(round, 'userunits', 'systemctl --user', units),
    sysv: sysv === undefined ? null : parseSysv(sysv.text),
    docker: partAnswer(round, 'docker', 'docker', docker),
    supervisor: partAnswer(round, 'supervisor', 'supervisorctl', supervisor),
    slow: slowAnswers(round, receivedAt.wallMs, files.get('/proc/self/mountstats') ?? '') ?? (sameBoot ? previous.slow : null),
    gaps,
  };
}

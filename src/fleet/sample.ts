import type { ServiceManager } from './definition.ts';

/** All percentages are 0–100, all rates per second, all sizes bytes. `null` is "not measured", never 0. */
export interface CpuSample {
  readonly usedPct: number | null;
  readonly iowaitPct: number | null;
  readonly stealPct: number | null;
  readonly load1: number | null;
  readonly load5: number | null;
  readonly load15: number | null;
  readonly cores: number | null;
  readonly perCorePct: readonly (number | null)[];
}

export interface MemorySample {
  readonly totalBytes: number | null;
  readonly availableBytes: number | null;
  readonly usedPct: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedPct: number | null;
  /** Pages swapped in and out a second. */
  readonly swapInPerS: number | null;
  readonly swapOutPerS: number | null;
}

export interface DiskSample {
  readonly mount: string;
  readonly device: string;
  readonly fstype: string;
  readonly sizeBytes: number | null;
  readonly usedPct: number | null;
  readonly availableBytes: number | null;
  readonly inodesUsedPct: number | null;
}

export interface IoSample {
  /** Completed reads and writes a second over whole disks (partitions and stacked devices left out). */
  readonly iops: number | null;
  /** Busiest disk, per cent of time with I/O in flight. */
  readonly utilPct: number | null;
  readonly devices: readonly {
    readonly name: string;
    readonly iops: number | null;
    readonly readBytes: number | null;
    readonly writeBytes: number | null;
    readonly utilPct: number | null;
    readonly awaitMs: number | null;
  }[];
}

/** Pressure stall information: `some avg10`, per cent (kernel Documentation/accounting/psi.rst). */
export interface PsiSample {
  readonly cpu: number | null;
  readonly io: number | null;
  readonly memory: number | null;
}

export interface NetSample {
  readonly rxBytes: number | null;
  readonly txBytes: number | null;
  readonly errors: number | null;
}

export interface NfsOpSample {
  readonly op: string;
  readonly perS: number | null;
  readonly rttMs: number | null;
  readonly exeMs: number | null;
  readonly queueMs: number | null;
  readonly retransPerS: number | null;
  readonly timeouts: number | null;
}

export interface NfsMountSample {
  readonly mount: string;
  readonly server: string;
  readonly version: string | null;
  /** All operations a second (nfsiostat's op/s). */
  readonly iops: number | null;
  readonly readOps: number | null;
  readonly writeOps: number | null;
  readonly metaOps: number | null;
  /** Bytes a second on the wire, as nfsiostat's kB/s. */
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  /** Mean over the interval weighted by operations; `null` when no operation completed. */
  readonly rttMs: number | null;
  readonly exeMs: number | null;
  readonly queueMs: number | null;
  readonly retransPerS: number | null;
  /** Major time-outs in the interval. */
  readonly timeouts: number | null;
  /** RPCs sent and not answered now (xprt sends − receives). */
  readonly outstanding: number | null;
  /**
   * `hung`: requests are out and none completed during the whole interval, or no connection to the server can be made while something
   * waits. `refused`: the server answers, and every question for attributes with an error (stale handle, export taken away).
   */
  readonly state: 'ok' | 'idle' | 'hung' | 'refused' | 'unknown';
  readonly ops: readonly NfsOpSample[];
}

export interface NfsServerSample {
  readonly iops: number | null;
  readonly readOps: number | null;
  readonly writeOps: number | null;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  readonly badCalls: number | null;
  readonly threads: number | null;
}

/** Normalised over all managers; `unknown` is "could not be asked or not believed", `missing` is "no such unit". */
export type ServiceState = 'running' | 'starting' | 'stopping' | 'restarting' | 'stopped' | 'failed' | 'missing' | 'unknown';

export interface ServiceSample {
  /** Name in the fleet file. */
  readonly name: string;
  readonly manager: ServiceManager;
  readonly state: ServiceState;
  /** The manager's own words, e.g. `active/running`, `exited (137)`. */
  readonly sub: string | null;
  /** How long it has been in this state, ms. */
  readonly sinceMs: number | null;
  readonly restarts: number | null;
  readonly pid: number | null;
  /** systemd's Result, docker's error or OOM flag; `success` when all is well. */
  readonly result: string | null;
  /** Changes when and only when the service was started anew (InvocationID, container StartedAt, listening socket's inode); `null` if no proof exists. */
  readonly instance: string | null;
  /** Whether the port or socket of the fleet file is being listened on; `null` when none is named or it could not be read. */
  readonly listening: boolean | null;
  /** Why the state is what it is when it is not plain, e.g. `unit says active (exited) but port 8816 is closed`. */
  readonly detail: string | null;
}

export interface CheckSample {
  readonly name: string;
  readonly kind: string;
  /** `null`: could not be asked. */
  readonly ok: boolean | null;
  readonly health: 'ok' | 'warn' | 'crit' | 'unknown';
  readonly ms: number | null;
  readonly detail: string;
  /** Number of a gauge, days of a certificate, age of a file or largest lag of a replica in seconds, hit rate of a cache from 0 to 1. */
  readonly value: number | null;
  /** Text of a `version` check. */
  readonly text: string | null;
  /** Epoch ms of the answer. */
  readonly at: number;
}

/** A part of the round that could not be measured, and why, in words. */
export interface SampleGap {
  readonly part: string;
  readonly why: string;
}

/** What one poll of one host returned. `at` is epoch ms on this console when the round's end marker came. */
export interface Sample {
  readonly at: number;
  /** Time the round took, ms. */
  readonly roundMs: number;
  readonly bootId: string | null;
  readonly uptimeS: number | null;
  readonly os: string | null;
  readonly cpu: CpuSample | null;
  readonly memory: MemorySample | null;
  /** Local filesystems only; never asks an NFS mount. Epoch ms of the measurement in `disksAt`. */
  readonly disks: readonly DiskSample[] | null;
  readonly disksAt: number | null;
  readonly io: IoSample | null;
  readonly psi: PsiSample | null;
  readonly net: NetSample | null;
  readonly nfsMounts: readonly NfsMountSample[] | null;
  readonly nfsServer: NfsServerSample | null;
  /** OOM kills since the previous round. */
  readonly oomKills: number | null;
  /** Threads in uninterruptible sleep. */
  readonly dState: number | null;
  readonly services: readonly ServiceSample[];
  readonly gaps: readonly SampleGap[];
}

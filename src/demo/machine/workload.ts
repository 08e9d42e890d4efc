import { breathing } from '../random.ts';
import type { CpuShares } from './cpu.ts';
import type { DiskLoad } from './disk.ts';
import type { NfsClient } from './nfs-client.ts';
import type { NfsServer } from './nfs-server.ts';
import type { StallShares } from './pressure.ts';

/** What a machine does during one short step. */
export interface Workload {
  readonly cpu: CpuShares;
  /** By device name. */
  readonly disks: Readonly<Record<string, DiskLoad>>;
  readonly rxBytesPerS: number;
  readonly txBytesPerS: number;
  /** Tasks that run or wait to run. */
  readonly running: number;
  /** Tasks in uninterruptible sleep. */
  readonly blocked: number;
  readonly stall: StallShares;
  /** Share of memory not available, 0–1. */
  readonly memoryUsed: number;
}

/** Scenario handles of one machine. */
export interface Levers {
  /** Share of the processors something greedy keeps busy, `null` for none. */
  hog: number | null;
}

const idleDisk: DiskLoad = { readsPerS: 0.4, writesPerS: 6, readBytes: 9_000, writeBytes: 88_000, awaitMs: 0.9, busy: 0.006 };

/** Round trip of the clients of a server in this mode, ms. */
export function rttMs(server: NfsServer, seconds: number): number {
  const breath = breathing(211, seconds);
  return server.mode === 'slow' ? 48 + 2.5 * breath : 1.45 + 0.3 * breath;
}

/**
 * A web: node, nginx and uwsgi, all reading one NFS mount.
 * @param served share of its usual requests, `null` when it serves none of those that come.
 */
export function webWorkload(seed: number, seconds: number, cores: number, nfs: NfsClient, served: number | null, levers: Levers): Workload {
  const serving = served !== null;
  const traffic = Math.min(1.9, served ?? 1);
  const breath = breathing(seed, seconds);
  const stuck = nfs.server.mode === 'stuck';
  const slow = nfs.server.mode === 'slow';
  const calm = serving && !stuck ? 0.05 + (0.26 + 0.11 * breath) * traffic : 0.06 + 0.015 * breath;
  const busy = levers.hog === null ? calm : levers.hog + 0.012 * breath;
  const iowait = Math.min(1 - busy, stuck ? 0.22 + 0.04 * breath : slow ? 0.16 + 0.05 * breath : 0.012 + 0.008 * breath);
  const blocked = stuck ? Math.min(46, 4 + nfs.stuckSeconds * 0.5) : slow ? 3 + Math.round(1.5 * breath) : 0;
  const running = levers.hog === null ? busy * cores * 1.15 : cores * 3.4;
  return {
    cpu: split(busy, iowait, levers.hog === null ? 0 : 0.6),
    disks: { sda: idleDisk, sdb: { ...idleDisk, writesPerS: 9 + 4 * breath, writeBytes: 140_000 } },
    rxBytesPerS: 180_000 + 60_000 * breath + nfs.opsPerS * 2_900,
    txBytesPerS: (stuck || !serving ? 14_000 : (920_000 + 330_000 * breath) * traffic) + nfs.opsPerS * 650,
    running,
    blocked,
    stall: {
      cpuSome: levers.hog === null ? busy * 0.12 : 0.78,
      ioSome: stuck ? 0.9 : slow ? 0.34 : 0.012,
      ioFull: stuck ? 0.74 : slow ? 0.2 : 0.004,
      memorySome: 0,
      memoryFull: 0,
    },
    memoryUsed: 0.405 + 0.02 * breath + Math.min(0.2, blocked * 0.003),
  };
}

/** Requests a second the data disk of the NFS server is sold with. */
export const dataDiskCeiling = 3000;

/** An NFS server: its `sdb` holds /data and its `sdc` /backup. */
export function nfsWorkload(seed: number, seconds: number, server: NfsServer): Workload {
  const breath = breathing(seed, seconds);
  const ops = server.opsPerS();
  const { mode } = server;
  const busy = mode === 'stuck' ? 0.03 : mode === 'slow' ? 0.29 + 0.04 * breath : 0.07 + Math.min(0.3, ops / 6000) + 0.02 * breath;
  const iowait = mode === 'stuck' ? 0.9 : mode === 'slow' ? 0.4 + 0.05 * breath : 0.03 + 0.015 * breath;
  return {
    cpu: split(busy, iowait, 0, 0.72),
    disks: {
      sda: idleDisk,
      sdb: dataDisk(server, ops, breath),
      sdc: mode === 'slow' ? backupDisk : { ...idleDisk, writesPerS: 0.6, writeBytes: 9_000 },
    },
    rxBytesPerS: 22_000 + ops * 700,
    txBytesPerS: 31_000 + ops * 3_000,
    running: busy * 2,
    blocked: mode === 'stuck' ? server.threads + 2 : mode === 'slow' ? 7 + Math.round(2 * breath) : 0,
    stall: {
      cpuSome: busy * 0.1,
      ioSome: mode === 'stuck' ? 0.99 : mode === 'slow' ? 0.71 : 0.03,
      ioFull: mode === 'stuck' ? 0.97 : mode === 'slow' ? 0.52 : 0.012,
      memorySome: 0,
      memoryFull: 0,
    },
    memoryUsed: 0.22 + 0.01 * breath,
  };
}

/** A load balancer passes bytes on and does little else. */
export function lbWorkload(seed: number, seconds: number, webs: number): Workload {
  const breath = breathing(seed, seconds);
  const busy = 0.09 + 0.03 * breath;
  return {
    cpu: split(busy, 0.004, 0, 0.5),
    disks: { sda: idleDisk },
    rxBytesPerS: webs * (260_000 + 80_000 * breath),
    txBytesPerS: webs * (960_000 + 300_000 * breath),
    running: busy * 2,
    blocked: 0,
    stall: { cpuSome: 0.004, ioSome: 0.002, ioFull: 0.001, memorySome: 0, memoryFull: 0 },
    memoryUsed: 0.19 + 0.004 * breath,
  };
}

const backupDisk: DiskLoad = { readsPerS: 90, writesPerS: 410, readBytes: 1_900_000, writeBytes: 21_000_000, awaitMs: 6, busy: 0.71 };

function dataDisk(server: NfsServer, ops: number, breath: number): DiskLoad {
  if (server.mode === 'stuck') return { readsPerS: 0, writesPerS: 0, readBytes: 0, writeBytes: 0, awaitMs: 0, busy: 1 };
  if (server.mode === 'slow') {
    const total = dataDiskCeiling * (0.975 + 0.012 * breath);
    return {
      readsPerS: total * 0.86,
      writesPerS: total * 0.14,
      readBytes: total * 0.86 * 14_000,
      writeBytes: total * 0.14 * 9_000,
      awaitMs: 21,
      busy: 0.998,
    };
  }
  return {
    readsPerS: ops * 0.2,
    writesPerS: ops * 0.15,
    readBytes: ops * 2_800,
    writeBytes: ops * 1_400,
    awaitMs: 1.1,
    busy: Math.min(0.9, 0.02 + ops / 4200),
  };
}

function split(busy: number, iowait: number, nice: number, system = 0.24): CpuShares {
  const used = Math.max(0.005, Math.min(0.995, busy));
  const steal = Math.min(0.004, 1 - used);
  return {
    user: used * (1 - system - 0.04) * (1 - nice),
    nice: used * (1 - system - 0.04) * nice,
    system: used * system,
    softirq: used * 0.04,
    iowait: Math.max(0, Math.min(1 - used - steal, iowait)),
    steal,
  };
}

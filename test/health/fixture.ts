import type { CheckSpec, Fleet, Limit, ServiceSpec } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { Reach, ReachState } from '../../src/fleet/reach.ts';
import type { CheckSample, DiskSample, NfsMountSample, Sample, ServiceSample } from '../../src/fleet/sample.ts';
import type { HostEvidence } from '../../src/health/step.ts';

export const start = Date.UTC(2026, 10, 1, 14, 0, 0);

const limit = (warn: number, crit: number, leave: number | null, forMs: number): Limit => ({ warn, crit, leave, forMs });

const ssh = {
  user: null,
  port: null,
  identity: [],
  agent: true,
  config: null,
  knownHosts: [],
  hostKeys: 'strict',
  jump: [],
  transport: 'ssh2',
  iap: 'auto',
  sudo: { kind: 'no' },
} as const;

export const pencils: ServiceSpec = {
  name: 'pencils',
  on: ['web'],
  manager: 'sysv',
  unit: 'pencils',
  project: null,
  port: 8816,
  socket: null,
  precheck: null,
  verify: ['load'],
  key: 'p',
  stateful: false,
  holdMs: 3000,
};

export const load: CheckSpec = {
  name: 'load',
  on: ['web'],
  from: 'host',
  everyMs: 10_000,
  timeoutMs: 5000,
  kind: 'http',
  url: 'http://localhost/load/first',
  hostHeader: null,
  headers: {},
  unix: null,
  status: 200,
  body: null,
  follow: false,
  minBytes: null,
};

export const version: CheckSpec = {
  name: 'version',
  on: ['web'],
  from: 'host',
  everyMs: 10_000,
  timeoutMs: 5000,
  kind: 'version',
  url: 'http://localhost/builddate.txt',
  hostHeader: null,
  unix: null,
};

/** web depends on nfs; poll every 5 s, stale after 15 s; `pencils` and `load` on web. */
export function fleetOf(change: Partial<Fleet> = {}): Fleet {
  return {
    name: 'test',
    title: 'Test',
    file: 'test.yaml',
    environments: [],
    sources: [],
    ssh,
    sshByRole: new Map(),
    poll: { everyMs: 5000, deadlineMs: 10_000, staleMs: 15_000, handshakes: 32 },
    services: [pencils],
    checks: [],
    limits: {
      cpu: limit(85, 95, 80, 60_000),
      iowait: null,
      steal: null,
      memory: limit(90, 97, null, 0),
      swap: null,
      disk: limit(85, 95, null, 0),
      inodes: limit(85, 95, null, 0),
      nfsMs: limit(20, 100, 15, 30_000),
      nfsIops: [{ on: ['nfs'], disk: '/data', ceiling: 3000, warnPct: 80, critPct: null, forMs: 0 }],
      load: null,
    },
    depends: new Map([['web', ['nfs']]]),
    approve: { over: null, danger: true },
    bulk: { canary: 1, batch: 1, healthy: 1, stopAfter: 1 },
    pools: [],
    backups: [],
    releases: [],
    drains: [],
    maintenanceMode: new Map(),
    actions: [],
    never: [],
    redact: [],
    playbooks: null,
    contacts: null,
    notify: { webhook: null, mail: null, bell: false },
    routines: { daily: [], weekly: [] },
    ...change,
  };
}

export function hostOf(name: string, role: string | null, change: Partial<Host> = {}): Host {
  return {
    id: `static/${name}`,
    name,
    role,
    env: 'prod',
    zone: null,
    address: name,
    ssh: { user: null, port: null },
    labels: {},
    provider: 'static',
    source: 'static',
    cloudState: null,
    ...change,
  };
}

export function serviceOf(change: Partial<ServiceSample> = {}): ServiceSample {
  return {
    name: 'pencils',
    manager: 'sysv',
    state: 'running',
    sub: null,
    sinceMs: 100_000,
    restarts: null,
    pid: 812,
    result: null,
    instance: 'a',
    listening: true,
    detail: null,
    ...change,
  };
}

export function mountOf(change: Partial<NfsMountSample> = {}): NfsMountSample {
  return {
    mount: '/mnt/data',
    server: 'nfs1:/data',
    version: '4.1',
    iops: 400,
    readOps: 200,
    writeOps: 100,
    metaOps: 100,
    readBytes: 1e6,
    writeBytes: 1e6,
    rttMs: 2,
    exeMs: 2.5,
    queueMs: 0.1,
    retransPerS: 0,
    timeouts: 0,
    outstanding: 0,
    state: 'ok',
    ops: [],
    ...change,
  };
}

export function diskOf(change: Partial<DiskSample> = {}): DiskSample {
  return {
    mount: '/',
    device: '/dev/sda1',
    fstype: 'ext4',
    sizeBytes: 1e11,
    usedPct: 40,
    availableBytes: 6e10,
    inodesUsedPct: 5,
    ...change,
  };
}

/** A healthy sample taken at `at`. */
export function sampleOf(at: number, change: Partial<Sample> = {}): Sample {
  return {
    at,
    roundMs: 80,
    bootId: 'b',
    uptimeS: 1e6,
    os: 'Debian 12',
    cpu: { usedPct: 30, iowaitPct: 1, stealPct: 0, load1: 1, load5: 1, load15: 1, cores: 4, perCorePct: [] },
    memory: { totalBytes: 8e9, availableBytes: 4e9, usedPct: 50, swapTotalBytes: 0, swapUsedPct: null, swapInPerS: 0, swapOutPerS: 0 },
    disks: [diskOf()],
    disksAt: at,
    io: { iops: 100, utilPct: 10, devices: [] },
    psi: null,
    net: null,
    nfsMounts: [],
    nfsServer: null,
    oomKills: 0,
    dState: 0,
    services: [serviceOf()],
    gaps: [],
    ...change,
  };
}

export function checkOf(at: number, change: Partial<CheckSample> = {}): CheckSample {
  return { name: 'load', kind: 'http', ok: true, health: 'ok', ms: 12, detail: '', value: null, text: null, at, ...change };
}

export function reachOf(reach: Reach, since: number, why: string | null = null): ReachState {
  return { reach, since, why };
}

/** A reachable host with this sample. */
export function heard(host: Host, sample: Sample | null, checks: readonly CheckSample[] = []): HostEvidence {
  return { host, reach: reachOf('ok', start), sample, checks };
}

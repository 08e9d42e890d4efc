import type { Alert } from '../../src/fleet/alert.ts';
import type { Limit, Limits } from '../../src/fleet/definition.ts';
import type { Health, Reason } from '../../src/fleet/health.ts';
import type { Reach } from '../../src/fleet/reach.ts';
import type { NfsMountSample, Sample, ServiceSample } from '../../src/fleet/sample.ts';
import { Series } from '../../src/fleet/series.ts';
import type { FleetState, HostSeries, HostView, ServiceView } from '../../src/fleet/view.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { asMarkdown } from '../../src/playbook/as-markdown.ts';
import { planPlaybook } from '../../src/playbook/dry/plan.ts';
import { noLibrary } from '../../src/playbook/library.ts';
import { createFleetStore, type FleetStore } from '../../src/live/store.ts';
import type { Catalogue } from '../../views/action-menu.ts';
import { AttentionCalls } from '../../views/attention-calls.ts';
import type { Console } from '../../views/console.ts';
import { type FakeExecutor, fakeExecutor, type FakeExecutorSpec } from './fake-executor.ts';
import { createPromptQueue } from '../../views/prompt-queue.ts';

/** 2026-03-02 14:07:31 UTC */
export const start = Date.UTC(2026, 2, 2, 14, 7, 31);

/** Deterministic numbers in [0, 1): mulberry32. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface HostSpec {
  readonly name: string;
  readonly role: string;
  readonly env?: string;
  readonly health?: Health;
  readonly reasons?: readonly string[];
  readonly reach?: Reach;
  readonly why?: string;
  readonly cpu?: number;
  readonly iowait?: number;
  readonly nfs?: { readonly iops: number; readonly ms: number; readonly server?: boolean; readonly hung?: boolean } | null;
  readonly services?: readonly (readonly [string, Health, Partial<ServiceView>?])[];
  readonly pool?: 'in' | 'draining' | 'out' | 'unknown';
  readonly gone?: boolean;
  readonly unasked?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

function seriesAround(value: number | null, random: () => number, gaps: boolean): Series {
  const series = new Series(300);
  for (let index = 0; index < 240; index += 1) {
    const swing = value === null ? null : Math.max(0, value * (0.6 + 0.4 * Math.sin(index / 11) + 0.3 * (random() - 0.5)));
    series.push(gaps && index > 60 && index < 70 ? null : swing);
  }
  series.push(value);
  return series;
}

function service(name: string, health: Health, more: Partial<ServiceView>): ServiceView {
  const sample: ServiceSample = {
    name,
    manager: 'systemd',
    state: health === 'crit' ? 'failed' : 'running',
    sub: health === 'crit' ? 'failed/failed' : 'active/running',
    sinceMs: health === 'ok' ? 3 * 86_400_000 : 95_000,
    restarts: health === 'warn' ? 3 : 0,
    pid: 812,
    result: health === 'crit' ? 'exit-code' : 'success',
    instance: 'a1',
    listening: health !== 'crit',
    detail: null,
  };
  return { ...sample, health, reasons: health === 'ok' ? [] : [`${name} restarted 3 times in 10 minutes`], ...more };
}

export function hostView(spec: HostSpec, at: number, seed: number): HostView {
  const random = dice(seed);
  const health = spec.health ?? 'ok';
  const cpu = spec.cpu ?? 20 + random() * 40;
  const iowait = spec.iowait ?? random() * 4;
  const nfs = spec.nfs === undefined ? { iops: 380 + random() * 80, ms: 2 + random() * 3 } : spec.nfs;
  const memory = 30 + random() * 30;
  const reasons: Reason[] = (spec.reasons ?? []).map((text) => ({
    name: 'reason',
    health: health === 'crit' ? 'crit' : health === 'unknown' ? 'unknown' : 'warn',
    subject: { kind: 'host' },
    text,
    forMs: 0,
  }));
  const services = (spec.services ?? []).map(([name, state, more]) => service(name, state, more ?? {}));
  const mount: NfsMountSample | null =
    nfs === null || nfs.server === true
      ? null
      : {
          mount: '/mnt/data',
          server: 'nfs1:/export/data',
          version: '4.1',
          iops: nfs.iops,
          readOps: nfs.iops * 0.6,
          writeOps: nfs.iops * 0.2,
          metaOps: nfs.iops * 0.2,
          readBytes: nfs.iops * 20_000,
          writeBytes: nfs.iops * 4000,
          rttMs: nfs.ms,
          exeMs: nfs.ms * 1.1,
          queueMs: 0.1,
          retransPerS: 0,
          timeouts: 0,
          outstanding: nfs.hung === true ? 41 : 0,
          state: nfs.hung === true ? 'hung' : 'ok',
          ops: [],
        };
  const sample: Sample = {
    at: at - 800 - Math.floor(random() * 900),
    roundMs: 140,
    bootId: 'b',
    uptimeS: 1_040_000,
    os: 'Debian GNU/Linux 12',
    cpu: { usedPct: cpu, iowaitPct: iowait, stealPct: 0, load1: cpu / 30, load5: 1, load15: 1, cores: 4, perCorePct: [cpu, cpu, cpu, cpu] },
    memory: {
      totalBytes: 8e9,
      availableBytes: 4e9,
      usedPct: memory,
      swapTotalBytes: 0,
      swapUsedPct: null,
      swapInPerS: 0,
      swapOutPerS: 0,
    },
    disks: [
      { mount: '/', device: '/dev/sda1', fstype: 'ext4', sizeBytes: 20e9, usedPct: 41, availableBytes: 12e9, inodesUsedPct: 8 },
      { mount: '/var/log', device: '/dev/sdb', fstype: 'xfs', sizeBytes: 50e9, usedPct: 72, availableBytes: 14e9, inodesUsedPct: 2 },
    ],
    disksAt: at - 10_000,
    io: { iops: 120, utilPct: 30, devices: [] },
    psi: { cpu: 1, io: 2, memory: 0 },
    net: { rxBytes: 1e6, txBytes: 2e6, errors: 0 },
    nfsMounts: mount === null ? [] : [mount],
    nfsServer:
      nfs?.server === true
        ? { iops: nfs.iops, readOps: nfs.iops * 0.6, writeOps: nfs.iops * 0.3, readBytes: 1e7, writeBytes: 1e6, badCalls: 0, threads: 8 }
        : null,
    oomKills: 0,
    dState: 0,
    services,
    gaps: [],
  };
  const series: HostSeries = {
    cpuPct: seriesAround(cpu, random, true),
    iowaitPct: seriesAround(iowait, random, true),
    memoryPct: seriesAround(memory, random, false),
    nfsIops: seriesAround(nfs?.iops ?? null, random, true),
    nfsMs: seriesAround(nfs?.ms ?? null, random, true),
    diskPct: seriesAround(72, random, false),
    ioIops: seriesAround(120, random, false),
  };
  const empty = new Series(4);
  const none: HostSeries = {
    cpuPct: empty,
    iowaitPct: empty,
    memoryPct: empty,
    nfsIops: empty,
    nfsMs: empty,
    diskPct: empty,
    ioIops: empty,
  };
  return {
    host: {
      id: `static/${spec.name}`,
      name: spec.name,
      role: spec.role,
      env: spec.env ?? 'prod',
      zone: 'us-east1-b',
      address: `10.0.0.${seed % 250}`,
      ssh: { user: null, port: null },
      labels: spec.labels ?? {},
      provider: 'static',
      source: 'static',
      cloudState: null,
    },
    reach: { reach: spec.reach ?? 'ok', since: at - 300_000, why: spec.why ?? null },
    sample: spec.unasked === true ? null : spec.reach !== undefined && spec.reach !== 'ok' ? { ...sample, at: at - 300_000 } : sample,
    verdict: { health, reasons },
    services: spec.unasked === true ? [] : services,
    checks:
      spec.role === 'web'
        ? [
            {
              name: 'site',
              kind: 'http',
              ok: true,
              health: 'ok',
              ms: 12.3,
              detail: '200 in 12 ms',
              value: null,
              text: null,
              at: at - 2000,
            },
            {
              name: 'tls',
              kind: 'tls',
              ok: true,
              health: 'warn',
              ms: 31,
              detail: 'ends in 12 days',
              value: 12,
              text: null,
              at: at - 20_000,
            },
          ]
        : [],
    pools:
      spec.pool === undefined ? [] : [{ name: 'www', state: spec.pool, health: 'up', connections: spec.pool === 'draining' ? 8 : null }],
    backups: [],
    series: spec.unasked === true ? none : series,
    version: spec.role === 'web' ? 'v2026.02.28' : null,
    goneSince: spec.gone === true ? at - 120_000 : null,
  };
}

const webServices = (pencils: Health): NonNullable<HostSpec['services']> => [
  ['nginx', 'ok'],
  ['pencils', pencils],
  ['pencilsock', 'ok'],
  ['uwsgi', 'ok'],
];

/** The fleet of the mock-up in the design: an overloaded NFS server and what it does to the web hosts. */
export const pencilHosts: readonly HostSpec[] = [
  {
    name: 'nfs1',
    role: 'nfs',
    health: 'crit',
    reasons: ['NFS latency 48 ms (limit 20) on /export/data', 'CPU iowait 38 % (limit 25)'],
    cpu: 71,
    iowait: 38,
    nfs: { iops: 2911, ms: 48, server: true },
    services: [
      ['nfs-server', 'ok'],
      ['rsnapshot', 'ok'],
    ],
  },
  { name: 'web1', role: 'web', pool: 'in', services: webServices('ok'), nfs: { iops: 391, ms: 44.7 } },
  {
    name: 'web2',
    role: 'web',
    pool: 'draining',
    health: 'warn',
    reasons: ['pencils restarted 3 times in 10 minutes'],
    services: webServices('warn'),
    nfs: { iops: 402, ms: 46.1 },
  },
  { name: 'web3', role: 'web', pool: 'in', services: webServices('ok') },
  { name: 'web4', role: 'web', pool: 'in', services: webServices('ok') },
  { name: 'control1', role: 'control', nfs: null, services: [['cron', 'ok']] },
];

function alertOf(host: string, name: string, severity: Alert['severity'], what: string, cause: string | null): Alert {
  return {
    id: `${name}@static/${host}`,
    name,
    labels: {},
    severity,
    host: `static/${host}`,
    hostName: host,
    what,
    since: start - 192_000,
    cause,
    suppressedBy: cause,
    ackedBy: null,
    playbooks: cause === null ? [name] : [],
  };
}

export const pencilAlerts: readonly Alert[] = [
  alertOf('nfs1', 'nfs-slow', 'crit', 'NFS latency 48 ms (limit 20)', null),
  ...['web1', 'web2', 'web4'].map((host) => alertOf(host, 'nfs-slow', 'warn', 'NFS latency 45 ms', 'nfs-slow@static/nfs1')),
];

export function fleetState(hosts: readonly HostView[], alerts: readonly Alert[] = [], at = start): FleetState {
  const counts = { ok: 0, warn: 0, crit: 0, unknown: 0 };
  for (const { verdict } of hosts) counts[verdict.health === 'maintenance' || verdict.health === 'stopped' ? 'ok' : verdict.health] += 1;
  return {
    fleetName: 'pencilcode',
    title: 'Pencil Code',
    demo: false,
    at,
    hosts,
    byId: new Map(hosts.map((view) => [view.host.id, view])),
    alerts,
    sources: [{ name: 'static', ok: true, listedAt: at - 5000, hosts: hosts.length, error: null, missing: [] }],
    counts,
    checksHere: [],
    pools: [],
    backups: [],
    debts: [],
  };
}

export function pencilFleet(at = start): FleetState {
  return fleetState(
    pencilHosts.map((spec, index) => hostView(spec, at, index + 1)),
    pencilAlerts.map((alert) => ({ ...alert, since: at - 192_000 })),
    at,
  );
}

/** `count` hosts of mixed health, names of mixed length, in three environments. */
export function manyHosts(count: number, at = start): FleetState {
  const random = dice(7);
  const specs = Array.from({ length: count }, (_, index): HostSpec => {
    const drawn = random();
    const health: Health = drawn > 0.97 ? 'crit' : drawn > 0.9 ? 'warn' : drawn > 0.87 ? 'unknown' : 'ok';
    const env = index % 11 === 0 ? 'stage' : 'prod';
    const name = index % 17 === 0 ? `gke-${env}-web-pool-standard-4-a1b2c3d4-${index}` : `web${index}`;
    const unreachable = health === 'unknown' ? { reach: 'timeout' as const, why: 'no answer within 5 s' } : {};
    return {
      name,
      role: index % 23 === 0 ? 'nfs' : 'web',
      env,
      health,
      services: webServices(health === 'unknown' ? 'ok' : health),
      pool: 'in',
      ...unreachable,
    };
  });
  return fleetState(
    specs.map((spec, index) => hostView(spec, at, index + 1)),
    [],
    at,
  );
}

const limit = (warn: number, crit: number): Limit => ({ warn, crit, leave: null, forMs: 0 });

export const limits: Limits = {
  cpu: limit(85, 95),
  iowait: limit(25, 50),
  steal: null,
  memory: limit(85, 95),
  swap: null,
  disk: limit(80, 90),
  inodes: limit(80, 90),
  nfsMs: limit(20, 40),
  nfsIops: [],
  load: null,
};

export interface TestConsole extends Console {
  readonly store: FleetStore;
  readonly executor: FakeExecutor;
  readonly ask: ReturnType<typeof createPromptQueue>['prompts'];
  readonly calls: { quits: number; refreshes: number; scenario: string | null; readonly saved: string[] };
  /** Moves the clock. */
  wait(ms: number): void;
}

const refused = (): never => {
  throw new Error('this console has no journal');
};

const noIncidents: Console['incidents'] = {
  list: () => [],
  desk: {
    start: refused,
    note: refused,
    role: refused,
    severity: refused,
    decide: refused,
    update: refused,
    time: refused,
    reopen: refused,
    followUp: refused,
    impact: refused,
    analysis: refused,
  },
  timeline: () => [],
  export: refused,
  handoff: refused,
  noteAlone: refused,
};

const noApprovals: Console['approvals'] = {
  board: () => ({ waiting: [], ended: [], silent: [], lookedAt: null }),
  look: async () => {},
  whyNot: () => null,
  sign: async () => null,
  decline: async () => null,
};

/** A console over a fixed fleet whose clock stands until it is moved. */
export function testConsole(
  state: FleetState,
  spec: FakeExecutorSpec & {
    demo?: boolean;
    readOnly?: boolean;
    journalFailure?: string;
    entries?: readonly Entry[];
    catalogue?: Catalogue;
    incidents?: (clock: () => number) => Console['incidents'];
    routines?: (clock: () => number) => Console['routines'];
    contacts?: Console['contacts'];
    approvals?: Console['approvals'];
    journalEntries?: (count: number) => readonly Entry[];
  } = {},
): TestConsole {
  let now = state.at;
  const clock = (): number => now;
  const store = createFleetStore({ fleetName: state.fleetName, title: state.title, demo: state.demo, at: state.at });
  store.setState(state, true);
  const { queue, prompts } = createPromptQueue();
  const calls: TestConsole['calls'] = { quits: 0, refreshes: 0, scenario: null, saved: [] };
  const entries = spec.entries ?? [];
  return {
    store,
    executor: fakeExecutor(clock, spec),
    prompts: queue,
    ask: prompts,
    calls,
    wait: (ms) => {
      now += ms;
    },
    scenarios:
      spec.demo === true
        ? {
            list: [
              { name: 'nfs-hang', text: 'the NFS server stops answering' },
              { name: 'pencils-down', text: 'pencils crashes on web2' },
            ],
            current: () => calls.scenario,
            set: (name) => {
              calls.scenario = name;
            },
          }
        : null,
    environments: [
      { name: 'prod', danger: true, color: 'red' },
      { name: 'stage', danger: false, color: 'yellow' },
    ],
    serviceKeys: new Map([
      ['nginx', 'n'],
      ['pencils', 'p'],
      ['uwsgi', 'u'],
    ]),
    backupKeys: new Map([['tree', 't']]),
    catalogue: spec.catalogue ?? null,
    limits,
    staleMs: 15_000,
    clock,
    quit: () => {
      calls.quits += 1;
    },
    operator: 'kim@desk',
    readOnly: spec.readOnly ?? false,
    version: '0.1.0',
    greeting: null,
    journalFailure: () => spec.journalFailure ?? null,
    journal: {
      tail: (count) => spec.journalEntries?.(count) ?? entries,
      save: (lines) => {
        calls.saved.push(...lines);
        return '/state/journal-1.jsonl';
      },
    },
    incidents: spec.incidents?.(clock) ?? noIncidents,
    approvals: spec.approvals ?? noApprovals,
    routines: spec.routines?.(clock) ?? { list: () => [], tick: refused },
    contacts: spec.contacts ?? { list: [], file: null, problem: null },
    notices: () => null,
    attention: new AttentionCalls(),
    bell: true,
    playbooks: {
      library: () => noLibrary,
      reload: async () => {},
      suggest: () => [],
      page: asMarkdown,
      plan: (playbook, known) => planPlaybook(playbook, new Map(), known),
      desk: null,
    },
    cost: () => ({ cpuPct: 2.25, rssBytes: 120_000_000, connections: 4, received: 1_500_000, sent: 40_000 }),
    refresh: () => {
      calls.refreshes += 1;
    },
  };
}

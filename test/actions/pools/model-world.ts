import type { Alert } from '../../../src/fleet/alert.ts';
import type { Debt } from '../../../src/fleet/debt.ts';
import type { PoolSpec } from '../../../src/fleet/definition.ts';
import type { Health } from '../../../src/fleet/health.ts';
import type { Host } from '../../../src/fleet/host.ts';
import { type Membership, type PoolMember, type PoolState, unknownMember } from '../../../src/fleet/pool.ts';
import { Series } from '../../../src/fleet/series.ts';
import type { HostView } from '../../../src/fleet/view.ts';
import type { World } from '../../../src/live/world.ts';
import { fleetOf, hostOf, sampleOf } from '../../health/fixture.ts';

/** One member of the model: what the balancer says of it, and how it is. */
export interface ModelMember {
  state: Membership;
  health: PoolMember['health'];
  /** `busy`: critical by its CPU alone. */
  verdict: Health | 'busy';
  reach: 'ok' | 'timeout';
  /** Age of its newest round, ms. */
  ageMs: number;
}

/** A pool in memory, seen as the drivers see the world. */
export interface Model {
  readonly spec: PoolSpec;
  readonly members: ModelMember[];
  /** Why the balancer cannot be read now. */
  error: string | null;
  alerts: Alert[];
  debts: Debt[];
}

export const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);

export function hostIdOf(index: number): string {
  return `static/web${index + 1}`;
}

/** Whether a member is in and healthy by every evidence, told apart from the code under test. */
export function serves(member: ModelMember): boolean {
  const well = member.verdict === 'ok' || member.verdict === 'warn' || member.verdict === 'busy';
  return member.state === 'in' && member.health === 'up' && well && member.reach === 'ok' && member.ageMs <= 15_000;
}

export function worldOf(model: Model): World {
  const fleet = fleetOf({ pools: [model.spec], bulk: { canary: 1, batch: 1, healthy: 1, stopAfter: 1 } });
  const views = (): HostView[] => [...model.members.map((member, index) => viewOf(member, index)), balancer];
  const pool = (): PoolState => ({
    name: model.spec.name,
    kind: model.spec.kind,
    members: model.members.map((member, index) => memberOf(model, member, index)),
    readAt: nowMs,
    error: model.error,
    warnings: [],
  });
  return {
    fleet,
    clock: { wallMs: () => nowMs, monoMs: () => 0 },
    view: (hostId) => views().find((view) => view.host.id === hostId) ?? null,
    views,
    takeShells: () => {
      throw new Error('nothing is changed here');
    },
    freshRound: async () => {},
    runCheck: async () => null,
    pool: () => pool(),
    freshPool: async () => pool(),
    backup: () => null,
    freshBackup: async () => null,
    tellDebts: () => {},
    debts: () => model.debts,
    alerts: () => model.alerts,
    alertParts: () => [],
    goodRounds: () => 3,
  };
}

function memberOf(model: Model, member: ModelMember, index: number): PoolMember {
  if (model.error !== null) return unknownMember(hostIdOf(index));
  const { state, health } = member;
  const saved = { 'server static/lb1': `web${index + 1}`, 'admin static/lb1': 'ready' };
  return { ...unknownMember(hostIdOf(index)), server: `web/web${index + 1}`, state, health, connections: 0, requests: 0, saved };
}

function viewOf(member: ModelMember, index: number): HostView {
  return view(hostOf(`web${index + 1}`, 'web'), member.verdict, member.reach, member.ageMs);
}

function view(host: Host, verdict: Health | 'busy', reach: 'ok' | 'timeout', ageMs: number): HostView {
  const series = new Series(2);
  const health = verdict === 'busy' ? 'crit' : verdict;
  const said = verdict === 'busy' ? { name: 'cpu-high', text: 'CPU 97 % (limit 95)' } : { name: 'nfs-hung', text: 'NFS hung on /mnt/data' };
  const bad = health === 'crit' || health === 'unknown' || health === 'warn' ? health : null;
  return {
    host,
    reach: { reach, since: nowMs, why: null },
    sample: sampleOf(nowMs - ageMs),
    verdict: {
      health,
      reasons: bad === null ? [] : [{ ...said, health: bad, subject: { kind: 'host' }, forMs: 0 }],
    },
    services: [],
    checks: [],
    pools: [],
    backups: [],
    series: {
      cpuPct: series,
      iowaitPct: series,
      memoryPct: series,
      nfsIops: series,
      nfsMs: series,
      diskPct: series,
      ioIops: series,
    },
    version: null,
    goneSince: null,
  };
}

const balancer = view(hostOf('lb1', 'lb'), 'ok', 'ok', 0);

import type { BackupState } from '../../src/fleet/backup.ts';
import type { Debt } from '../../src/fleet/debt.ts';
import type { PoolMember, PoolState } from '../../src/fleet/pool.ts';
import type { FleetState } from '../../src/fleet/view.ts';
import { pencilFleet, start } from './fixture.ts';

const minute = 60_000;
const hour = 60 * minute;

export function member(host: string, more: Partial<PoolMember> = {}): PoolMember {
  return {
    hostId: `static/${host}`,
    server: `${host}:80`,
    state: 'in',
    health: 'up',
    connections: 12,
    weight: 100,
    text: 'UP 1/2, L7OK',
    takenOutBy: null,
    saved: {},
    ...more,
  };
}

/** web1 in, web2 draining, web3 taken out by somebody who signed, web4 out and unsigned. */
export const www: PoolState = {
  name: 'www',
  kind: 'haproxy',
  members: [
    member('web4', { state: 'out', connections: 0, weight: 0, text: 'MAINT' }),
    member('web1'),
    member('web2', {
      state: 'draining',
      connections: 8,
      text: 'DRAIN',
      takenOutBy: { who: 'kim@desk', reason: null, at: start - 40_000, actionId: 'a1' },
    }),
    member('web3', {
      state: 'out',
      connections: 0,
      text: 'MAINT',
      takenOutBy: { who: 'anna@box', reason: 'new kernel', at: start - 12 * minute, actionId: 'a2' },
    }),
  ],
  readAt: start - 3000,
  error: null,
  warnings: ['a reload of haproxy forgets drains: it has no server-state-file'],
};

export const debt: Debt = {
  id: 'a2',
  kind: 'pool',
  hostId: 'static/web3',
  what: 'web3 is out of pool www',
  pool: 'www',
  who: 'anna@box',
  reason: 'new kernel',
  since: start - 12 * minute,
  remindAt: start + 18 * minute,
};

export function backup(name: string, host: string, more: Partial<BackupState> = {}): BackupState {
  const artifacts = [3, 27, 51, 75, 99].map((hours, index) => ({
    name: `${name}-2026-03-0${index + 1}`,
    at: start - hours * hour,
    bytes: 1_300_000_000 + index,
    tookMs: 192_000,
    verified: true,
  }));
  return {
    name,
    kind: 'rsync',
    hostId: `static/${host}`,
    readAt: start - 5000,
    error: null,
    artifacts,
    running: null,
    failed: null,
    maxAgeMs: 26 * hour,
    sameHost: false,
    watched: false,
    ...more,
  };
}

const old = backup('db', 'control1', { kind: 'mariadb-dump', sameHost: true });

const backups: readonly BackupState[] = [
  backup('tree', 'nfs1', {
    running: { startedAt: start - 90_000, bytes: 1_200_000_000, pct: 43, bytesPerS: 12_000_000, leftMs: 720_000, text: 'data/pencil/home' },
  }),
  { ...old, artifacts: old.artifacts.slice(1), failed: { at: start - hour, why: 'the dump ended without “Dump completed”' } },
  backup('scheduled', 'nfs1', { kind: 'watch', watched: true, sameHost: true, readAt: null, artifacts: [] }),
];

/** The pencil fleet with a pool that is worked on, backups of every kind of standing, and a debt. */
export function pooledFleet(at = start): FleetState {
  const fleet = pencilFleet(at);
  return {
    ...fleet,
    pools: [www, { ...www, name: 'api', kind: 'health-file', members: [member('web1')], warnings: [] }],
    backups,
    debts: [debt],
  };
}

import { describe, expect, test } from 'vitest';
import type { BackupState } from '../../src/fleet/backup.ts';
import { type AlertStep, noAlerts, stepAlerts } from '../../src/health/alerts.ts';
import { judgeBackup } from '../../src/health/backups.ts';
import { fleetOf, heard, hostOf, sampleOf, start } from './fixture.ts';

const nfs = hostOf('nfs1', 'nfs');
const hour = 3_600_000;

const copyOf = (hoursAgo: number, more: Partial<BackupState['artifacts'][number]> = {}) => ({
  name: 'copy',
  at: start - hoursAgo * hour,
  bytes: 10,
  tookMs: 1000,
  verified: true,
  ...more,
});

const stateOf = (more: Partial<BackupState> = {}): BackupState => ({
  name: 'tree',
  kind: 'rsync',
  hostId: nfs.id,
  readAt: start,
  error: null,
  artifacts: [copyOf(1)],
  running: null,
  failed: null,
  maxAgeMs: 26 * hour,
  sameHost: true,
  watched: false,
  ...more,
});

/** Readings a minute apart, each a new one. */
function steps(list: readonly BackupState[]): AlertStep[] {
  const out: AlertStep[] = [];
  let state = noAlerts;
  for (const [index, backup] of list.entries()) {
    const now = start + index * 60_000;
    const hosts = [{ ...heard(nfs, sampleOf(now)), verdict: { health: 'ok' as const, reasons: [] }, notJudged: [] }];
    const backups = [{ ...backup, readAt: backup.readAt === null ? null : now }];
    const step = stepAlerts(state, { fleet: fleetOf(), hosts, skew: [], checksHere: [], pools: [], debts: [], backups, now });
    state = step.state;
    out.push(step);
  }
  return out;
}

describe('a backup', () => {
  test('younger than its limit is well, older is a warning with both numbers, twice as old is critical', () => {
    expect(judgeBackup(stateOf(), start)).toBeNull();
    expect(judgeBackup(stateOf({ artifacts: [copyOf(30)] }), start)).toMatchObject({
      name: 'backup-old',
      health: 'warn',
      text: 'backup tree: the newest copy is 1d6h old (limit 1d2h); the copy lies on the same host',
    });
    expect(judgeBackup(stateOf({ artifacts: [copyOf(53)], sameHost: false }), start)).toMatchObject({ health: 'crit' });
  });

  test('that was never made is critical, and why the last attempt failed is said', () => {
    const failed = { at: start - 1000, why: 'the source /data is empty' };
    expect(judgeBackup(stateOf({ artifacts: [], failed }), start)).toMatchObject({
      name: 'backup-old',
      health: 'crit',
      text: 'backup tree: there is no copy; the last attempt failed: the source /data is empty',
    });
  });

  test('whose last attempt failed is a warning while the copy before it is young', () => {
    const failed = { at: start - 1000, why: 'rsync ended with exit 23' };
    expect(judgeBackup(stateOf({ failed }), start)).toMatchObject({ name: 'backup-failed', health: 'warn' });
  });

  test('that cannot be read is unknown, whatever was read before', () => {
    expect(judgeBackup(stateOf({ error: 'a hung mount?' }), start)).toMatchObject({ health: 'unknown' });
    expect(judgeBackup(stateOf({ readAt: null, artifacts: [] }), start)).toMatchObject({ health: 'unknown' });
  });

  test('raises one alert a host after two readings, and two good readings end it', () => {
    const old = stateOf({ artifacts: [copyOf(100)] });
    const all = steps([old, old, old, stateOf(), stateOf()]);
    expect(all.map((step) => step.alerts.map((alert) => alert.id))).toEqual([
      [],
      ['backup-old@static/nfs1#backup/tree'],
      ['backup-old@static/nfs1#backup/tree'],
      ['backup-old@static/nfs1#backup/tree'],
      [],
    ]);
    expect(all[1]?.alerts[0]).toMatchObject({
      severity: 'crit',
      host: 'static/nfs1',
      labels: { backup: 'tree', host: 'nfs1', role: 'nfs' },
      since: start - 74 * hour,
    });
  });

  test('not yet read raises nothing, and one that can no longer be read does not end its alert', () => {
    const old = stateOf({ artifacts: [copyOf(100)] });
    expect(steps([stateOf({ readAt: null }), stateOf({ readAt: null }), stateOf({ readAt: null })]).at(-1)?.alerts).toEqual([]);
    const unread = { ...old, error: 'nfs1 has no connection now' };
    expect(
      steps([old, old, unread, unread, unread])
        .at(-1)
        ?.alerts.map((alert) => alert.name),
    ).toEqual(['backup-old']);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepRecord } from '../../src/commands/keep-record.ts';
import { Series } from '../../src/fleet/series.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { alertEpisodes } from '../../src/journal/alert-episodes.ts';
import { History } from '../../src/journal/history.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { createFleetStore } from '../../src/live/store.ts';
import { alert, began, minute } from '../journal/incident/story.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qd-record-'));
  vi.useFakeTimers({ now: began });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true });
});

function filled(...values: readonly (number | null)[]): Series {
  const series = new Series(20);
  for (const value of values) series.push(value);
  return series;
}

function view(name: string, at: number, reach: 'ok' | 'timeout'): HostView {
  return {
    host: {
      id: `static/${name}`,
      name,
      role: 'web',
      env: 'prod',
      zone: null,
      address: null,
      ssh: { user: null, port: null },
      labels: {},
      provider: 'static',
      source: 'static',
      cloudState: null,
    },
    reach: { reach, since: began, why: null },
    sample: {
      at,
      roundMs: 1,
      bootId: null,
      uptimeS: null,
      os: null,
      cpu: null,
      memory: null,
      disks: null,
      disksAt: null,
      io: null,
      psi: null,
      net: null,
      nfsMounts: null,
      nfsServer: null,
      oomKills: null,
      dState: null,
      services: [],
      gaps: [],
    },
    verdict: { health: 'ok', reasons: [] },
    services: [],
    checks: [],
    pools: [],
    backups: [],
    series: {
      cpuPct: filled(90, 10, 30),
      iowaitPct: filled(null, null),
      memoryPct: filled(50, 60),
      nfsIops: filled(100, 300),
      nfsMs: filled(48, 2, null),
      diskPct: filled(40),
      ioIops: filled(),
    },
    version: null,
    goneSince: null,
  };
}

describe('a console that stays', () => {
  test('leaves its alerts in the journal and a row a host a minute, of what was measured in that minute', () => {
    const journal = openJournal(dir, () => new Date());
    const store = createFleetStore({ fleetName: 'pencilcode', title: '', demo: false, at: began });
    const end = keepRecord({ store, journal, dir, fleet: 'pencilcode', who: 'ann@deck', pollMs: 30_000, now: Date.now });
    store.setState({ at: Date.now(), alerts: [alert()], hosts: [view('web1', began + 50_000, 'ok'), view('web2', began, 'timeout')] });
    vi.advanceTimersByTime(minute + 100);
    store.setState({ at: Date.now(), alerts: [] });
    end();
    expect(alertEpisodes(journal.ofKinds(['alert']), 'pencilcode')).toMatchObject([{ since: began, endedAt: began + minute + 100 }]);
    const rows = new History(dir, 'pencilcode', true).range(null, began, began + 5 * minute);
    expect(rows).toEqual([
      { host: 'web1', at: began + minute, cpuPct: 20, iowaitPct: null, memoryPct: 60, nfsIops: 200, nfsMs: 2, diskPct: 40, health: 'ok' },
      {
        host: 'web2',
        at: began + minute,
        cpuPct: null,
        iowaitPct: null,
        memoryPct: null,
        nfsIops: null,
        nfsMs: null,
        diskPct: null,
        health: 'ok',
      },
    ]);
    vi.advanceTimersByTime(5 * minute);
    journal.close();
  });

  test('goes on without a state directory and without a journal', () => {
    const journal = openJournal(join(dir, 'x'), () => new Date());
    journal.close();
    const store = createFleetStore({ fleetName: 'pencilcode', title: '', demo: false, at: began });
    const end = keepRecord({ store, journal, dir: null, fleet: 'pencilcode', who: 'ann@deck', pollMs: 5000, now: Date.now });
    store.setState({ at: Date.now(), alerts: [alert()], hosts: [view('web1', began, 'ok')] });
    expect(() => vi.advanceTimersByTime(3 * minute)).not.toThrow();
    end();
  });
});

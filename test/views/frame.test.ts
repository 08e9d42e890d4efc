import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { FleetState } from '../../src/fleet/view.ts';
import { drawFrame } from '../../views/frame.ts';
import { createTheme } from '../../views/theme.ts';
import { catalogue } from './catalogue-fixture.ts';
import { drive, type Driver, plainTheme, sceneOf } from './drive.ts';
import { fleetState, type HostSpec, hostView, manyHosts, pencilAlerts, pencilFleet, pencilHosts, start, testConsole } from './fixture.ts';
import { entries } from './journal-fixture.ts';
import { backup, debt, member, pooledFleet, www } from './pool-fixture.ts';

const colour = createTheme({ color: true, ascii: false });
const sizes = [
  [40, 10],
  [80, 24],
  [100, 30],
  [120, 40],
  [139, 24],
  [160, 48],
  [200, 60],
] as const;

const odd: readonly HostSpec[] = [
  {
    name: 'a-very-long-virtual-machine-name-that-nobody-should-ever-choose-but-somebody-did-0001',
    role: 'web-frontend-and-more',
    health: 'crit',
    services: [['a-service-with-a-remarkably-long-name-of-its-own', 'crit']],
    reasons: ['word '.repeat(60)],
  },
  { name: '日本語ホスト名日本語ホスト名日本語', role: 'ウェブ', health: 'warn', services: [['nginx', 'warn']], reasons: ['遅延が大きい'] },
  { name: 'gone', role: 'web', health: 'unknown', gone: true },
  { name: 'silent', role: 'web', health: 'unknown', reach: 'timeout', why: 'no answer within 5 s' },
  { name: 'new', role: 'web', health: 'unknown', reach: 'connecting', unasked: true },
];

const fleetOf = (specs: readonly HostSpec[]): FleetState =>
  fleetState(
    specs.map((spec, index) => hostView(spec, start, index + 1)),
    pencilAlerts,
  );

const fleets: Readonly<Record<string, FleetState>> = {
  pencil: pencilFleet(),
  pooled: pooledFleet(),
  many: manyHosts(300),
  empty: fleetState([]),
  loading: { ...fleetState([]), sources: [] },
  odd: fleetOf(odd),
  unknown: fleetOf(pencilHosts.map((spec) => ({ ...spec, health: 'unknown', reach: 'unknown', unasked: true, reasons: [] }))),
};

const undoable = [
  {
    actionId: 'a1',
    subject: 'web1',
    at: '2026-03-02T14:00:00.000Z',
    who: 'kim@desk',
    request: { action: 'reboot', hostId: 'static/web1' },
    after: null,
  },
] as const;

const commandKeys = (command: string): string[] => [':', ...command, 'enter'];

/** Ways into every screen and dialog. */
const places: Readonly<Record<string, readonly string[]>> = {
  fleet: [],
  'fleet filtered and marked': ['*', '/', 'w', 'enter', 'S', 'c'],
  'filter field': ['/', 'w', 'e'],
  'sort letters': ['S'],
  'command line': [':', 'r', 'e'],
  host: ['enter'],
  'host scrolled': ['enter', 'j', 'j', 'ctrl-f'],
  raw: ['y', 'ctrl-d'],
  help: ['?', 'ctrl-f'],
  'service picker': ['r'],
  plan: ['r', '1'],
  arm: ['A'],
  quit: ['q'],
  scenario: ['X'],
  'picker of marked hosts': ['*', 'r'],
  'action menu': ['x'],
  'input of an action': ['x', 'c'],
  'command log': ['@'],
  'entry of the log': ['@', 'enter'],
  'undo plan': ['z'],
  pools: [...commandKeys('pools')],
  'pools scrolled and marked': [...commandKeys('pools'), 'space', 'space', 'G'],
  backups: [...commandKeys('backups')],
  'backups unfolded below': [...commandKeys('backups'), 'j', 'G'],
  sources: [...commandKeys('sources')],
  'pool of a host': ['j', 'd'],
  'backups of a host': ['b'],
  'card of many hosts': ['/', 'w', 'e', 'b', '1', 'enter', '*', 'r', 'n'],
};

async function at(fleet: FleetState, keys: readonly string[]): Promise<Driver> {
  const driver = drive(testConsole(fleet, { demo: true, catalogue, entries, undoable }));
  for (const key of keys) {
    driver.frame(80, 24);
    driver.press(key);
    await driver.settle();
  }
  return driver;
}

// oxlint-disable-next-line no-control-regex -- our own styling is all that may be there
const ownStyle = /\u001b\[(?:[0-9]{1,3};?)*m/g;

function isClean(text: string): boolean {
  return !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(text.replace(ownStyle, ''));
}

describe('every screen at every size', () => {
  for (const [fleetName, fleet] of Object.entries(fleets)) {
    for (const [place, keys] of Object.entries(places)) {
      test(`${place} of the ${fleetName} fleet fills the terminal and never exceeds it`, async () => {
        const driver = await at(fleet, keys);
        for (const [columns, lines] of sizes) {
          const frame = driver.frame(columns, lines, colour);
          expect(frame).toHaveLength(lines);
          for (const text of frame) {
            expect(stringWidth(text)).toBeLessThanOrEqual(columns);
            expect(isClean(text)).toBe(true);
          }
        }
      });
    }
  }

  test('a terminal that is too small is told so', () => {
    const frame = drive(testConsole(pencilFleet())).frame(30, 6);
    expect(frame).toHaveLength(6);
    expect(frame[0]).toContain('too small');
  });
});

describe('hostile text', () => {
  const evil = 'x\u001b]0;title\u0007\u001b[2J\u001b[31m\u009b5n\r\n\u202egnp.exe\u0000';
  const hostile = fleetState(
    [
      hostView(
        {
          name: evil,
          role: evil,
          env: evil,
          health: 'crit',
          reasons: [evil],
          reach: 'timeout',
          why: evil,
          services: [[evil, 'crit', { sub: evil, detail: evil, reasons: [evil], result: evil }]],
          labels: { [evil]: evil },
        },
        start,
        1,
      ),
      hostView({ name: `ok${evil}`, role: 'web', services: [[evil, 'crit']] }, start, 2),
    ],
    [
      {
        id: evil,
        name: evil,
        labels: {},
        severity: 'crit',
        host: evil,
        hostName: evil,
        what: evil,
        since: start,
        cause: null,
        suppressedBy: null,
        ackedBy: evil,
        playbooks: [evil],
      },
    ],
  );

  const id = `static/${evil}`;
  const hostilePools: Pick<FleetState, 'pools' | 'backups' | 'debts'> = {
    pools: [
      {
        ...www,
        name: evil,
        kind: evil,
        error: evil,
        warnings: [evil],
        members: [
          member(evil, {
            state: 'out',
            server: evil,
            text: evil,
            takenOutBy: { who: evil, reason: evil, at: start, actionId: evil },
          }),
        ],
      },
    ],
    backups: [
      {
        ...backup(evil, evil, { kind: evil, error: evil, failed: { at: start, why: evil } }),
        artifacts: [{ name: evil, at: start, bytes: 1, tookMs: 1, verified: false }],
        running: { startedAt: start, bytes: 1, pct: 1, bytesPerS: 1, leftMs: 1, text: evil },
      },
    ],
    debts: [{ ...debt, hostId: id, what: evil, pool: evil, who: evil, reason: evil }],
  };

  for (const [place, keys] of Object.entries(places)) {
    test(`on ${place} leaves nothing but our own styling`, async () => {
      const driver = await at(
        {
          ...hostile,
          ...hostilePools,
          fleetName: evil,
          sources: [{ name: evil, ok: false, listedAt: null, hosts: 0, error: evil, missing: [evil] }],
        },
        keys,
      );
      for (const [columns, lines] of sizes) for (const text of driver.frame(columns, lines, colour)) expect(isClean(text)).toBe(true);
    });
  }
});

describe('fleet screen', () => {
  const screen = (fleet: FleetState, columns = 120, lines = 24): string => drive(testConsole(fleet)).frame(columns, lines).join('\n');

  test('the header tells fleet, environment, guard, roles, totals and clock', () => {
    const [head] = drive(testConsole(pencilFleet())).frame(140, 30);
    for (const text of ['quarterdeck', 'pencilcode ▸  PROD', 'read-only', 'web 4', 'nfs 1', '● 4  ▲ 1  ■ 1  ? 0', '14:07:31Z', 'ago'])
      expect(head).toContain(text);
  });

  test('one line tells a root cause and what it explains', () => {
    const drawn = screen(pencilFleet());
    expect(drawn).toContain('■ nfs1: NFS latency 48 ms (limit 20) for 3m12s. Explains 3 alerts on web1 web2 web4');
    expect(drawn).toContain('→ playbook nfs-slow');
    expect(drawn).not.toContain('NFS latency 45 ms');
  });

  test('an alert whose cause is not listed is shown itself', () => {
    const orphan = pencilAlerts.filter((alert) => alert.cause !== null);
    expect(screen({ ...pencilFleet(), alerts: orphan })).toContain('web1: NFS latency 45 ms');
  });

  test('a source that could not be listed is a line, and its hosts stay', () => {
    const fleet = pencilFleet();
    const drawn = screen({
      ...fleet,
      sources: [{ name: 'gce:paris', ok: false, listedAt: start - 60_000, hosts: 6, error: '401', missing: [] }],
    });
    expect(drawn).toContain('? gce:paris: 401 (last listed 14:06:31Z, its hosts are kept)');
    expect(drawn).toContain('web4');
  });

  test('a host out of reach says how and for how long, and one that vanished stays', () => {
    const drawn = screen(fleets.odd ?? fleetState([]), 160);
    expect(drawn).toContain('timeout 5m00s');
    expect(drawn).toContain('gone 2m00s  no longer');
    expect(drawn).toContain('connecting');
  });

  test('an empty screen says why it is empty', () => {
    expect(screen(fleets.loading ?? fleetState([]))).toContain('Looking for hosts');
    expect(screen(fleetState([]))).toContain('The inventory lists no host');
    const driver = drive(testConsole(pencilFleet()));
    driver.press('/');
    driver.type('nothing');
    expect(driver.frame().join('\n')).toContain('No host matches. 6 hosts are hidden.');
  });

  test('only the rows on the screen are drawn, and the cursor is among them', () => {
    const driver = drive(testConsole(manyHosts(1000)));
    driver.press('G');
    const frame = driver.frame(120, 30);
    expect(frame.at(-2)).toContain('of 1 000 hosts');
    expect(frame.join('\n')).toContain(driver.session.selected()?.host.name ?? 'nobody');
  });

  test('a row whose host did not change is not painted anew', () => {
    const driver = drive(testConsole(pencilFleet()));
    const cache = new WeakMap();
    drawFrame(sceneOf(driver.session, 120, 30, plainTheme), cache);
    const [first, second] = driver.session.rows();
    if (first === undefined || second === undefined) throw new Error('the fixture has no rows');
    const kept = cache.get(second);
    driver.pressAtOnce('G');
    drawFrame(sceneOf(driver.session, 120, 30, plainTheme), cache);
    expect(cache.get(second)).toBe(kept);
    expect(kept).toBeDefined();
  });

  test('the selected host stands beside the table on a wide terminal', () => {
    const driver = drive(testConsole(manyHosts(60)));
    expect(driver.frame(139, 40).join('\n')).not.toContain('CPU iowait');
    expect(driver.frame(140, 40).join('\n')).toContain('CPU iowait');
  });

  test('the demo says so, and an armed environment counts down', () => {
    const driver = drive(testConsole({ ...pencilFleet(), demo: true }, { arming: 'armed' }));
    driver.console.wait(28_000);
    expect(driver.frame()[0]).toContain('DEMO');
    expect(driver.frame()[0]).toContain('ARMED 4:32');
  });
});

describe('themes', () => {
  test('without colour no colour code is written', async () => {
    for (const keys of Object.values(places)) {
      const driver = await at(pencilFleet(), keys);
      // oxlint-disable-next-line no-control-regex -- SGR begins with ESC
      for (const text of driver.frame(120, 40, plainTheme)) expect(text).not.toMatch(/\u001b\[[\d;]*\b(?:3\d|4\d|9\d|10\d)\b[\d;]*m/);
    }
  });

  test('the ASCII fallback writes only ASCII', async () => {
    const ascii = createTheme({ color: false, ascii: true });
    for (const keys of Object.values(places)) {
      const driver = await at(fleets.odd ?? fleetState([]), keys);
      for (const [columns, lines] of sizes) {
        for (const text of driver.frame(columns, lines, ascii)) {
          // oxlint-disable-next-line no-control-regex -- ASCII is meant
          expect(text).toMatch(/^[\u001b\u0020-\u007e]*$/);
          expect(stringWidth(text)).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  test('health is told by glyph and by word, not by colour alone', () => {
    const drawn = drive(testConsole(pencilFleet())).frame(120, 24).join('\n');
    expect(drawn).toMatch(/▲ web2 .*pencils ▲ 3 restarts/);
  });
});

describe('host screen', () => {
  test('it shows reasons, services, charts, mounts, checks and disks', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'enter');
    const drawn = driver.frame(160, 60).join('\n');
    for (const text of [
      'pencils restarted 3 times',
      'SERVICE',
      'CPU used',
      'memory',
      'NFS time',
      '/mnt/data',
      'rtt ms',
      'ends in 12 days',
      '/var/log',
      'drain',
    ]) {
      expect(drawn).toContain(text);
    }
  });

  test('the service cursor moves and restart begins with it', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'enter', 'j', 'j', 'j', 'r');
    const { dialog } = driver.session.ui.getState();
    expect(dialog).toMatchObject({ kind: 'pick-service' });
    if (dialog?.kind === 'pick-service') expect(dialog.services[dialog.cursor]?.name).toBe('uwsgi');
  });

  test('it scrolls to its end and no further', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'enter');
    driver.frame(80, 24);
    driver.pressAtOnce('G');
    const last = driver.frame(80, 24);
    driver.pressAtOnce('ctrl-f', 'ctrl-f');
    expect(driver.frame(80, 24)).toEqual(last);
  });

  test('a host that left the fleet entirely leaves a sentence', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('enter');
    driver.console.store.setState(fleetState([]), true);
    expect(driver.frame().join('\n')).toContain('not known any more');
  });
});

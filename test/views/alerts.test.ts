import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import type { FleetState } from '../../src/fleet/view.ts';
import type { Entry, JsonValue } from '../../src/journal/entry.ts';
import { widthOf } from '../../views/terminal/width.ts';
import { createTheme } from '../../views/theme.ts';
import { drive, type Driver } from './drive.ts';
import { FakeDesk, playbooksWith } from './fake-desk.ts';
import { fleetState, hostView, manyHosts, pencilFleet, pencilHosts, start, testConsole } from './fixture.ts';
import { deck } from './incident-fixture.ts';

const sizes = [
  [80, 24],
  [160, 48],
] as const;

function alert(host: string | null, name: string, more: Partial<Alert> = {}): Alert {
  return {
    id: `${name}@${host === null ? 'here' : `static/${host}`}`,
    name,
    labels: host === null ? {} : { host, role: 'web', env: 'prod' },
    severity: 'crit',
    host: host === null ? null : `static/${host}`,
    hostName: host,
    what: `${name} is wrong`,
    since: start - 192_000,
    cause: null,
    suppressedBy: null,
    ackedBy: null,
    playbooks: [],
    ...more,
  };
}

const nfs = alert('nfs1', 'nfs-slow', { what: 'NFS latency 48 ms (limit 20)', playbooks: ['nfs-slow', 'nfs-server'] });
const webs = ['web1', 'web2', 'web4'].map((name, index) =>
  alert(name, 'nfs-slow', {
    severity: 'warn',
    what: 'NFS latency 45 ms',
    since: start - 180_000 + index * 1000,
    cause: nfs.id,
    suppressedBy: nfs.id,
    because: `${name} mounts /mnt/data from nfs1`,
  }),
);
const disk = alert('web3', 'disk-full', { severity: 'warn', since: start - 900_000, what: 'disk / 86 % full (limit 80)' });

const fleetWith = (alerts: readonly Alert[], more: Partial<FleetState> = {}): FleetState => ({ ...pencilFleet(), alerts, ...more });
const opened = (alerts: readonly Alert[], more: Partial<FleetState> = {}): Driver => {
  const driver = drive(testConsole(fleetWith(alerts, more)));
  driver.press('W');
  return driver;
};
const text = (driver: Driver, columns = 80, lines = 24): string => driver.frame(columns, lines).join('\n');
const screen = (driver: Driver) => driver.session.ui.getState().history.at(-1);
const rowsOf = (driver: Driver, columns = 80): string[] =>
  driver.frame(columns).filter((line) => /^ [■▲?○] (?:crit|warn|unknown|ended)/.test(line));

function told(changes: readonly Record<string, JsonValue>[], seq = 1): Entry {
  const base = { cause: null, ackedBy: null, suppressedBy: null, severity: 'crit' };
  return {
    kind: 'alert',
    actionId: 'alerts-pencilcode',
    who: 'lee@desk',
    env: null,
    targets: [],
    command: null,
    outcome: 'begin',
    detail: { fleet: 'pencilcode', changes: changes.map((change) => ({ ...base, ...change })) },
    seq,
    at: new Date(start).toISOString(),
    prev: '',
    hash: String(seq),
  };
}

const ended = (id: string, host: string | null, from: number, to: number, more: Record<string, JsonValue> = {}): Entry =>
  told([
    { change: 'begin', at: from, id, name: id.split('@')[0] ?? '', host, what: `${id} was wrong`, since: from, ...more },
    { change: 'end', at: to, id, name: id.split('@')[0] ?? '', host, what: `${id} was wrong`, since: from, ...more },
  ]);

describe('the alerts', () => {
  test('each root cause has one line, crit first, and the chosen one says what it explains and what names it the root', () => {
    for (const [columns, lines] of sizes) {
      const driver = opened([disk, ...webs, nfs]);
      const shown = text(driver, columns, lines);
      expect(rowsOf(driver, columns).map((row) => row.slice(0, 16))).toEqual([' ■ crit     nfs1', ' ▲ warn     web3']);
      for (const words of [
        '2 root causes, 3 explained',
        '3m12s',
        'nfs-slow <p>',
        'also nfs-server',
        'Explains 3 alerts',
        'web2  NFS latency 45 ms for 2m59s',
        'web1 mounts /mnt/data from nfs1 (the same on web2 web4)',
        'it began 12s before',
      ])
        expect(shown.replaceAll(/\s+/g, ' '), `${columns} ${words}`).toContain(words.replaceAll(/\s+/g, ' '));
    }
  });

  test('what joins several hosts to the root without naming one is followed by them', () => {
    const driver = opened([nfs, ...webs.map((child) => ({ ...child, because: 'role app depends on role nfs' }))]);
    expect(text(driver)).toContain('role app depends on role nfs (web1 web2 web4);');
  });

  test('space unfolds what a root explains into lines that can be chosen, and a line knows its root', () => {
    const driver = opened([nfs, ...webs]);
    driver.press('space', 'j', 'j');
    expect(rowsOf(driver)).toHaveLength(4);
    expect(driver.session.selected()?.host.name).toBe('web2');
    expect(text(driver).replaceAll(/\s+/g, ' ')).toContain('nfs-slow on nfs1 explains it (web2 mounts /mnt/data from nfs1)');
    driver.press('space');
    expect(rowsOf(driver)).toHaveLength(1);
    expect(driver.session.selected()?.host.name).toBe('nfs1');
  });

  test('what lost its cause a moment ago is held back, and says why', () => {
    const [left] = webs;
    if (left === undefined) return;
    const driver = opened([left, disk]);
    const shown = text(driver);
    expect(rowsOf(driver).map((row) => row.slice(12, 16))).toEqual(['web3', 'web1']);
    expect(shown).toContain('held back');
    driver.press('j');
    expect(text(driver).replaceAll(/\s+/g, ' ')).toContain('its cause nfs-slow@static/nfs1 has just ended');
    driver.press('!');
    expect(rowsOf(driver).map((row) => row.slice(12, 16))).toEqual(['web3']);
  });

  test('that nothing confirms an alert any more is told on its line, however long the rest is', () => {
    const doubted = { ...disk, what: `${'disk / is nearly full '.repeat(4)}(not confirmed for 39s)` };
    expect(rowsOf(opened([nfs, doubted]))[1]).toMatch(/… \(unconfirmed\)/);
    expect(rowsOf(opened([nfs, { ...disk, what: 'disk (not confirmed for 39s)' }]))[1]).toContain('disk (not confirmed for 39s)');
  });

  test('a debt of the host, who took it and its incident are told with the alert', () => {
    const debts: FleetState['debts'] = [
      {
        id: 'd1',
        kind: 'pool',
        hostId: 'static/web3',
        what: 'web3 is out of pool www',
        pool: 'www',
        who: 'ann@deck',
        reason: 'new kernel',
        since: start - 600_000,
        remindAt: null,
      },
    ];
    const driver = opened([{ ...disk, ackedBy: 'kim' }], { debts });
    for (const [columns, lines] of sizes) {
      const shown = text(driver, columns, lines).replaceAll(/\s+/g, ' ');
      expect(shown).toContain('taken by kim');
      expect(shown).toContain('web3 is out of pool www since 2026-03-02 13:57Z, by ann@deck: new kernel');
    }
    expect(text(driver)).toContain('TAKEN BY');
    driver.press('!');
    expect(text(driver)).toContain('1 alert is hidden');
  });

  test('what ended within the hour comes from the record, greyed, with how long it lasted', () => {
    const entries = [
      ended('nfs-slow@static/nfs1', 'nfs1', start - 1_800_000, start - 1_500_000),
      ended('check@static/web1', 'web1', start - 1_790_000, start - 1_490_000, { cause: 'nfs-slow@static/nfs1' }),
      ended('pencils-down@static/web2', 'web2', start - 600_000, start - 540_000),
      ended('old@static/web4', 'web4', start - 9_000_000, start - 8_000_000),
      ended('network-down@here', null, start - 700_000, start - 650_000),
    ];
    const driver = drive(testConsole(fleetWith([disk]), { entries }));
    driver.press('W');
    expect(rowsOf(driver).map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['▲ warn', 'web3', 'disk / 86 % full (limit 80)', '15m00s'],
      ['○ ended', 'web2', 'pencils-down@static/web2 was wrong', '1m00s'],
      ['○ ended', 'here', 'network-down@here was wrong', '50s'],
      ['○ ended', 'nfs1', 'nfs-slow@static/nfs1 was wrong', '5m00s', '1'],
    ]);
    driver.press('j');
    expect(text(driver)).toContain('of 13:57:31Z to 13:58:31Z');
    expect(driver.session.selected()?.host.name).toBe('web2');
    driver.press('!');
    expect(rowsOf(driver)).toHaveLength(1);
  });

  test('an alert that ends under the cursor leaves the cursor on its own line of the ended, not on another alert', () => {
    const entries: Entry[] = [];
    const driver = drive(testConsole(fleetWith([nfs, disk]), { journalEntries: () => entries.slice() }));
    driver.press('W', 'j');
    entries.push(ended(disk.id, 'web3', disk.since, start));
    driver.console.store.setState({ ...fleetWith([nfs]) }, true);
    expect(driver.session.selected()?.host.name).toBe('web3');
    expect(text(driver)).toContain('○ ended');
  });

  test('a filter shows a root for what it explains, leaves out, and asks labels; its words stand in the title', () => {
    const driver = opened([nfs, ...webs, disk]);
    for (const [filter, rows] of [
      ['web4', ['nfs1']],
      ['!nfs', ['web3']],
      ['severity=warn disk', ['web3']],
      ['playbook=nfs-slow', ['nfs1']],
      ['nothing', []],
    ] as const) {
      driver.press('/', 'ctrl-u');
      driver.type(filter);
      driver.press('enter');
      expect(
        rowsOf(driver).map((row) => row.slice(12, 16)),
        filter,
      ).toEqual(rows);
      expect(text(driver).split('\n')[1], filter).toContain(filter.split(' ')[0]);
    }
    expect(text(driver)).toContain('5 alerts are hidden');
    expect(driver.session.ui.getState().filter).toBe('');
  });
});

describe('keys on an alert', () => {
  const withPlaybooks = (alerts: readonly Alert[], more: Partial<FleetState> = {}): Driver =>
    drive({ ...testConsole(fleetWith(alerts, more), { arming: 'armed' }), playbooks: playbooksWith(new FakeDesk()) });
  const pencils = (host: string, more: Partial<Alert> = {}): Alert =>
    alert(host, 'pencils-down', { what: 'port 8816 is closed', playbooks: ['web-node-pencils-down'], ...more });

  test('p opens the playbooks of exactly that alert, filled in for it', () => {
    const driver = withPlaybooks([pencils('web1'), pencils('web4')]);
    driver.press('W', 'j', 'p');
    expect(screen(driver)).toMatchObject({ kind: 'playbooks', alert: 'pencils-down@static/web4', hostIds: ['static/web4'] });
    expect(text(driver)).toContain('for alert pencils-down on web4');
    expect(text(driver)).toContain('node web4');
    driver.press('s');
    expect(text(driver)).toMatch(/node +web4/);
  });

  test('p at home is about the root cause whose line has that key, wherever the cursor stands', () => {
    const driver = withPlaybooks([pencils('web1'), pencils('web4', { since: start - 60_000 })]);
    const barOf = (): string[] => driver.frame(120).filter((line) => line.includes('→ playbook'));
    expect(barOf().map((line) => / (<.>)\s*$/.exec(line)?.[1])).toEqual(['<p>', '<W>']);
    driver.press('p');
    expect(screen(driver)).toMatchObject({ kind: 'playbooks', alert: 'pencils-down@static/web1' });
    expect(text(driver)).toContain('node web1');
    driver.press('escape', 'G');
    expect(driver.session.selected()?.host.name).toBe('web4');
    expect(barOf().map((line) => / (<.>)\s*$/.exec(line)?.[1])).toEqual(['<W>', '<p>']);
    driver.press('p');
    expect(text(driver)).toContain('node web4');
    // A host without an alert of its own: what is worst is meant.
    driver.press('escape', 'k');
    expect(driver.session.selected()?.host.name).toBe('web3');
    driver.press('p');
    expect(screen(driver)).toMatchObject({ alert: 'pencils-down@static/web1', hostIds: ['static/web3'] });
    expect(text(driver)).toContain('node web1');
  });

  test('p at home is about the row that is shown as chosen also before anybody moved, and the bar has its key there', () => {
    for (const since of [start - 60_000, start - 30_000]) {
      const driver = withPlaybooks([pencils('nfs1', { since }), pencils('web1', { since: start - 40_000 })]);
      const chosen = driver.session.selected()?.host.name ?? '';
      expect(['nfs1', 'web1']).toContain(chosen);
      const keyed = driver.frame(120).find((line) => line.includes('→ playbook') && line.includes('<p>')) ?? '';
      expect(keyed).toContain(`${chosen}: `);
      driver.press('p');
      expect(screen(driver)).toMatchObject({ alert: `pencils-down@static/${chosen}`, hostIds: [`static/${chosen}`] });
    }
  });

  test('marked hosts are what p at home is about, and then no root cause has that key', () => {
    const driver = withPlaybooks([pencils('web1')]);
    driver.press('*');
    expect(driver.frame(120).join('\n')).not.toContain('<p>  ');
    driver.press('p');
    expect(screen(driver)).toMatchObject({ alert: null });
  });

  test('enter opens its host, and r and d are about that host and no other', async () => {
    const driver = opened([nfs, disk]);
    driver.press('j', 'r');
    expect(driver.session.ui.getState().dialog).toMatchObject({ kind: 'pick-service', hostIds: ['static/web3'] });
    driver.press('escape', 'd');
    await driver.settle();
    expect(driver.console.executor.planned.at(-1)).toMatchObject({ action: 'depool', hostId: 'static/web3' });
    driver.press('escape', 'enter');
    expect(screen(driver)).toMatchObject({ kind: 'host', hostId: 'static/web3' });
  });

  test('marks of the fleet table do not turn a key on an alert into a change of many hosts', () => {
    const driver = drive(testConsole(fleetWith([nfs, disk])));
    driver.press('*', 'W', 'j', 'r');
    expect(driver.session.ui.getState().dialog).toMatchObject({ hostIds: ['static/web3'] });
  });

  test('an alert of no single host says so instead of acting on another', () => {
    const driver = opened([alert(null, 'network-down')]);
    driver.press('r');
    expect(driver.session.ui.getState().note?.text).toContain('this line is about no single host');
    driver.press('enter');
    expect(screen(driver)?.kind).toBe('alerts');
  });

  test('I starts an incident from the root of that alert, and opens it once it is there; M writes the alert into it', () => {
    const { driver, console } = deck({ fleet: fleetWith([disk, nfs, ...webs]) });
    driver.press('W', 'space', 'j', 'j', 'I');
    expect(text(driver)).toContain('nfs1: NFS latency 48 ms (limit 20)');
    expect(text(driver)).toMatch(/hosts +nfs1 web1 web2 web4|hosts +nfs1 web2 web1 web4/);
    driver.press('enter', 'enter', 'enter', 'enter');
    const [incident] = console.incidents.list();
    expect(incident).toMatchObject({ alert: nfs.id });
    driver.press('escape');
    expect(screen(driver)?.kind).toBe('incident');
    expect(driver.session.ui.getState().history[driver.session.ui.getState().position]?.kind).toBe('alerts');
    expect(text(driver, 160, 48)).toContain(`Incident ${incident?.id ?? ''} was started from its root`);
    driver.press('I');
    expect(driver.session.ui.getState().dialog).toBeNull();
    driver.press('escape', 'M', 'enter', 'enter');
    expect(console.incidents.list()[0]?.notes.at(-1)).toMatchObject({
      text: expect.stringContaining('NFS latency 45 ms'),
      source: { host: 'web2', service: null },
    });
  });

  test('the command line opens it too', () => {
    const driver = drive(testConsole(fleetWith([nfs])));
    driver.press(':');
    driver.type('alerts');
    driver.press('enter');
    expect(screen(driver)?.kind).toBe('alerts');
  });
});

describe('no alert', () => {
  const well = (): FleetState =>
    fleetState(pencilHosts.map((spec, index) => hostView({ ...spec, health: 'ok', reasons: [] }, start, index + 1)));

  test('says what was asked and answered', () => {
    const driver = drive(testConsole(well()));
    driver.press('W');
    expect(text(driver)).toContain('● No alert stands: 6 of 6 hosts answer, and every source was listed.');
  });

  test('a source with an error, an unseen zone, unknown hosts and what could not be read are named, and nothing is called well', () => {
    const state = well();
    const [, web1, ...rest] = state.hosts;
    if (web1 === undefined) return;
    const silent = hostView({ name: 'web9', role: 'web', health: 'unknown', reach: 'timeout' }, start, 9);
    const sources: FleetState['sources'] = [
      { name: 'gce', ok: false, listedAt: start - 60_000, hosts: 2, error: 'the token has expired', missing: [] },
      { name: 'azure', ok: true, listedAt: start, hosts: 4, error: null, missing: ['westeurope'] },
    ];
    const pools: FleetState['pools'] = [
      {
        name: 'www',
        kind: 'haproxy',
        readAt: null,
        error: 'lb1 does not answer',
        members: [],
        warnings: [],
      },
    ];
    const driver = drive(testConsole({ ...fleetState([silent, ...rest]), sources, pools }));
    driver.press('W');
    for (const [columns, lines] of sizes) {
      const shown = text(driver, columns, lines).replaceAll(/\s+/g, ' ');
      expect(shown).toContain('No alert stands, but not all is known: 4 of 5 hosts answer.');
      for (const words of [
        'gce could not be listed',
        'the token has expired',
        'westeurope',
        'web9 (timeout for 5m00s',
        'Pool www could not be read',
      ])
        expect(shown, words).toContain(words);
      expect(shown).not.toMatch(/● No alert|every source was listed|all is well/);
    }
  });

  test('before anything was asked it says nothing of the fleet', () => {
    const driver = drive(testConsole({ ...fleetState([]), sources: [] }));
    driver.press('W');
    expect(text(driver)).toContain('no host is known: nothing can be said');
    expect(text(driver)).toContain('No inventory source has answered yet.');
  });

  test('what has not held long enough is named, and is no alert', () => {
    expect(text(opened([])).replaceAll(/\s+/g, ' ')).toContain(
      'web2: pencils restarted 3 times in 10 minutes; it has not held long enough for an alert',
    );
  });

  test('with alerts too, what is not known stands below them', () => {
    const sources: FleetState['sources'] = [{ name: 'gce', ok: false, listedAt: null, hosts: 0, error: 'no answer', missing: [] }];
    const driver = opened([disk], { sources });
    expect(text(driver)).toContain('not all is known');
    expect(text(driver)).toContain('? Source gce could not be listed (never listed): no answer');
  });
});

describe('drawing alerts', () => {
  const hostile = 'evil \u001b[2J\u001b]52;c;cHduZWQ=\u0007 \u202e\u2028 名前 \u200b' + 'x'.repeat(300);

  test('every size keeps its bounds, whatever the texts', () => {
    const bad = alert('web1', hostile, {
      what: hostile,
      ackedBy: hostile,
      playbooks: [hostile, hostile],
      labels: { role: hostile, mount: hostile },
    });
    const child = alert('web2', 'x', { what: hostile, cause: bad.id, suppressedBy: bad.id, because: hostile, hostName: hostile });
    const entries = [ended(`${hostile}@x`, hostile, start - 60_000, start)];
    const driver = drive(testConsole(fleetWith([bad, child, nfs]), { entries }));
    driver.press('W', 'space');
    for (const theme of [createTheme({ color: false, ascii: true }), createTheme({ color: true, ascii: false })])
      for (const columns of [40, 60, 80, 100, 139, 140, 160, 220])
        for (const lines of [10, 24, 48]) {
          const drawn = driver.frame(columns, lines, theme);
          expect(drawn).toHaveLength(lines);
          for (const line of drawn) {
            const plain = line.replaceAll(/\u001b\[[\d;]*m/g, '');
            expect(widthOf(plain), `${columns}x${lines}`).toBeLessThanOrEqual(columns);
            // oxlint-disable-next-line no-control-regex -- these are what must not be there
            expect(plain).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028\u200b]/);
            if (theme.ascii) expect(plain).toMatch(/^[ -~]*$/);
          }
        }
  });

  test('the state of an alert is told by shape and word, without any colour', () => {
    const shown = drive(testConsole(fleetWith([nfs, disk, alert('web1', 'host-timeout', { severity: 'unknown' })])));
    shown.press('W');
    const ascii = shown.frame(80, 24, createTheme({ color: false, ascii: true })).join('\n');
    for (const words of ['# crit', '^ warn', '? unknown']) expect(ascii).toContain(words);
  });

  test('of 500 alerts only those in sight are drawn, and the cursor reaches the last', () => {
    const drawn = new Set<number>();
    const fleet = manyHosts(500);
    const alerts = Array.from({ length: 500 }, (_, index): Alert => {
      const made = alert(fleet.hosts[index]?.host.name ?? '', 'disk-full', { since: start - 1_000_000 + index });
      return Object.defineProperty({ ...made }, 'what', {
        enumerable: true,
        get: () => {
          drawn.add(index);
          return 'disk / 91 % full';
        },
      });
    });
    const driver = drive(testConsole({ ...fleet, alerts }));
    driver.press('W');
    drawn.clear();
    driver.frame(80, 24);
    expect(drawn.size).toBeLessThanOrEqual(24);
    driver.press('G');
    drawn.clear();
    const shown = driver.frame(160, 48).join('\n');
    expect(drawn.size).toBeLessThanOrEqual(48);
    expect(drawn.has(499)).toBe(true);
    expect(shown).toContain('500 root causes');
  });

  test('one root that explains 499 names a few and counts the rest', () => {
    const many = Array.from({ length: 499 }, (_, index) =>
      alert(`w${index}`, 'check', { cause: nfs.id, suppressedBy: nfs.id, because: `w${index} depends` }),
    );
    const driver = opened([nfs, ...many]);
    expect(text(driver)).toContain('and 493 more: <space> lists them');
    driver.press('space', 'G');
    expect(text(driver)).toContain('w498');
  });
});

describe('the alert bar', () => {
  test('too long for two lines, the hosts give way and its playbook and key stay', () => {
    const names = Array.from({ length: 6 }, (_, index) => `gke-prod-web-pool-standard-4-a1b2c3d4-${index}`);
    const many = names.map((name) => alert(name, 'nfs-slow', { cause: nfs.id, suppressedBy: nfs.id }));
    const bar = drive(testConsole(fleetWith([{ ...nfs, what: `NFS ${'latency '.repeat(30)}` }, ...many])))
      .frame(80, 24)
      .slice(1, 3);
    expect(bar[1]).toMatch(/Explains 6 alerts on .*… +→ playbook nfs-slow <p>$/);
  });

  test('with a line a root each still names its playbook and the key where they fit, and where the rest is', () => {
    const roots = ['web1', 'web2', 'web3', 'web4', 'control1'].map((name, index) =>
      alert(name, 'pencils-down', { what: 'port 8816 is closed', since: start - 100_000 + index, playbooks: ['pencils-down'] }),
    );
    const driver = drive(testConsole(fleetWith(roots)));
    const wide = driver.frame(120, 24).slice(1, 4);
    expect(wide[0]).toMatch(/→ (?:playbook )?pencils-down <p>$/);
    expect(wide[1]).toMatch(/→ (?:playbook )?pencils-down <W>$/);
    expect(wide[2]).toContain('and 3 more <W>');
    const narrow = driver.frame(48, 24).slice(1, 4);
    expect(narrow[0]).toContain('port 8816 is closed');
    expect(narrow[0]).not.toContain('<p>');
  });
});

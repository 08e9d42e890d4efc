import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { FleetState } from '../../src/fleet/view.ts';
import { createTheme } from '../../views/theme.ts';
import { catalogue } from './catalogue-fixture.ts';
import { drive, type Driver } from './drive.ts';
import type { FakeExecutorSpec } from './fake-executor.ts';
import { start, testConsole } from './fixture.ts';
import { backup, debt, member, pooledFleet, www } from './pool-fixture.ts';

const sizes = [
  [80, 24],
  [160, 48],
] as const;

function driver(spec: FakeExecutorSpec = {}, fleet: FleetState = pooledFleet()): Driver {
  return drive(testConsole(fleet, { arming: 'armed', catalogue, ...spec }));
}

function open(screen: string, spec: FakeExecutorSpec = {}, fleet: FleetState = pooledFleet()): Driver {
  const made = driver(spec, fleet);
  made.press(':');
  made.type(screen);
  made.press('enter');
  return made;
}

const shown = (made: Driver, columns = 100, lines = 40): string => made.frame(columns, lines).join('\n');
const noteOf = (made: Driver): string | undefined => made.session.ui.getState().note?.text;
const dialogOf = (made: Driver): string | undefined => made.session.ui.getState().dialog?.kind;

/** Cursor of the fleet screen onto a host. */
function onto(made: Driver, host: string): Driver {
  const at = made.session.rows().findIndex((view) => view.host.name === host);
  made.press('g', ...Array.from({ length: at }, () => 'j'));
  return made;
}

describe('the pools screen', () => {
  test.each(sizes)('tells of each member whether it is in, since when not, by whom, and who owes it, at %d×%d', (columns, lines) => {
    const screen = shown(open('pools'), columns, lines);
    for (const text of [
      'www  haproxy',
      '1 of 4 serve, floor 2: 1 member too few',
      'a reload of haproxy forgets drains',
      'read 5.',
      '● web1  in',
      '▲ web2  draining 8',
      'draining since 14:06Z (42s) by kim@desk',
      '◌ web3  out',
      'out since 13:55Z (12m) by anna@box: new kernel',
      'owed by anna@box, reminder in 17m',
      '▲ web4  out',
      'not by us',
      'UP 1/2, L7OK',
      'api  health-file',
    ])
      expect(screen).toContain(text);
  });

  test('counts what may still go out by who serves, not by who is listed', () => {
    const fleet = pooledFleet();
    const all = { ...www, members: ['web1', 'web2', 'web3', 'web4'].map((host) => member(host)) };
    expect(shown(open('pools', {}, { ...fleet, pools: [all] }))).toContain('4 of 4 serve, floor 2: 2 more may go out');
    const down = { ...all, members: all.members.map((one, index) => (index < 2 ? { ...one, health: 'down' as const } : one)) };
    expect(shown(open('pools', {}, { ...fleet, pools: [down] }))).toContain('2 of 4 serve, floor 2: none may go out');
    expect(shown(open('pools', {}, { ...fleet, pools: [down] }))).toContain('does not count for the floor: down for the balancer');
    const unknown = { ...all, members: all.members.map((one) => ({ ...one, state: 'unknown' as const })) };
    expect(shown(open('pools', {}, { ...fleet, pools: [unknown] }))).toContain('0 of 4 serve');
  });

  test('a balancer that could not be asked says why and how old what is shown is', () => {
    const fleet = pooledFleet();
    const screen = shown(
      open('pools', {}, { ...fleet, pools: [{ ...www, error: 'the socket of haproxy refuses', readAt: start - 120_000 }] }),
    );
    expect(screen).toContain('? the socket of haproxy refuses, what follows is as of 14:05Z');
    expect(screen).toContain('read 2m02s ago');
  });

  test('a fleet without pools, and a pool without members, say so', () => {
    const fleet = pooledFleet();
    expect(shown(open('pools', {}, { ...fleet, pools: [] }))).toContain('The fleet file names no pool');
    expect(shown(open('pools', {}, { ...fleet, pools: [{ ...www, members: [] }] }))).toContain('the inventory lists no host of its roles');
    expect(shown(open('pools', {}, { ...fleet, pools: [{ ...www, members: [], readAt: null }] }))).toContain('no member is known yet');
    expect(shown(open('backups', {}, { ...fleet, backups: [] }))).toContain('No host of the roles that are backed up is known yet');
    expect(shown(open('pools', {}, { ...fleet, pools: [{ ...www, members: [] }] }))).not.toContain('floor');
  });

  test('enter opens the host of the row, and the screen comes back where it was', () => {
    const made = open('pools');
    made.press('j', 'enter');
    expect(shown(made)).toContain('web2 warn');
    made.press('escape');
    expect(made.session.selected()?.host.name).toBe('web2');
  });

  test('d is about the member under the cursor and its pool, without asking which', async () => {
    const made = open('pools');
    made.press('G', 'd');
    await made.settle();
    expect(made.console.executor.planned).toEqual([{ action: 'depool', hostId: 'static/web1', pool: 'api', mode: 'drain' }]);
  });

  test('D with marks is one run, a host at a time, and shows the marks', async () => {
    const made = open('pools');
    made.press('j', 'space', 'space');
    expect(shown(made)).toContain('✓ ▲ web2');
    expect(shown(made)).toContain('2 hosts marked');
    made.press('D');
    await made.settle();
    expect(made.console.executor.many.planned[0]?.requests).toEqual([
      { action: 'repool', hostId: 'static/web2', pool: 'www' },
      { action: 'repool', hostId: 'static/web3', pool: 'www' },
    ]);
  });

  test('a marked host that is not in the pool is named, and nothing is planned', async () => {
    const made = open('pools');
    made.press('j', 'space', 'G', 'd');
    await made.settle();
    expect(noteOf(made)).toBe('d (depool): web2 is not in pool api.');
    expect(made.console.executor.planned).toEqual([]);
  });

  test('the cursor stays on its member when the balancer is read again', () => {
    const made = open('pools');
    made.press('j', 'j');
    const fleet = pooledFleet();
    made.console.store.setState({ ...fleet, pools: [{ ...www, members: www.members.toReversed() }] }, true);
    expect(made.session.selected()?.host.name).toBe('web3');
  });

  test('the cursor of a long list is in sight with what is said under it', () => {
    const fleet = pooledFleet();
    const many = Array.from({ length: 60 }, (_, index) => member(`h${index}`, { state: 'out' }));
    const made = open('pools', {}, { ...fleet, pools: [{ ...www, members: many }] });
    for (const [columns, lines] of sizes) {
      made.frame(columns, lines);
      made.press('G');
      const screen = shown(made, columns, lines);
      expect(screen).toContain('h59');
      expect(screen.slice(screen.indexOf('h59'))).toContain('not by us');
      made.press('g');
      expect(shown(made, columns, lines)).toContain('www  haproxy');
    }
  });
});

describe('d and D from the fleet', () => {
  test('ask which pool when the host is in several', async () => {
    const made = onto(driver(), 'web1');
    made.press('d');
    expect(shown(made, 80, 24)).toContain('take web1 out of which pool?');
    made.press('2');
    await made.settle();
    expect(made.console.executor.planned).toEqual([{ action: 'depool', hostId: 'static/web1', pool: 'api', mode: 'drain' }]);
  });

  test('a pool in which nothing would change is greyed and says why', async () => {
    const made = onto(driver(), 'web1');
    made.press('D', '1');
    await made.settle();
    expect(shown(made)).toContain('Not now: web1 is in already.');
    expect(made.console.executor.planned).toEqual([]);
  });

  test('plan at once where there is one pool', async () => {
    const made = onto(driver(), 'web3');
    made.press('D');
    await made.settle();
    expect(made.console.executor.planned).toEqual([{ action: 'repool', hostId: 'static/web3', pool: 'www' }]);
    expect(dialogOf(made)).toBe('plan');
  });

  test('refuse in words for a host that is in none', () => {
    const made = onto(driver(), 'nfs1');
    made.press('d');
    expect(noteOf(made)).toBe('d (depool): nfs1 is in no pool.');
    made.press('*', 'd');
    expect(noteOf(made)).toMatch(/is in no pool/);
  });

  test('marked hosts leave their common pool one at a time', async () => {
    const made = driver();
    made.press('/');
    made.type('web');
    made.press('enter', '*', 'd');
    await made.settle();
    expect(made.console.executor.many.planned[0]?.requests).toHaveLength(4);
    expect(made.console.executor.many.planned[0]?.requests.every((one) => one.action === 'depool' && one.pool === 'www')).toBe(true);
    expect(shown(made, 80, 24)).toContain('Type the number of hosts 4');
  });

  test('work from the host screen and from the command line too', async () => {
    const made = onto(driver(), 'web3');
    made.press('enter', 'D');
    await made.settle();
    made.press('escape', 'escape', ':');
    made.type('depool web4');
    made.press('enter');
    await made.settle();
    expect(made.console.executor.planned).toEqual([
      { action: 'repool', hostId: 'static/web3', pool: 'www' },
      { action: 'depool', hostId: 'static/web4', pool: 'www', mode: 'drain' },
    ]);
  });

  test('the POOL column says in, drain with its count, out and unknown', () => {
    const fleet = pooledFleet();
    const pools = [
      { ...www, members: www.members.map((one) => (one.hostId === 'static/web1' ? { ...one, state: 'unknown' as const } : one)) },
    ];
    const screen = shown(driver({}, { ...fleet, pools }), 120, 30);
    for (const text of [/web1 .* \? /, /web2 .*drain 8/, /web3 .*out/]) expect(screen).toMatch(text);
    expect(shown(driver(), 120, 30)).toMatch(/web1 .*in 2\/2/);
  });
});

describe('a drain', () => {
  const late: FakeExecutorSpec = { outcome: { kind: 'failed', summary: 'web2 still has 8 connections after 1m.', evidence: [] } };

  async function ended(spec: FakeExecutorSpec = late, fleet: FleetState = pooledFleet()): Promise<Driver> {
    const made = open('pools', spec, fleet);
    made.press('j', 'd');
    await made.settle();
    made.press('y');
    await made.settle();
    return made;
  }

  test('shows the connections that are left while it runs, on the card and, when that is left, in the status line', async () => {
    const hold = Promise.withResolvers<void>();
    const made = open('pools', { hold: hold.promise });
    made.press('j', 'd');
    await made.settle();
    made.press('y');
    await made.settle();
    expect(shown(made, 80, 24)).toContain('… 8 connections left');
    made.press('escape');
    expect(shown(made, 120, 30)).toContain('· 8 connections left');
    hold.resolve();
    await made.settle();
    expect(dialogOf(made)).toBe('outcome');
  });

  test.each([
    ['w', { action: 'depool', hostId: 'static/web2', pool: 'www', mode: 'drain' }],
    ['f', { action: 'depool', hostId: 'static/web2', pool: 'www', mode: 'force' }],
    ['u', { action: 'repool', hostId: 'static/web2', pool: 'www' }],
  ] as const)('that ran out of time offers %s, which only plans', async (key, request) => {
    const made = await ended();
    expect(shown(made, 80, 24)).toContain('<w> wait on   <f> force it out   <u> put it back   <esc> leave it so');
    made.press(key);
    await made.settle();
    expect(made.console.executor.planned[1]).toEqual(request);
    expect(made.console.executor.executed).toHaveLength(1);
    expect(dialogOf(made)).toBe('plan');
  });

  test('that ran out of time may be left as it is', async () => {
    const made = await ended();
    made.press('escape');
    expect(made.session.ui.getState().changes).toEqual([]);
    expect(made.console.executor.planned).toHaveLength(1);
  });

  test('keys typed ahead of the outcome choose nothing', async () => {
    const made = await ended();
    made.pressAtOnce('f');
    await made.settle();
    expect(made.console.executor.planned).toHaveLength(1);
  });

  test('that never began offers nothing but closing', async () => {
    const fleet = pooledFleet();
    const made = await ended(late, {
      ...fleet,
      pools: [{ ...www, members: www.members.map((one) => ({ ...one, state: 'in' as const })) }],
    });
    expect(shown(made)).toContain('<esc> close');
    expect(shown(made)).not.toContain('force it out');
  });

  test('a count told again and again stands once', async () => {
    const made = open('pools', {
      progress: ['9 connections left', '8 connections left', '19 %, 673 MB, 23s left', '30 %, 1.07 GB, 1m left'].map((text) => ({
        phase: 'verify' as const,
        text,
        health: 'running' as const,
      })),
    });
    made.press('j', 'd');
    await made.settle();
    made.press('y');
    await made.settle();
    const screen = shown(made);
    for (const text of ['8 connections', '1.07 GB']) expect(screen).toContain(text);
    for (const text of ['9 connections', '673 MB']) expect(screen).not.toContain(text);
  });
});

describe('the backups screen', () => {
  test.each(sizes)('tells age against limit, size, place, proof, failure and progress at %d×%d', (columns, lines) => {
    const screen = shown(open('backups'), columns, lines);
    for (const text of [
      /● tree +nfs1 .*3h of 26h +█.* ok +1\.2G +off-host +verified/,
      /… ███████───────── 43% {2}1\.1G {2}11M\/s {2}12m00s left/,
      /■ db .*27h of 26h .*too old/,
      /last attempt failed at 13:07Z \(1h ago\): the dump ended without/,
      /\? scheduled .*\? of 26h .*not read/,
      /11:07Z +3h ago +1\.2G +in 3m12s +verified +tree-2026-03-01/,
      /02-26 11:07Z 4d ago/,
    ])
      expect(screen).toMatch(text);
  });

  test('only the chosen one unfolds', () => {
    const made = open('backups');
    expect(shown(made)).toContain('tree-2026-03-05');
    made.press('j');
    expect(shown(made)).not.toContain('tree-2026-03-05');
    expect(shown(made)).toContain('db-2026-03-02');
  });

  test('b makes the one under the cursor, by way of a plan', async () => {
    const made = open('backups');
    made.press('j', 'b');
    await made.settle();
    expect(made.console.executor.planned).toEqual([{ action: 'backup', hostId: 'static/control1', name: 'db' }]);
    expect(made.console.executor.executed).toEqual([]);
  });

  test('one that is only watched is not made, and says why', async () => {
    const made = open('backups');
    made.press('G', 'b');
    await made.settle();
    expect(noteOf(made)).toBe('b (backup): only watched: somebody else makes it.');
    expect(made.console.executor.planned).toEqual([]);
  });

  test('a missing copy, an unread one, a failed and an unproven one have words of their own', () => {
    const fleet = pooledFleet();
    const proofless = backup('d', 'nfs1');
    const screen = shown(
      open(
        'backups',
        {},
        {
          ...fleet,
          backups: [
            backup('a', 'nfs1', { artifacts: [] }),
            backup('b', 'nfs1', { error: 'nfs1 cannot be reached' }),
            backup('c', 'nfs1', { failed: { at: start, why: 'no space' } }),
            { ...proofless, artifacts: proofless.artifacts.map((one) => ({ ...one, verified: false })) },
          ],
        },
      ),
    );
    for (const text of [
      /■ a .*none of 26h .*no copy/,
      /\? b .*unread/,
      /nfs1 cannot be reached; what is shown is as of 14:07Z/,
      /▲ c .*failed/,
      /▲ d .*unproven/,
    ])
      expect(screen).toMatch(text);
  });
});

describe('b', () => {
  test('offers the backups that concern the host, and its second key plans at once', async () => {
    const made = onto(driver(), 'nfs1');
    made.press('b');
    const screen = shown(made, 80, 24);
    for (const text of ['back up what of nfs1?', '<t> tree', '3h of 26h ok · being made now', 'only watched'])
      expect(screen).toContain(text);
    made.press('t');
    await made.settle();
    expect(made.console.executor.planned).toEqual([{ action: 'backup', hostId: 'static/nfs1', name: 'tree' }]);
  });

  test('refuses in words where there is none', () => {
    const made = onto(driver(), 'web1');
    made.press('b');
    expect(noteOf(made)).toBe('b (backup): the fleet file names no backup of web1.');
  });

  test('with marks offers what all have, and is a run', async () => {
    const made = onto(driver(), 'nfs1');
    made.press('space');
    onto(made, 'control1').press('space', 'b');
    expect(shown(made)).not.toContain('<t> tree');
    made.press('enter');
    await made.settle();
    expect(made.console.executor.many.planned[0]?.requests).toEqual([
      { action: 'backup', hostId: 'static/nfs1', name: 'db' },
      { action: 'backup', hostId: 'static/control1', name: 'db' },
    ]);
  });

  test('a backup goes on when its card is left, is in the status line, and its end is told', async () => {
    const hold = Promise.withResolvers<void>();
    const made = onto(driver({ hold: hold.promise }), 'nfs1');
    made.press('b', 't');
    await made.settle();
    made.press('y');
    await made.settle();
    expect(shown(made)).toContain('███████───────── 43%');
    made.press('escape');
    expect(shown(made, 140, 30)).toContain('43%  1.1G  11M/s  12m00s left');
    made.press('q');
    expect(shown(made, 120, 30)).toContain('it goes on there, and the next console takes it up again');
    made.press('escape');
    // Something else has the keyboard when it ends: told as soon as nothing has.
    made.press('r');
    hold.resolve();
    await made.settle();
    expect(dialogOf(made)).toBe('pick-service');
    made.press('escape');
    expect(dialogOf(made)).toBe('outcome');
  });
});

describe('what is owed', () => {
  test.each([...sizes, [60, 20]] as const)('is one item of the header of every screen at %d×%d', (columns, lines) => {
    for (const screen of ['fleet', 'pools', 'backups', 'sources', 'help'])
      expect(open(screen).frame(columns, lines)[0], screen).toMatch(/ owed[: ]/);
  });

  test('tells who and how long where there is room, and that it is due', () => {
    expect(driver().frame(160, 48)[0]).toContain(' owed: web3 out of www 12m ');
    const fleet = pooledFleet();
    const due = driver(
      {},
      {
        ...fleet,
        debts: [
          { ...debt, remindAt: start - 60_000 },
          { ...debt, id: 'b', hostId: null, pool: null, what: 'step' },
        ],
      },
    );
    expect(due.frame(160, 48)[0]).toContain(' owed: web3 out of www 12m +1, due ');
    expect(driver({}, { ...fleet, debts: [] }).frame(160, 48)[0]).not.toContain('owed');
  });

  test('takes no line from the table at 80×24', () => {
    const fleet = pooledFleet();
    const without = driver({}, { ...fleet, debts: [] });
    expect(driver().frame(80, 24).slice(1)).toEqual(without.frame(80, 24).slice(1));
  });
});

describe('the sources screen', () => {
  test('tells age, hosts, errors, missing zones and how old a kept list is', () => {
    const fleet = pooledFleet();
    const made = open(
      'sources',
      {},
      {
        ...fleet,
        sources: [
          { name: 'gce:paris', ok: true, listedAt: start - 5000, hosts: 4, error: null, missing: ['us-east1-b'] },
          {
            name: 'azure:lab',
            ok: false,
            listedAt: start - 720_000,
            hosts: 2,
            error: 'The credentials have expired: run az login.',
            missing: [],
          },
          { name: 'static', ok: true, listedAt: null, hosts: 0, error: null, missing: [] },
        ],
      },
    );
    for (const [columns, lines] of sizes) {
      const screen = shown(made, columns, lines);
      for (const text of [
        '▲ gce:paris  in part  4 hosts  listed',
        'Did not see us-east1-b',
        '? azure:lab  could not be listed  2 hosts',
        'run az login',
        'Its 2 hosts are as of 13:55Z',
        '? static  not asked yet',
      ])
        expect(screen).toContain(text);
    }
  });
});

describe('the host screen', () => {
  test('lists its pools and its backups with what stands against them', () => {
    const made = onto(driver(), 'web3');
    made.press('enter');
    for (const text of ['pools', 'www  out', 'out since 13:55Z (12m) by anna@box: new kernel']) {
      expect(shown(made, 160, 60)).toContain(text);
      expect(shown(made, 80, 24)).toContain(text);
    }
    const nfs = onto(driver(), 'nfs1');
    nfs.press('enter');
    for (const text of ['backups', 'tree  3h of 26h ok', '43%', 'scheduled']) expect(shown(nfs, 160, 60)).toContain(text);
  });
});

test('the bars are drawn in ASCII where there is no Unicode', () => {
  const screen = open('backups')
    .frame(100, 30, createTheme({ color: false, ascii: true }))
    .join('\n');
  expect(stripVTControlCharacters(screen)).toContain('~ #######--------- 43%');
});

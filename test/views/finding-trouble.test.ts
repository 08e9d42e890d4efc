import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import { drive } from './drive.ts';
import { fleetState, hostView, type HostSpec, manyHosts, pencilFleet, start, testConsole } from './fixture.ts';

const services: NonNullable<HostSpec['services']> = [
  ['nginx', 'ok'],
  ['pencils', 'crit'],
  ['uwsgi', 'ok'],
];

const alert = (host: string, what: string, cause: string | null = null): Alert => ({
  id: `disk-full@static/${host}`,
  name: 'disk-full',
  labels: {},
  severity: 'crit',
  host: `static/${host}`,
  hostName: host,
  what,
  since: start - 65_000,
  cause,
  suppressedBy: cause,
  ackedBy: null,
  playbooks: [],
});

describe('what is wrong is found without opening anything', () => {
  test('a row says why its host is poorly when no service does', () => {
    const view = hostView(
      { name: 'nfs1', role: 'nfs', health: 'crit', reasons: ['disk /data 97 % full (limit 95)'], services: [['nfs-server', 'ok']] },
      start,
      1,
    );
    const [row] = drive(testConsole(fleetState([view])))
      .frame(130, 24)
      .filter((text) => text.startsWith(' ■ nfs1'));
    expect(row).toContain('disk /data 97 % full');
    expect(row).toContain('nfs-server ●');
  });

  test('the host under the cursor is told of below a short table, and a long table has the room for itself', () => {
    const short = drive(testConsole(pencilFleet())).frame(80, 30);
    const rule = short.findIndex((text) => text.startsWith('────'));
    expect(rule).toBeGreaterThan(8);
    expect(short[rule + 1]).toContain('nfs1 crit');
    expect(short.slice(rule).join('\n')).toContain('NFS latency 48 ms');
    expect(
      drive(testConsole(manyHosts(60)))
        .frame(80, 30)
        .join('\n'),
    ).not.toContain('────');
  });

  test('a root cause that does not fit one line of 80 columns gets a second for what it explains, and never loses since when', () => {
    const what = 'the data disk makes 2 932 operations a second, 98 % of the ceiling';
    const root = alert('nfs1', what);
    const state = fleetState([], [root, alert('web1', 'NFS latency 48 ms', root.id), alert('web2', 'NFS latency 48 ms', root.id)]);
    const frame = drive(testConsole(state)).frame(80, 24);
    expect(frame[1]).toMatch(/^ ■ nfs1: the data disk makes .*… for 1m05s$/);
    expect(frame[2]).toContain('Explains 2 alerts on web1 web2');
  });

  test('more root causes than lines get one line each', () => {
    const state = fleetState(
      [],
      ['a1', 'b2', 'c3'].map((host) => alert(host, 'a long reason '.repeat(8))),
    );
    const frame = drive(testConsole(state)).frame(80, 24);
    for (const [index, host] of ['a1', 'b2', 'c3'].entries()) expect(frame[index + 1]).toMatch(new RegExp(`^ ■ ${host}: .*for 1m05s$`));
  });

  test('a sentence about a source does not name it twice', () => {
    const source = { name: 'gce:prod', ok: false, error: 'gce:prod did not answer within 30 s.', listedAt: null, missing: [], hosts: 0 };
    const state = { ...fleetState([], []), sources: [source] };
    expect(drive(testConsole(state)).frame(80, 24)[1]).toContain(' ? gce:prod: did not answer within 30 s. (never listed)');
  });

  test('a sentence about a host does not name it twice', () => {
    const state = fleetState([], [alert('web1', 'web1 refuses connections')]);
    expect(drive(testConsole(state)).frame(80, 24)[1]).toContain(' web1: refuses connections');
  });

  test('a host that is explained by another says so on its own screen', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press(':', ...'host web1', 'enter');
    expect(driver.frame(100, 30).join('\n')).toContain('Explained by nfs1: NFS latency 48 ms (limit 20)');
  });

  test('the same sentence is said once on the screen of a host that refuses', () => {
    const why = 'web2 refuses connections: no SSH server listens there.';
    const spec: HostSpec = { name: 'web2', role: 'web', health: 'unknown', reach: 'refused', why, reasons: [why], unasked: true };
    const driver = drive(testConsole(fleetState([hostView(spec, start, 1)])));
    driver.press('enter');
    expect(
      driver
        .frame(120, 30)
        .join('\n')
        .match(/no SSH server listens/g),
    ).toHaveLength(1);
  });

  test('a journal that cannot write is said above everything that can be changed', () => {
    const driver = drive(testConsole(pencilFleet(), { journalFailure: 'the disk of the journal is full' }));
    expect(driver.frame(100, 30).join('\n')).toContain('Every change is refused: the disk of the journal is full');
  });
});

describe('the sick service is the one that is offered', () => {
  const sick = (): ReturnType<typeof drive> =>
    drive(testConsole(fleetState([hostView({ name: 'web2', role: 'web', health: 'crit', services }, start, 1)])));

  test('on the host screen the cursor starts on it, and restart offers it', () => {
    const driver = sick();
    driver.press('enter', 'r', 'enter');
    expect(driver.console.executor.planned).toEqual([{ action: 'restart', hostId: 'static/web2', service: 'pencils' }]);
  });

  test('once the person has moved to another, that one is offered', () => {
    const driver = sick();
    driver.press('enter', 'k', 'r', 'enter');
    expect(driver.console.executor.planned[0]).toMatchObject({ service: 'nginx' });
  });
});

describe('the first row', () => {
  test('stays the first one while only the view was changed, and is held as soon as a key is about its host', () => {
    const hosts = (first: string): ReturnType<typeof fleetState> =>
      fleetState(
        ['a', 'b', 'c'].map((name, index) => hostView({ name, role: 'web', health: name === first ? 'crit' : 'ok' }, start, index)),
      );
    const driver = drive(testConsole(hosts('a')));
    driver.press('?', 'escape', ':', 'escape');
    driver.console.store.setState(hosts('b'), true);
    expect(driver.session.selected()?.host.name).toBe('b');
    driver.press('y', 'escape');
    driver.console.store.setState(hosts('c'), true);
    expect(driver.session.selected()?.host.name).toBe('b');
  });
});

describe('the first moments', () => {
  test('the demo says that it is starting, a fleet of one’s own that it is looked for', () => {
    const empty = { ...fleetState([]), sources: [] };
    expect(
      drive(testConsole({ ...empty, demo: true }))
        .frame(80, 24)
        .join('\n'),
    ).toContain('Starting the demo fleet…');
    expect(drive(testConsole(empty)).frame(80, 24).join('\n')).toContain('Looking for hosts…');
  });

  test('a source whose first listing is under way is no trouble; one that was refused is', () => {
    const source = { name: 'gce:paris', ok: false, listedAt: null, hosts: 0, error: null, missing: [] };
    const drawn = (error: string | null) =>
      drive(testConsole({ ...fleetState([]), sources: [{ ...source, error }] }))
        .frame(80, 24)
        .join('\n');
    expect(drawn(null)).toContain('Looking for hosts…');
    expect(drawn(null)).not.toContain('gce:paris');
    expect(drawn('its token has expired')).toContain('? gce:paris: its token has expired (never listed)');
    expect(drawn('its token has expired')).toContain('No host is known yet');
  });
});

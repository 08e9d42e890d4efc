import { describe, expect, test } from 'vitest';
import { parseDocument, visit } from 'yaml';
import { fleetJsonSchema } from '../../src/config/fleet-schema.ts';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { checksOn, servicesOn, sshOf } from '../../src/fleet/definition.ts';
import { fixtureNames, fixtureText, fixtureVariables, fleetOf } from './fixture.ts';

const pencilcode = fleetOf(fixtureText('good', 'pencilcode.yaml'), '/etc/fleets/pencilcode.yaml');
const codalab = fleetOf(fixtureText('good', 'codalab.yaml'), '/etc/fleets/codalab.yaml');
const hknweb = fleetOf(fixtureText('good', 'hknweb.yaml'), '/etc/fleets/hknweb.yaml');
const smallest = fleetOf(fixtureText('good', 'smallest.yaml'));

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nothing is called ${name}`);
  return found;
}

describe('a fleet file without faults', () => {
  test.each(fixtureNames('good'))('%s is accepted', (name) => {
    fleetOf(fixtureText('good', name));
  });

  test('every key of the schema stands in some good file, so that none is known only to the schema', () => {
    const used = new Set<string>();
    for (const name of fixtureNames('good')) {
      visit(parseDocument(fixtureText('good', name)), { Pair: (_, { key }) => void used.add(String(key)) });
    }
    expect(keysOf(fleetJsonSchema()).filter((key) => !used.has(key))).toEqual([]);
  });

  test('durations become ms, per cents numbers, and unset keys their defaults', () => {
    expect(smallest.poll).toEqual({ everyMs: 5000, deadlineMs: 10_000, staleMs: 15_000, handshakes: 32 });
    expect(smallest.ssh).toEqual({
      user: null,
      port: null,
      identity: [],
      agent: true,
      config: '/home/ann/.ssh/config',
      knownHosts: ['/home/ann/.ssh/known_hosts'],
      hostKeys: 'ask',
      jump: [],
      transport: 'ssh2',
      iap: 'auto',
      sudo: { kind: 'no' },
    });
    expect(smallest.limits.cpu).toEqual({ warn: 85, crit: 95, leave: 80, forMs: 60_000 });
    expect(smallest.limits.nfsMs).toEqual({ warn: 20, crit: 100, leave: 15, forMs: 30_000 });
    expect(smallest.limits.iowait).toBeNull();
    expect(smallest.bulk).toEqual({ canary: 1, batch: 1, healthy: 3, stopAfter: 1 });
    expect(smallest.environments).toEqual([{ name: 'default', match: null, danger: true, color: 'red' }]);
    expect(smallest.title).toBe('tiny');
  });

  test('a static host is dialled by its name when it has no address', () => {
    expect(smallest.sources[0]).toMatchObject({
      name: 'static',
      refreshMs: 60_000,
      deadlineMs: 20_000,
      hosts: [{ name: 'one', address: 'one', role: null }],
    });
  });

  test('sources of one kind get names of their own', () => {
    expect(hknweb.sources.map(({ name }) => name)).toEqual(['static', 'static#2']);
    expect(pencilcode.sources.map(({ name }) => name)).toEqual(['gce:paris-code', 'local']);
    expect(codalab.sources.map(({ name }) => name)).toEqual(['azure:codalab']);
  });

  test('role rules keep their order and their kind', () => {
    const source = named(pencilcode.sources, 'gce:paris-code');
    expect(source.kind === 'gce' && source.roles).toEqual([
      { role: 'web', match: { kind: 'tag', tag: 'webserver' } },
      { role: 'nfs', match: { kind: 'tag', tag: 'nfs' } },
      { role: 'nfs', match: { kind: 'label', label: { key: 'role', value: 'nfs' } } },
      { role: 'control', match: { kind: 'name', pattern: expect.objectContaining({ source: '^ansible' }) } },
    ]);
  });

  test('paths of this machine are absolute, with ~ as the home and the rest beside the fleet file', () => {
    expect(pencilcode.ssh.identity).toEqual(['/home/ann/.ssh/id_ed25519', '/etc/fleets/keys/other']);
    expect(pencilcode.playbooks).toBe('/etc/playbooks/pencilcode');
    expect(pencilcode.contacts).toBe('/home/ann/.config/quarterdeck/contacts.yaml');
    expect(codalab.contacts).toBe('/etc/fleets/people.yaml');
    const source = named(pencilcode.sources, 'gce:paris-code');
    expect(source.kind === 'gce' && source.ca).toBe('/etc/fleets/ca.pem');
    const check = named(codalab.checks, 'remote');
    expect(check.kind === 'mysql' && check.password).toEqual({ kind: 'file', path: '/etc/fleets/secrets/probe' });
  });

  test('what concerns the API of a cloud may stand beside its kind or inside it', () => {
    const inside = fleetOf(
      'fleet: a\ninventory: [{ gce: { project: p, endpoint: "http://127.0.0.1:1", refresh: 5s, deadline: 1s }, deadline: 2s }]',
    );
    expect(inside.sources[0]).toMatchObject({ endpoint: 'http://127.0.0.1:1', refreshMs: 5000, deadlineMs: 2000 });
  });

  test('SSH settings of a role override the fleet one by one', () => {
    expect(sshOf(pencilcode, 'nfs')).toEqual({ ...pencilcode.ssh, user: 'root', sudo: { kind: 'no' }, config: null });
    expect(sshOf(pencilcode, 'control').sudo).toEqual({ kind: 'user', user: 'deploy' });
    expect(sshOf(pencilcode, 'web')).toBe(pencilcode.ssh);
    expect(pencilcode.ssh.jump).toEqual(['ansible2', 'me@bastion.example:2222']);
  });

  test('the default environment comes last and may be described', () => {
    expect(pencilcode.environments.map(({ name, danger, color }) => [name, danger, color])).toEqual([
      ['prod', true, 'red'],
      ['test', false, 'green'],
      ['both', true, 'blue'],
      ['default', false, 'gray'],
    ]);
  });

  test('a service is called what its unit is called unless the file says otherwise', () => {
    const [nginx, pencils] = servicesOn(pencilcode, 'web');
    expect(nginx).toMatchObject({ name: 'nginx', unit: 'nginx.service', precheck: 'nginx -t', verify: [], holdMs: 5000, stateful: false });
    expect(pencils).toMatchObject({ unit: 'pencils', verify: ['load'], holdMs: 10_000, port: 8816, socket: null });
    expect(named(pencilcode.services, 'worker')).toMatchObject({ unit: 'codalab_worker_1', verify: ['cert'] });
    expect(named(codalab.services, 'rest-server')).toMatchObject({ project: 'codalab', unit: 'rest-server' });
  });

  test('the key of a check decides its kind', () => {
    expect(pencilcode.checks.map(({ name, kind, from }) => `${name} ${kind} ${from}`)).toEqual([
      'load http host',
      'plain http host',
      'cert tls here',
      'sock http host',
      'version version host',
      'socketversion version host',
      'port tcp host',
      'outside tcp here',
    ]);
    expect(checksOn(pencilcode, 'web').map(({ name }) => name)).not.toContain('cert');
    expect(named(pencilcode.checks, 'load')).toMatchObject({
      everyMs: 10_000,
      timeoutMs: 3000,
      status: 200,
      hostHeader: 'pencil.io',
      body: '"directory"',
    });
    expect(named(pencilcode.checks, 'sock')).toMatchObject({ url: 'http://localhost/', unix: '/srv/apps/hkn/dev.sock' });
    expect(named(pencilcode.checks, 'cert')).toMatchObject({
      host: 'pencilcode.net',
      port: 443,
      warnMs: 21 * 86_400_000,
      critMs: 7 * 86_400_000,
    });
    expect(named(pencilcode.checks, 'port')).toMatchObject({ host: '127.0.0.1', port: 8816 });
    expect(named(codalab.checks, 'cache')).toMatchObject({ host: '127.0.0.1', port: 11211, hitRateWarn: 0.7 });
    expect(named(codalab.checks, 'db')).toMatchObject({
      socket: '/run/mysqld/mysqld.sock',
      replication: true,
      lagWarnMs: 30_000,
      lagCritMs: 300_000,
    });
    expect(named(codalab.checks, 'recount')).toMatchObject({ path: '/var/log/recount.log', warnMs: 7_200_000, critMs: 86_400_000 });
  });

  test('a limit keeps the usual numbers it does not give, unless they contradict it', () => {
    expect(pencilcode.limits.disk).toEqual({ warn: 85, crit: null, leave: 84, forMs: 60_000 });
    expect(pencilcode.limits.swap).toEqual({ warn: null, crit: 80, leave: null, forMs: 60_000 });
    expect(pencilcode.limits.nfsIops).toEqual([{ on: ['nfs'], disk: '/data', ceiling: 3000, warnPct: 80, critPct: 95, forMs: 120_000 }]);
    expect(
      fleetOf('fleet: a\ninventory: [{ static: [{ name: a }] }]\nlimits: { cpu: { warn: 97 }, memory: { crit: 60 } }').limits,
    ).toMatchObject({
      cpu: { warn: 97, crit: null, leave: 91 },
      memory: { warn: null, crit: 60, leave: null },
    });
  });

  test('a limit that is moved is left in the usual proportion below itself, unless the file says where', () => {
    const limits = (text: string) => fleetOf(`fleet: a\ninventory: [{ static: [{ name: a }] }]\nlimits: { ${text} }`).limits;
    expect(limits('nfs_ms: { warn: 1000 }').nfsMs).toMatchObject({ warn: 1000, crit: null, leave: 750 });
    expect(limits('nfs_ms: { warn: 1000, leave: 15 }').nfsMs).toMatchObject({ leave: 15 });
    expect(limits('nfs_ms: { crit: 200 }').nfsMs).toMatchObject({ warn: 20, crit: 200, leave: 15 });
    expect(limits('disk: { warn: 10 }').disk).toMatchObject({ leave: 9.88 });
  });

  test('what a pool of a kind needs stands in its options, and only that', () => {
    expect(named(pencilcode.pools, 'web')).toEqual({
      name: 'web',
      kind: 'gce-target-pool',
      memberRoles: ['web'],
      floor: { count: 1, ratio: 50 },
      drain: { ports: [80, 443], atMost: 5, timeoutMs: 120_000 },
      remindMs: 1_800_000,
      options: { pool: 'lb-tp', region: 'us-central1', project: 'paris-code' },
    });
    expect(named(pencilcode.pools, 'edge')).toMatchObject({
      floor: { count: 1, ratio: 50 },
      drain: null,
      options: { on: 'control', backend: 'web' },
    });
    expect(named(pencilcode.pools, 'group').floor).toEqual({ count: 2, ratio: 0 });
  });

  test('a copy on the host it copies is said to be one, unless it leaves the host', () => {
    const same = [...pencilcode.backups, ...codalab.backups].filter(({ sameHost }) => sameHost).map(({ name }) => name);
    expect(same).toEqual(['tree', 'scheduled', 'maria']);
    expect(named(pencilcode.backups, 'scheduled')).toMatchObject({ kind: 'watch', options: { watch: '/backup/daily.0' } });
  });

  test('releases, maintenance and actions are kept as given', () => {
    expect(hknweb.releases).toEqual([
      { name: 'prod', on: ['web'], root: '~/hknweb/prod', restart: 'hknweb', warnMigrations: 'hknweb/migrations' },
    ]);
    expect(hknweb.maintenanceMode.get('web')).toEqual({ on: 'touch /etc/maint', off: 'rm /etc/maint', check: 'test -e /etc/maint' });
    expect(named(hknweb.actions, 'scan-mirror')).toMatchObject({
      risk: 'safe',
      undo: null,
      key: 's',
      inputs: [{ name: 'mirror' }, { choices: ['full', 'quick'] }],
    });
    expect(pencilcode.depends).toEqual(
      new Map([
        ['web', ['nfs']],
        ['control', ['web']],
      ]),
    );
    expect(pencilcode.redact[0]?.replaceAll('CODALAB_X_PASSWORD=secret done AccountKey=abc', '…')).toBe('… done AccountKey=abc');
  });

  test('roles that host names decide are not checked, and a note says so', () => {
    const result = parseFleet(fixtureText('good', 'codalab.yaml'), 'codalab.yaml', '/home/ann', fixtureVariables);
    expect(result.ok && result.notes).toEqual([
      'Host names of azure:codalab decide the roles, so the roles named in this file could not be checked.',
    ]);
  });

  test('a jump host that is nearly the name of a host is noted', () => {
    const result = parseFleet(
      'fleet: a\ninventory: [{ static: [{ name: ansible2 }] }]\nssh: { jump: me@ansibel2:22 }',
      'a.yaml',
      '/home/ann',
    );
    expect(result.ok && result.notes).toEqual(['The jump host "ansibel2" is no host of this file; did you mean "ansible2"?']);
  });
});

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    const own = key === 'properties' && typeof value === 'object' && value !== null ? Object.keys(value) : [];
    return [...own, ...keysOf(value)];
  });
}

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CloudHost } from '../../src/cloud/calls.ts';
import { createCloud } from '../../src/cloud/create-cloud.ts';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Fleet } from '../../src/fleet/definition.ts';
import { hostOfCloud } from '../../src/inventory/cloud-host.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import { answeringServer, type Told } from '../cloud/answering-server.ts';
import { scratch, testCloud } from '../cloud/asking.ts';
import { aggregatedPage, failure, instance } from '../cloud/gce-answers.ts';

function fleetOf(text: string): Fleet {
  const result = parseFleet(`fleet: test\n${text}`, 'test.yaml', '/home/ann');
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.fleet;
}

const plain: CloudHost = {
  id: 'us-a/web1',
  name: 'web1',
  zone: 'us-a',
  resourceGroup: null,
  state: 'running',
  privateAddress: '10.0.0.5',
  publicAddress: '34.1.1.1',
  labels: { ssh: '127.0.0.7:2207', v6: '[::1]:22', bare6: '::1', bad: 'x y', env: 'prod' },
  tags: ['webserver'],
};

function hostOf(rules: string, more: Partial<CloudHost> = {}) {
  const fleet = fleetOf(rules);
  const [source] = fleet.sources;
  if (source === undefined || source.kind === 'static' || source.kind === 'local') throw new Error('The test has a cloud source.');
  return hostOfCloud({ ...plain, ...more }, source, fleet.environments);
}

describe('a cloud’s machine becomes a host', () => {
  test('with the role and the environment that the rules give it', () => {
    const host = hostOf(`
environments: { prod: { match: { label: "env=prod" } } }
inventory: [{ gce: { project: p }, role: { web: "tag:webserver", nfs: "tag:nfs" } }]`);
    expect(host).toEqual({
      id: 'gce:p/us-a/web1',
      name: 'web1',
      role: 'web',
      env: 'prod',
      zone: 'us-a',
      address: '10.0.0.5',
      ssh: { user: null, port: null },
      labels: plain.labels,
      provider: 'gce',
      source: 'gce:p',
      cloudState: 'running',
    });
  });

  test('with what the groups of its name say, where its labels leave it open', () => {
    const rules = `inventory: [{ azure: { subscription: s }, name: '^vm-clws-(?<env>\\w+)-(?<role>\\w+)-(?<index>\\d+)$' }]`;
    expect(hostOf(rules, { name: 'vm-clws-prod-server-03', labels: { index: 'three' } })).toMatchObject({
      env: 'prod',
      role: 'server',
      labels: { index: 'three' },
    });
    expect(hostOf(rules, { name: 'vm-clws-prod-server-03', labels: {} })).toMatchObject({ labels: { index: '03' } });
    expect(hostOf(rules, { name: 'other', labels: {} })).toMatchObject({ env: 'default', role: null, labels: {} });
  });

  test.each([
    ['private', '10.0.0.5', null],
    ['public', '34.1.1.1', null],
    ['name', 'web1', null],
    ['label:ssh', '127.0.0.7', 2207],
    ['label:v6', '::1', 22],
    ['label:bare6', '::1', null],
    ['label:bad', null, null],
    ['label:none', null, null],
    ['label:constructor', null, null],
  ])('with the address that the file chooses: %s', (choice, address, port) => {
    expect(hostOf(`inventory: [{ gce: { project: p }, address: "${choice}" }]`)).toMatchObject({ address, ssh: { user: null, port } });
  });
});

describe('the last good list of a cloud', () => {
  const zones = (web2: string): Told => ({
    body: aggregatedPage({
      'us-a': [instance({ name: 'web1', zone: 'us-a' })],
      'us-b': [instance({ name: web2, zone: 'us-b', status: 'TERMINATED' })],
    }),
  });
  const partial: Told = { body: aggregatedPage({ 'us-a': [instance({ name: 'web1', zone: 'us-a' })], 'us-b': 'UNREACHABLE' }) };
  const expired: Told = { status: 401, body: failure(401, 'authError', 'Invalid Credentials') };

  async function start(told: () => Told) {
    const server = await answeringServer(told);
    const fleet = fleetOf(`inventory: [{ gce: { project: p, endpoint: "${server.url}" } }]`);
    const stateDir = scratch();
    const open = (cloud = testCloud(), at = 1_000_000): Inventory =>
      new Inventory(createProviders(fleet, { cloud, stateDir, now: () => at }), () => at);
    return { fleet, stateDir, open };
  }
  const states = (inventory: Inventory) => inventory.hosts().map((host) => `${host.name} ${host.cloudState}`);

  test('is shown at the next start before anything is asked, with its age, and is not ok until the cloud has answered', async () => {
    let told = zones('web2');
    const { open } = await start(() => told);
    const first = open();
    await first.refreshAll();
    expect(first.sources()[0]).toMatchObject({ ok: true, listedAt: 1_000_000, hosts: 2, error: null });

    told = expired;
    const second = open(testCloud(), 5_000_000);
    const seen: unknown[] = [];
    second.onChange(() => seen.push([second.sources()[0], states(second)]));
    await second.refreshAll();
    const kept = { name: 'gce:p', ok: false, listedAt: 1_000_000, hosts: 2, missing: [] };
    expect(seen[0]).toEqual([
      { ...kept, error: 'Not listed yet since the start; these hosts are from the last good listing.' },
      ['web1 running', 'web2 stopped'],
    ]);
    expect(seen.at(-1)).toEqual([
      { ...kept, error: expect.stringContaining('Google rejected the credentials (401)') },
      ['web1 running', 'web2 stopped'],
    ]);

    told = zones('web3');
    await second.refreshAll();
    expect(second.sources()[0]).toMatchObject({ ok: true, listedAt: 5_000_000, error: null });
    expect(states(second)).toEqual(['web1 running', 'web3 stopped']);
  });

  test('keeps the hosts of a zone that could not be listed, their state unknown, over a restart too', async () => {
    let told = zones('web2');
    const { open } = await start(() => told);
    const first = open();
    await first.refreshAll();
    told = partial;
    await first.refreshAll();
    const wanted = ['web1 running', 'web2 unknown'];
    expect(states(first)).toEqual(wanted);
    expect(first.sources()[0]).toMatchObject({
      ok: false,
      missing: ['us-b'],
      error: 'Could not list us-b; its one host is kept from before.',
    });

    const second = open();
    await second.refreshAll();
    expect(states(second)).toEqual(wanted);
  });

  test('is a file for its owner alone, and holds neither metadata nor anything that is no longer listed', async () => {
    let told = zones('web2');
    const { open, stateDir } = await start(() => told);
    await open().refreshAll();
    told = zones('web3');
    await open().refreshAll();
    const files = readdirSync(join(stateDir, 'inventory'));
    expect(files).toEqual([expect.stringMatching(/^gce_p-[0-9a-f]{12}\.json$/)]);
    const file = join(stateDir, 'inventory', files[0] ?? '');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(stateDir, 'inventory')).mode & 0o777).toBe(0o700);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('web3');
    expect(text).not.toMatch(/web2|canary-of-metadata/);
  });

  test('that is spoilt is as none, and escape sequences in it do not reach the screen', async () => {
    const { open, stateDir } = await start(() => zones('web2'));
    await open().refreshAll();
    const file = join(stateDir, 'inventory', readdirSync(join(stateDir, 'inventory'))[0] ?? '');
    const good = readFileSync(file, 'utf8');
    const closed = createCloud();
    await closed.close();
    const kept = async (text: string): Promise<Inventory> => {
      writeFileSync(file, text);
      const inventory = open(closed);
      await inventory.refreshAll();
      return inventory;
    };
    for (const spoilt of [good.slice(0, 100), '{"version":1,"at":"yesterday","hosts":[]}', '']) {
      const inventory = await kept(spoilt);
      expect(inventory.hosts()).toEqual([]);
      expect(inventory.sources()[0]).toMatchObject({ ok: false, listedAt: null, error: 'The console is closing.' });
    }
    const odd = await kept(good.replace('"labels":{}', '"labels":{"x":"\\u001b[2J"}'));
    expect(odd.hosts()[0]?.labels).toEqual({ x: '\\x1b[2J' });
  });

  test('is not kept where there is no state directory', async () => {
    const { fleet, stateDir } = await start(() => zones('web2'));
    const inventory = new Inventory(createProviders(fleet, { cloud: testCloud(), stateDir: null }), Date.now);
    await inventory.refreshAll();
    expect(inventory.sources()[0]).toMatchObject({ ok: true, hosts: 2 });
    expect(existsSync(join(stateDir, 'inventory'))).toBe(false);
  });
});

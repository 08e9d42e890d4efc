import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { noCloud } from '../../src/cloud/cloud.ts';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Fleet } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import { environmentFor, readName, roleFor } from '../../src/inventory/assign.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';

function fleetOf(text: string): Fleet {
  const result = parseFleet(`fleet: test\n${text}`, 'test.yaml', '/home/ann');
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.fleet;
}

const ways = { cloud: noCloud, stateDir: null };

async function listAll(text: string): Promise<Host[]> {
  const listings = await Promise.all(createProviders(fleetOf(text), ways).map((provider) => provider.list(AbortSignal.timeout(20_000))));
  return listings.flatMap(({ hosts }) => hosts);
}

describe('static hosts', () => {
  test('carry all that the file says, under an id of source and name', async () => {
    const [host] = await listAll(
      'inventory: [{ static: [{ name: web1, address: 127.0.0.2, port: 2222, user: ops, role: web, zone: a, labels: { rack: 1 } }] }]',
    );
    expect(host).toEqual({
      id: 'static/web1',
      name: 'web1',
      role: 'web',
      env: 'default',
      zone: 'a',
      address: '127.0.0.2',
      ssh: { user: 'ops', port: 2222 },
      labels: { rack: '1' },
      provider: 'static',
      source: 'static',
      cloudState: null,
    });
  });

  test('an env of their own goes before the rules, the first rule that matches before the next, default before nothing', async () => {
    const hosts = await listAll(`
environments:
  test: { match: { name: "^test-" } }
  prod: { match: { label: "env=prod" } }
  blue: { match: { label: "env=blue", name: "^b" } }
inventory:
  - static:
      - { name: test-1, labels: { env: prod } }
      - { name: web1, labels: { env: prod } }
      - { name: test-2, env: prod }
      - { name: b1, labels: { env: blue } }
      - { name: c1, labels: { env: blue } }
`);
    expect(hosts.map(({ name, env }) => `${name} ${env}`)).toEqual(['test-1 test', 'web1 prod', 'test-2 prod', 'b1 blue', 'c1 default']);
  });
});

describe('this machine', () => {
  test('describes itself without SSH', async () => {
    const [host] = await listAll('inventory: [{ local: { name: here, role: control } }]');
    expect(host).toMatchObject({ id: 'local/here', name: 'here', role: 'control', provider: 'local', cloudState: null });
    expect(host?.labels).toMatchObject({ hostname: hostname(), arch: expect.any(String), kernel: expect.any(String) });
  });

  test('is no longer waited for when the signal comes', async () => {
    const [provider] = createProviders(fleetOf('inventory: [{ local: { name: here } }]'), ways);
    await expect(provider?.list(AbortSignal.abort())).rejects.toThrow('This machine did not describe itself in time.');
  });
});

describe('rules for roles and names', () => {
  const fleet = fleetOf(`
inventory:
  - gce: { project: p }
    role: { web: "tag:webserver", nfs: "label:role=nfs", control: "name:^ansible" }
    name: '^vm-(?<env>\\w+)-(?<role>\\w+)-(?<index>\\d+)$'
`);
  const source = fleet.sources[0];
  const rules = source?.kind === 'gce' ? source.roles : [];
  const pattern = source?.kind === 'gce' ? source.namePattern : null;
  const plain = { name: 'x', labels: {}, tags: [] };

  test('the first rule that matches gives the role, else the name does', () => {
    expect(roleFor(rules, { ...plain, tags: ['webserver'], labels: { role: 'nfs' } }, 'db')).toBe('web');
    expect(roleFor(rules, { ...plain, labels: { role: 'nfs' } }, 'db')).toBe('nfs');
    expect(roleFor(rules, { ...plain, name: 'ansible2' }, null)).toBe('control');
    expect(roleFor(rules, plain, 'db')).toBe('db');
    expect(roleFor(rules, plain, null)).toBeNull();
  });

  test('named groups fill environment, role and labels; another name fills none', () => {
    expect(readName(pattern, 'vm-prod-worker-3')).toEqual({ env: 'prod', role: 'worker', labels: { index: '3' } });
    expect(readName(pattern, 'other')).toEqual({ env: null, role: null, labels: {} });
    expect(environmentFor(fleet.environments, plain, 'prod')).toBe('prod');
  });
});

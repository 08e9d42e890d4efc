import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../src/cloud/cloud.ts';
import { createCloud } from '../../src/cloud/create-cloud.ts';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { fleetOnLoopback } from '../../src/demo/fleet-on-loopback.ts';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import { HandClock } from './demo-client.ts';

describe('the demo’s hosts come from its clouds by the real SDKs', () => {
  let demo: Demo;
  let cloud: Cloud;
  let inventory: Inventory;
  const clock = new HandClock();

  beforeAll(async () => {
    // Chosen before the first listing: a console that begins so still learns its hosts once.
    demo = await startDemo({ clock, scenario: 'zone-missing' });
    const loaded = await loadFleet('config/demo.yaml');
    if (!loaded.ok) throw new Error('The demo file is not good.');
    const fleet = fleetOnLoopback(loaded.fleet, demo);
    cloud = createCloud();
    inventory = new Inventory(createProviders(fleet, { cloud, stateDir: null }), () => clock.now());
  });

  afterAll(async () => {
    inventory.stop();
    await cloud.close();
    await demo.stop();
  });

  const names = (): string[] => inventory.hosts().map(({ name }) => name);
  const errors = (): (string | null)[] => inventory.sources().map(({ error }) => error);

  test('four hosts with role, environment, zone and the port of their own SSH server', async () => {
    await inventory.refreshAll();
    expect(errors()).toEqual([null, null]);
    const portOf = (name: string) => demo.endpoints.find((endpoint) => endpoint.name === name)?.port;
    expect(inventory.hosts().map(({ name, role, env, zone, address, ssh }) => [name, role, env, zone, address, ssh.port])).toEqual([
      ['nfs1', 'nfs', 'prod', 'us-central1-a', '127.0.0.1', portOf('nfs1')],
      ['web1', 'web', 'prod', 'us-central1-a', '127.0.0.1', portOf('web1')],
      ['web2', 'web', 'prod', 'us-central1-b', '127.0.0.1', portOf('web2')],
      ['lb1', 'lb', 'prod', 'centralus-1', '127.0.0.1', portOf('lb1')],
    ]);
  });

  test('zone-missing: the zone is named and its host is kept; mended, all is well', async () => {
    await clock.pass(5000);
    await inventory.refreshAll();
    expect(inventory.sources()[0]?.missing).toEqual(['us-central1-b']);
    expect(names()).toContain('web2');
    demo.setScenario(null);
    await inventory.refreshAll();
    expect(errors()).toEqual([null, null]);
    expect(names().length).toBe(4);
  });

  test('quota and expired-credentials: both clouds refuse in their own words, until it is mended', async () => {
    const { gce, azure } = demo.clouds;
    const machines = [
      [gce, '/compute/v1/projects/quarterdeck-demo/aggregated/instances'],
      [azure, '/subscriptions/0f3c6a1e-5d2b-4c11-9a57-3f0e6b1d2c40/resourceGroups/edge/providers/Microsoft.Compute/virtualMachines'],
    ] as const;
    const answers = async (): Promise<string[]> => {
      await clock.pass(5000);
      const all = machines.map(async ([{ endpoint, token }, path]) => {
        const answer = await fetch(endpoint + path, { headers: { authorization: `Bearer ${token}` } });
        const reason = /"(?:reason|code)":"(\w+)"/.exec(await answer.text())?.[1] ?? '';
        return `${answer.status} ${answer.ok ? '' : reason} ${answer.headers.get('retry-after') ?? ''}`.trim();
      });
      return Promise.all(all);
    };
    expect(await answers()).toEqual(['200', '200']);
    demo.setScenario('quota');
    expect(await answers()).toEqual(['403 rateLimitExceeded', '429 TooManyRequests 17']);
    demo.setScenario('expired-credentials');
    expect(await answers()).toEqual(['401 authError', '401 ExpiredAuthenticationToken']);
    demo.setScenario(null);
    expect(await answers()).toEqual(['200', '200']);
  });
});

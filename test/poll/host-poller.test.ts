import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import type { ReachState } from '../../src/fleet/reach.ts';
import type { Sample } from '../../src/fleet/sample.ts';
import { startDemo, type Demo } from '../../src/demo/start-demo.ts';
import { systemClock } from '../../src/poll/clock.ts';
import { CollectorChannel } from '../../src/poll/collector-channel.ts';
import { HostPoller } from '../../src/poll/host-poller.ts';
import type { Connector, HostConnection } from '../../src/remote/connection.ts';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { LocalConnection } from '../../src/remote/local-connection.ts';
import { fleetWith, hostAt, settings } from '../remote/fleet.ts';

describe('the poller of one host', () => {
  let demo: Demo;
  let connector: Connector;
  let poller: HostPoller;
  const samples: Sample[] = [];
  const reaches: ReachState[] = [];

  beforeEach(async () => {
    samples.length = 0;
    reaches.length = 0;
    demo = await startDemo();
    const [endpoint] = demo.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    const fleet = fleetWith(settings({ knownHosts: [], port: endpoint.port, user: endpoint.user }));
    connector = createConnector(fleet, noPrompts, { identityPem: demo.identityPem, knownHostLines: demo.knownHostLines });
    const host: Host = hostAt(endpoint.address);
    poller = new HostPoller(host, fleet, connector, systemClock, {
      reach: (_host, reach) => reaches.push(reach),
      sample: (_host, sample) => samples.push(sample),
      check: () => {},
    });
  });

  afterEach(async () => {
    poller.stop();
    await connector.close();
    await demo.stop();
  });

  test('joins a round that is under way, but a fresh one begins after the call', async () => {
    await Promise.all([poller.poll(), poller.poll()]);
    expect(samples).toHaveLength(1);
    const underWay = poller.poll();
    await Promise.all([underWay, poller.freshRound('fast')]);
    expect(samples).toHaveLength(3);
    expect(reaches.map((state) => state.reach)).toEqual(['connecting', 'ok']);
  });

  test('connects again when it is asked after its connection was closed', async () => {
    await poller.poll();
    poller.connection?.close();
    expect(poller.connection).toBeNull();
    await poller.poll();
    expect(poller.connection).not.toBeNull();
    expect(samples).toHaveLength(2);
    // Counters of another connection are no ground for a rate over the gap.
    expect(samples[1]?.cpu?.usedPct).toBeNull();
  });

  test('stopped in the middle of a round it neither waits nor reports', async () => {
    const round = poller.poll();
    poller.stop();
    await round;
    expect(samples).toEqual([]);
    expect(poller.connection).toBeNull();
    expect(reaches.map((state) => state.reach)).not.toContain('unreachable');
  });
});

test('a collector that floods is cut off as no shell long before its deadline', async () => {
  const local = new LocalConnection(hostAt(null, { provider: 'local' }));
  const flooding: Pick<HostConnection, 'shell'> = { shell: () => local.shell('yes') };
  const channel = CollectorChannel.open(flooding, { services: [], sudo: { kind: 'no' } }, 60_000);
  await expect(channel).rejects.toMatchObject({ reach: 'no-shell', message: expect.stringContaining('more than 4 MB') });
  local.close();
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import type { Fleet, Source, SshSettings } from '../../src/fleet/definition.ts';
import type { CloudState, Host } from '../../src/fleet/host.ts';
import { systemClock } from '../../src/poll/clock.ts';
import { FleetPoller } from '../../src/poll/fleet-poller.ts';
import { type Connector, noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { fleetWith, hostAt, settings } from '../remote/fleet.ts';

const source: Source = {
  kind: 'gce',
  name: 'gce:paris-code',
  refreshMs: 60_000,
  deadlineMs: 20_000,
  endpoint: null,
  ca: null,
  token: null,
  roles: [],
  address: { kind: 'public' },
  namePattern: null,
  project: { kind: 'literal', value: 'paris-code' },
  zones: [],
  filter: null,
};

describe('which hosts are asked', () => {
  let demo: Demo;
  let connector: Connector;
  let poller: FleetPoller;
  let address: string;
  const heard: string[] = [];

  function start(ssh: Partial<SshSettings> = {}): void {
    const [endpoint] = demo.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    address = endpoint.address;
    const fleet: Fleet = {
      ...fleetWith(settings({ knownHosts: [], port: endpoint.port, user: endpoint.user, ...ssh })),
      sources: [source],
    };
    connector = createConnector(fleet, noPrompts, { identityPem: demo.identityPem, knownHostLines: demo.knownHostLines });
    const listener = { reach: () => {}, sample: (host: Host) => heard.push(host.name), check: () => {}, checkHere: () => {} };
    poller = new FleetPoller(fleet, connector, systemClock, listener, false);
  }

  beforeEach(async () => {
    heard.length = 0;
    demo = await startDemo();
    start();
  });
  afterEach(async () => {
    poller.stop();
    await connector.close();
    await demo.stop();
  });

  const inCloud = (cloudState: CloudState): Host =>
    hostAt(address, { id: 'gce:paris-code/web1', provider: 'gce', source: 'gce:paris-code', zone: 'us-a', cloudState });
  const asked = (hosts: readonly Host[]): boolean[] => {
    poller.setHosts(hosts);
    return hosts.map(({ id }) => poller.of(id) !== null);
  };

  test('running ones and those of unknown state are, stopped and stopping ones are not', () => {
    const hosts = (['running', 'provisioning', 'unknown', 'stopping', 'stopped'] as const).map((state) => ({
      ...inCloud(state),
      id: state,
    }));
    expect(asked(hosts)).toEqual([true, true, true, false, false]);
  });

  test('without an address only a machine that IAP leads to is', async () => {
    const hidden = { ...inCloud('running'), address: null };
    const elsewhere = hostAt(null, { id: 'static/web2' });
    expect(asked([hidden, elsewhere])).toEqual([true, false]);
    await connector.close();
    start({ iap: 'never' });
    expect(asked([hidden])).toEqual([false]);
  });

  test('one that answers is asked on when its cloud calls it stopped, until it answers no more', async () => {
    poller.setHosts([inCloud('running')]);
    await poller.pollAll();
    poller.setHosts([inCloud('stopped')]);
    await poller.pollAll();
    expect(heard).toHaveLength(2);
    for (const connection of poller.connections()) connection.close();
    expect(asked([inCloud('stopped')])).toEqual([false]);
  });
});

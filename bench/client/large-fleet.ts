import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { fleetListed } from '../../src/demo/fleet-on-loopback.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import { noCloud } from '../../src/cloud/cloud.ts';
import { LiveFleet } from '../../src/live/live-fleet.ts';
import { createFleetStore } from '../../src/live/store.ts';
import { systemClock } from '../../src/poll/clock.ts';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import type { DemoHosts } from './demo-hosts.ts';
import { type Cost, measureCost } from './measured.ts';

// Quarterdeck without its screens on a large fleet at its usual pace: services, limits and alerts as in the demo's fleet file.

export interface LargeFleetRequest {
  readonly hosts: DemoHosts;
  readonly checks: boolean;
  readonly settleMs: number;
  readonly measureMs: number;
}

export interface LargeFleetAnswer {
  readonly contact: Cost;
  readonly steady: Cost;
  readonly publications: number;
}

async function run({ hosts, checks, settleMs, measureMs }: LargeFleetRequest): Promise<LargeFleetAnswer> {
  const loaded = await loadFleet('config/demo.yaml');
  if (!loaded.ok) throw new Error('config/demo.yaml cannot be read');
  const demo = fleetListed(loaded.fleet, hosts);
  const fleet = checks ? demo : { ...demo, checks: [] };
  const store = createFleetStore({ fleetName: fleet.name, title: fleet.title, demo: true, at: Date.now() });
  const live = new LiveFleet({
    fleet,
    inventory: new Inventory(createProviders(fleet, { cloud: noCloud, stateDir: null }), systemClock.wallMs),
    connector: createConnector(fleet, noPrompts, { identityPem: hosts.identityPem, knownHostLines: hosts.knownHostLines, env: {} }),
    store,
    clock: systemClock,
    cloud: noCloud,
    wanted: () => true,
    continuous: true,
  });
  let samples = 0;
  let publications = 0;
  const nothing = (): void => {};
  live.listen({ sample: () => (samples += 1), reach: nothing, check: nothing, checkHere: nothing });
  store.subscribe(() => (publications += 1));

  const deadline = performance.now() + 180_000;
  const contact = await measureCost(async () => {
    live.start();
    while (live.views().length === 0 || live.views().some((view) => view.sample === null)) {
      const lost = live.views().filter((view) => view.reach.reach !== 'ok');
      if (performance.now() > deadline) throw new Error(`${lost.length} hosts do not answer: ${lost[0]?.reach.why ?? 'no reason'}`);
      await sleep(100);
    }
    return live.views().length;
  });
  await sleep(settleMs);
  publications = 0;
  const steady = await measureCost(async () => {
    const before = samples;
    await sleep(measureMs);
    return samples - before;
  });
  return { contact, steady, publications };
}

process.on('message', (request: LargeFleetRequest) => {
  run(request)
    .then((answer) => process.send?.(answer))
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    });
});
process.on('disconnect', () => process.exit(0));

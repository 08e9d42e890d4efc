import { setTimeout as sleep } from 'node:timers/promises';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import { noCloud } from '../../src/cloud/cloud.ts';
import { LiveFleet } from '../../src/live/live-fleet.ts';
import { createFleetStore } from '../../src/live/store.ts';
import { systemClock } from '../../src/poll/clock.ts';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { loopbackDefinition } from './definition.ts';
import { serve } from './requests.ts';

// Quarterdeck without its screens: connect, poll, parse, judge, alert and publish, as the console does it.

serve(async (loopback, everyMs) => {
  const fleet = loopbackDefinition(loopback, everyMs ?? 5000);
  const store = createFleetStore({ fleetName: fleet.name, title: fleet.title, demo: false, at: Date.now() });
  const continuous = everyMs !== null;
  const live = new LiveFleet({
    fleet,
    inventory: new Inventory(createProviders(fleet, { cloud: noCloud, stateDir: null }), systemClock.wallMs),
    connector: createConnector(fleet, noPrompts, { env: {} }),
    store,
    clock: systemClock,
    cloud: noCloud,
    wanted: () => true,
    continuous,
  });
  let samples = 0;
  const nothing = (): void => {};
  live.listen({ sample: () => (samples += 1), reach: nothing, check: nothing, checkHere: nothing });

  const demandAll = (): void => {
    const silent = live.views().find((view) => view.reach.reach !== 'ok');
    if (silent !== undefined) throw new Error(`${silent.host.name}: ${silent.reach.why ?? silent.reach.reach}`);
  };

  return {
    contact: async () => {
      if (continuous) {
        live.start();
        while (live.views().length === 0 || live.views().some((view) => view.sample === null)) await sleep(20);
      } else {
        await live.refresh();
        live.publish();
      }
      demandAll();
      return live.views().length;
    },
    rounds: async (times) => {
      const ids = live.views().map((view) => view.host.id);
      for (let round = 0; round < times; round += 1) {
        await Promise.all(ids.map((id) => live.freshRound(id)));
        live.publish();
      }
      demandAll();
      return times * ids.length;
    },
    spread: async (forMs) => {
      const before = samples;
      await sleep(forMs);
      demandAll();
      return samples - before;
    },
  };
});

import { hostname, userInfo } from 'node:os';
import type { Fleet } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { createProviders } from '../inventory/create-providers.ts';
import { Inventory } from '../inventory/inventory.ts';
import { LiveFleet } from '../live/live-fleet.ts';
import { createFleetStore, type FleetStore } from '../live/store.ts';
import { systemClock } from '../poll/clock.ts';
import { createConnector } from '../remote/connector.ts';
import { noPrompts, type Prompts } from '../remote/connection.ts';
import type { GlobalOptions } from './global-options.ts';
import { openFleet, type DemoChoice, type OpenFleet } from './open-fleet.ts';
import { UsageError } from './usage-error.ts';

/** Everything a command needs of a fleet, wired together. */
export interface Session extends OpenFleet {
  readonly live: LiveFleet;
  readonly store: FleetStore;
  stop(): Promise<void>;
}

export interface SessionOptions {
  readonly demo?: DemoChoice | null;
  readonly prompts?: Prompts;
  /** True for the console and `watch`; false when everything is asked once. */
  readonly continuous: boolean;
  /** Further restriction of the hosts, e.g. to those named on the command line. */
  readonly only?: (host: Host) => boolean;
}

/** Opens the fleet of the options and wires inventory, connections, polling and the store. */
export async function openSession(options: GlobalOptions, session: SessionOptions): Promise<Session> {
  const opened = await openFleet(options, session.demo ?? null);
  checkEnvironment(opened.fleet, options.env);
  const store = createFleetStore({ fleetName: opened.fleet.name, title: opened.fleet.title, demo: opened.demo !== null, at: Date.now() });
  const connector = createConnector(opened.fleet, session.prompts ?? noPrompts, opened.connectorOptions);
  const inventory = new Inventory(createProviders(opened.fleet), systemClock.wallMs);
  const live = new LiveFleet({
    fleet: opened.fleet,
    inventory,
    connector,
    store,
    clock: systemClock,
    continuous: session.continuous,
    wanted: (host) => (options.env === null || host.env === options.env) && (session.only?.(host) ?? true),
  });
  return {
    ...opened,
    live,
    store,
    stop: async () => {
      live.stop();
      await connector.close();
      await opened.demo?.stop();
    },
  };
}

/** `user@machine`, as the journal names who did something. */
export function operator(): string {
  return `${userInfo().username}@${hostname()}`;
}

function checkEnvironment(fleet: Fleet, name: string | null): void {
  if (name === null || fleet.environments.some((environment) => environment.name === name)) return;
  const known = fleet.environments.map((environment) => environment.name).join(', ');
  throw new UsageError(`--env ${name}: ${fleet.file} has no such environment; it has ${known}`);
}

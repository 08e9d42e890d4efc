import type { Host } from '../fleet/host.ts';
import { createCloud } from '../cloud/create-cloud.ts';
import { createProviders } from '../inventory/create-providers.ts';
import { Inventory } from '../inventory/inventory.ts';
import { hostsFrom } from '../playbook/live/hosts-from.ts';
import { LiveFleet } from '../live/live-fleet.ts';
import { createFleetStore, type FleetStore } from '../live/store.ts';
import { systemClock } from '../poll/clock.ts';
import { createConnector } from '../remote/connector.ts';
import { noPrompts, type Prompts } from '../remote/connection.ts';
import type { GlobalOptions } from './global-options.ts';
import { maskOf } from './mask.ts';
import { chooseFleet, type ChosenFleet, openChosen, type OpenFleet } from './open-fleet.ts';
import { usableStateDir } from './open-state-dir.ts';
import { PlaybookShelf } from './playbook-shelf.ts';

/** Everything a command needs of a fleet, wired together. */
export interface Session extends OpenFleet {
  readonly live: LiveFleet;
  readonly store: FleetStore;
  /** The playbooks of the fleet; read when it was opened. */
  readonly playbooks: PlaybookShelf;
  /** Takes the fleet's secrets out of a text before it is shown or kept. */
  readonly mask: (text: string) => string;
  stop(): Promise<void>;
}

export interface SessionOptions {
  /** Default: what the options name. */
  readonly chosen?: ChosenFleet;
  readonly prompts?: Prompts;
  /** Default: a new one. */
  readonly store?: FleetStore;
  /** True for the console and `watch`; false when everything is asked once. */
  readonly continuous: boolean;
  /** Further restriction of the hosts, e.g. to those named on the command line. */
  readonly only?: (host: Host, all: readonly Host[]) => boolean;
}

/** Opens the fleet of the options and wires inventory, connections, polling and the store. */
export async function openSession(options: GlobalOptions, session: SessionOptions): Promise<Session> {
  const opened = await openChosen(session.chosen ?? (await chooseFleet(options, null)));
  const { name: fleetName, title } = opened.fleet;
  const demo = opened.demo !== null;
  const store = session.store ?? createFleetStore({ fleetName, title, demo, at: Date.now() });
  store.setState({ fleetName, title, demo });
  const connector = createConnector(opened.fleet, session.prompts ?? noPrompts, opened.connectorOptions);
  const cloud = createCloud();
  // The embedded fleet's clouds are others at every start: nothing of them is worth keeping.
  const stateDir = demo ? null : usableStateDir(options);
  const inventory = new Inventory(createProviders(opened.fleet, { cloud, stateDir }), systemClock.wallMs);
  const playbooks: PlaybookShelf = new PlaybookShelf(opened.fleet.playbooks, (from) => hostsFrom(live, from));
  // A command that asks once is not to print alerts without them; a console does not wait for them.
  const read = playbooks.reload();
  if (!session.continuous) await read;
  const live: LiveFleet = new LiveFleet({
    fleet: opened.fleet,
    inventory,
    connector,
    store,
    clock: systemClock,
    cloud,
    continuous: session.continuous,
    wanted: (host, all) => (options.env === null || host.env === options.env) && (session.only?.(host, all) ?? true),
    withPlaybooks: (alerts) => playbooks.onAlerts(alerts),
  });
  return {
    ...opened,
    live,
    store,
    playbooks,
    mask: await maskOf(opened.fleet),
    stop: async () => {
      live.stop();
      await connector.close();
      await cloud.close();
      await opened.demo?.stop();
    },
  };
}

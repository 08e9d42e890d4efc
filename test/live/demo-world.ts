import { fileURLToPath } from 'node:url';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { fleetListed } from '../../src/demo/fleet-on-loopback.ts';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import type { CheckSpec, Fleet, PollSettings } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { CheckSample, Sample } from '../../src/fleet/sample.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import type { Provider } from '../../src/inventory/provider.ts';
import { noCloud } from '../../src/cloud/cloud.ts';
import { LiveFleet } from '../../src/live/live-fleet.ts';
import { createFleetStore, type FleetStore } from '../../src/live/store.ts';
import type { Clock } from '../../src/poll/clock.ts';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';

export interface WorldOptions {
  readonly scenario?: string;
  readonly hosts?: number;
  readonly poll?: Partial<PollSettings>;
  readonly continuous?: boolean;
  /** Further hosts beside the demo's. */
  readonly more?: readonly Host[];
  /** How long a proof must hold, ms. Default 300, so that a restart is soon proved. */
  readonly holdMs?: number;
  /** Further checks, which prove every restart as well. */
  readonly proofs?: readonly CheckSpec[];
}

/** The demo fleet with a living fleet over it; its inventory and its time can be changed. */
export interface DemoWorld {
  readonly demo: Demo;
  readonly fleet: Fleet;
  readonly live: LiveFleet;
  readonly store: FleetStore;
  /** Samples heard so far, oldest first. */
  readonly samples: { readonly host: string; readonly sample: Sample }[];
  readonly checks: CheckSample[];
  /** Adds to the time of day, ms. */
  readonly time: { ahead: number; pace: number };
  /** Hosts that the inventory lists from its next refresh on. */
  list(keep: (host: Host) => boolean): Promise<void>;
  view(name: string): HostView;
  samplesOf(name: string): Sample[];
  stop(): Promise<void>;
}

const demoFile = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url));

/** Starts the demo and a living fleet over it. Stop it in the same test. */
export async function startWorld(options: WorldOptions = {}): Promise<DemoWorld> {
  const demo = await startDemo({
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
  });
  const loaded = await loadFleet(demoFile);
  if (!loaded.ok) throw new Error('The demo file is not good.');
  const written = fleetListed(loaded.fleet, demo);
  const proofs = options.proofs ?? [];
  const fleet: Fleet = {
    ...written,
    poll: { ...written.poll, ...options.poll },
    checks: [...written.checks, ...proofs],
    services: written.services.map((service) => ({
      ...service,
      holdMs: options.holdMs ?? 300,
      verify: [...service.verify, ...proofs.map(({ name }) => name)],
    })),
  };
  const time = { ahead: 0, pace: 1 };
  const clock: Clock = { wallMs: () => Date.now() + time.ahead, monoMs: () => performance.now() * time.pace };
  let keep: (host: Host) => boolean = () => true;
  const [inner] = createProviders(fleet, { cloud: noCloud, stateDir: null });
  if (inner === undefined) throw new Error('The demo has a source.');
  const provider: Provider = {
    name: inner.name,
    kind: inner.kind,
    refreshMs: inner.refreshMs,
    deadlineMs: inner.deadlineMs,
    list: async (signal) => {
      const { hosts, missing } = await inner.list(signal);
      return { hosts: [...hosts, ...(options.more ?? [])].filter(keep), missing };
    },
  };
  const inventory = new Inventory([provider], clock.wallMs);
  const store = createFleetStore({ fleetName: fleet.name, title: fleet.title, demo: true, at: clock.wallMs() });
  const connector = createConnector(fleet, noPrompts, { identityPem: demo.identityPem, knownHostLines: demo.knownHostLines });
  const live = new LiveFleet({
    fleet,
    inventory,
    connector,
    store,
    clock,
    cloud: noCloud,
    wanted: () => true,
    continuous: options.continuous ?? true,
  });
  const samples: { readonly host: string; readonly sample: Sample }[] = [];
  const checks: CheckSample[] = [];
  live.listen({
    reach: () => {},
    sample: (host, sample) => samples.push({ host: host.name, sample }),
    check: (_host, check) => checks.push(check),
    checkHere: () => {},
  });
  return {
    demo,
    fleet,
    live,
    store,
    samples,
    checks,
    time,
    list: (which) => {
      keep = which;
      return inventory.refreshAll();
    },
    view: (name) => {
      const found = live.views().find((view) => view.host.name === name);
      if (found === undefined) throw new Error(`no host ${name}`);
      return found;
    },
    samplesOf: (name) => samples.filter((each) => each.host === name).map((each) => each.sample),
    stop: async () => {
      live.stop();
      await connector.close();
      await demo.stop();
    },
  };
}

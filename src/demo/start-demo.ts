import { randomBytes } from 'node:crypto';
import ssh2 from 'ssh2';
import { type DemoClock, wallClock } from './clock.ts';
import { type CloudEndpoint, makeClouds } from './clouds/demo-clouds.ts';
import { makeFleet } from './demo-fleet.ts';
import { scenarioNamed, scenarios } from './scenarios/catalog.ts';
import { Forwarding } from './ssh/forwarding.ts';
import { HostServer } from './ssh/host-server.ts';
import { makeKeyPair } from './ssh/key-pair.ts';

export interface DemoEndpoint {
  readonly name: string;
  readonly role: 'web' | 'nfs' | 'lb';
  readonly address: string;
  readonly port: number;
  /** Any user name is let in with the right key; this is the one the machines know. */
  readonly user: string;
}

/**
 * A running demo fleet: real SSH servers on 127.0.0.1 in front of simulated machines, and two servers there that list them as Compute
 * Engine and Azure do. Nothing of it is on disk.
 */
export interface Demo {
  readonly endpoints: readonly DemoEndpoint[];
  /** Private key that may log in, OpenSSH format, made for this run. */
  readonly identityPem: string;
  /** One `known_hosts` line per endpoint. */
  readonly knownHostLines: readonly string[];
  /** The clouds that list the hosts. */
  readonly clouds: { readonly gce: CloudEndpoint; readonly azure: CloudEndpoint };
  readonly scenarios: readonly { readonly name: string; readonly title: string; readonly what: string }[];
  current(): string | null;
  /** Mends the present scenario and starts another; `null` is calm. @throws RangeError for an unknown name. */
  setScenario(name: string | null): void;
  /** Cuts every connection and frees every port and timer. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Default 4: web1, web2, nfs1, lb1. */
  readonly hosts?: number;
  readonly scenario?: string;
  /** The same seed makes the same machines. */
  readonly seed?: number;
  readonly clock?: DemoClock;
}

/** Listeners opened at once, so that a thousand hosts do not stall the event loop. */
const startedAtOnce = 64;

/** @throws RangeError in plain words for an unknown scenario or an impossible number of hosts. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const clock = options.clock ?? wallClock();
  const first = options.scenario === undefined ? null : scenarioNamed(options.scenario);
  const fleet = makeFleet(options.hosts ?? 4, options.seed ?? 20_261_121, clock);
  const identity = makeKeyPair('quarterdeck demo');
  const host = makeKeyPair();
  const allowed = ssh2.utils.parseKey(identity.public);
  if (allowed instanceof Error) throw allowed;
  const forwarding = new Forwarding();
  const servers = fleet.machines.map((machine) => new HostServer(machine, { hostKeyPem: host.private, allowed }, forwarding));
  const token = randomBytes(24).toString('base64url');
  const ports = new Map(servers.map((server) => [server.machine, server]));
  const clouds = makeClouds(fleet, (machine) => `127.0.0.1:${ports.get(machine)?.port ?? 0}`, token);
  const stop = async (): Promise<void> => {
    clock.stop();
    forwarding.stop();
    await Promise.all([...servers, clouds.gce, clouds.azure].map((server) => server.stop()));
  };
  try {
    for (let at = 0; at < servers.length; at += startedAtOnce)
      await Promise.all(servers.slice(at, at + startedAtOnce).map((server) => server.start()));
    await Promise.all([clouds.gce.start(), clouds.azure.start()]);
  } catch (error) {
    await stop();
    throw error;
  }
  let current: string | null = null;
  let mend = (): void => {};
  const setScenario = (name: string | null): void => {
    const next = name === null ? null : scenarioNamed(name);
    for (const machine of fleet.machines) machine.advance();
    mend();
    mend = next === null ? () => {} : next.apply(fleet);
    current = name;
  };
  if (first !== null) setScenario(first.name);
  const hostPublic = host.public.split(' ').slice(0, 2).join(' ');
  return {
    endpoints: servers.map(({ machine, port }) => ({
      name: machine.name,
      role: machine.spec.role,
      address: '127.0.0.1',
      port,
      user: 'ops',
    })),
    identityPem: identity.private,
    knownHostLines: servers.map(({ port }) => `[127.0.0.1]:${port} ${hostPublic}`),
    clouds: { gce: { endpoint: clouds.gce.endpoint, token }, azure: { endpoint: clouds.azure.endpoint, token } },
    scenarios: scenarios.map(({ name, title, what }) => ({ name, title, what })),
    current: () => current,
    setScenario,
    stop,
  };
}

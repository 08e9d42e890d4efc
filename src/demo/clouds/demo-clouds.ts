import type { DemoFleet } from '../demo-fleet.ts';
import type { Machine } from '../machine/machine.ts';
import { type AzureMachine, azureWorld } from './azure-world.ts';
import { azureServer } from './azure-server.ts';
import type { CloudHttp } from './cloud-http.ts';
import type { CloudMachine } from './cloud-machine.ts';
import { gceServer } from './gce-server.ts';
import { gceWorld } from './gce-world.ts';

/** Zones of the demo's GCE project; webs lie in the first two by turns. */
export const demoZones = ['us-central1-a', 'us-central1-b', 'us-central1-c'] as const;

const project = 'quarterdeck-demo';
const subscription = '0f3c6a1e-5d2b-4c11-9a57-3f0e6b1d2c40';
const location = 'centralus';

/** Where one cloud of a running demo is reached, and the token that it takes. */
export interface CloudEndpoint {
  /** Base address of its API. */
  readonly endpoint: string;
  readonly token: string;
}

export interface DemoClouds {
  readonly gce: CloudHttp;
  readonly azure: CloudHttp;
}

/**
 * The two clouds that own the demo's machines: the load balancer lies in Azure, all others in GCE.
 * @param sshAt address and port on which a machine's sshd is reached from here: the machine's label `ssh`.
 * @param token taken by both.
 */
export function makeClouds(fleet: DemoFleet, sshAt: (machine: Machine) => string, token: string): DemoClouds {
  const { clock, cloudLevers: levers } = fleet;
  const of = (machine: Machine, zone: string, publicAddress: string | null): CloudMachine => ({
    name: machine.name,
    zone,
    power: 'running',
    privateAddress: machine.spec.address,
    publicAddress,
    get labels() {
      return { env: 'prod', role: machine.spec.role, ssh: sshAt(machine) };
    },
    tags: [machine.spec.role],
    bootedAt: machine.spec.bootedAt,
    get healthy() {
      return machine.reachable;
    },
  });
  const inGce = fleet.machines.filter(({ spec }) => spec.role !== 'lb').map((machine, index) => of(machine, zoneOf(machine, index), null));
  const inAzure = fleet.machines
    .filter(({ spec }) => spec.role === 'lb')
    .map((machine): AzureMachine => Object.assign(of(machine, `${location}-1`, '203.0.113.10'), { resourceGroup: 'edge' }));
  const world = gceWorld(project, inGce, demoZones);
  for (const { name } of fleet.servers) world.disks.set(`${name}-data`, { zone: demoZones[0], sizeGb: 100 });
  return {
    gce: gceServer({ world, token, levers, clock }),
    azure: azureServer({ world: azureWorld(subscription, location, inAzure), token, levers, clock }),
  };
}

function zoneOf(machine: Machine, index: number): string {
  return machine.spec.role === 'web' && index % 2 === 1 ? demoZones[1] : demoZones[0];
}

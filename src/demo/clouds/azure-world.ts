import type { CloudMachine } from './cloud-machine.ts';

/** What one Azure subscription holds. The server changes it; whoever made it may change it too. */
export interface AzureWorld {
  readonly subscription: string;
  readonly location: string;
  readonly machines: readonly AzureMachine[];
  readonly scaleSets: Map<string, AzureScaleSet>;
  readonly balancers: Map<string, AzureBalancer>;
  readonly disks: Map<string, AzureDisk>;
  readonly snapshots: Map<string, AzureSnapshot>;
}

export interface AzureMachine extends CloudMachine {
  readonly resourceGroup: string;
}

export interface AzureScaleSet {
  readonly resourceGroup: string;
  /** By instance id. */
  readonly machines: ReadonlyMap<string, CloudMachine>;
}

export interface AzureBalancer {
  readonly resourceGroup: string;
  readonly pools: Map<string, AzurePool>;
  /** Load balancing rule → name of its pool. */
  readonly rules: ReadonlyMap<string, string>;
}

export type AdminState = 'None' | 'Up' | 'Down';

export interface AzurePool {
  addresses: { readonly name: string; readonly ipAddress: string; readonly adminState: AdminState }[];
  version: number;
  /** A change is under way. */
  busy: boolean;
}

export interface AzureDisk {
  readonly resourceGroup: string;
  readonly sizeGb: number;
}

export interface AzureSnapshot {
  readonly resourceGroup: string;
  readonly sourceId: string;
  readonly sizeGb: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  state: 'Creating' | 'Succeeded' | 'Failed';
}

/** A subscription with these machines and nothing else. */
export function azureWorld(subscription: string, location: string, machines: readonly AzureMachine[]): AzureWorld {
  return { subscription, location, machines, scaleSets: new Map(), balancers: new Map(), disks: new Map(), snapshots: new Map() };
}

/** Id of a resource as ARM writes it. */
export function armId(world: AzureWorld, resourceGroup: string, rest: string): string {
  return `/subscriptions/${world.subscription}/resourceGroups/${resourceGroup}/providers/${rest}`;
}

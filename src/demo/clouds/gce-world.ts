import type { CloudMachine } from './cloud-machine.ts';

/** What one GCE project holds. The server changes it; whoever made it may change it too. */
export interface GceWorld {
  readonly project: string;
  /** Every zone of the project, those without machines too. */
  readonly zones: readonly string[];
  readonly machines: readonly CloudMachine[];
  readonly targetPools: Map<string, GceTargetPool>;
  readonly groups: Map<string, GceGroup>;
  readonly endpointGroups: Map<string, GceEndpointGroup>;
  readonly backendServices: Map<string, GceBackendService>;
  readonly disks: Map<string, GceDisk>;
  readonly snapshots: Map<string, GceSnapshot>;
}

export interface GceTargetPool {
  readonly region: string;
  /** Names of instances. */
  readonly instances: Set<string>;
}

export interface GceGroup {
  readonly zone: string;
  readonly managed: boolean;
  readonly instances: Set<string>;
  version: number;
}

export interface GceEndpoint {
  readonly instance: string;
  readonly ipAddress: string;
  readonly port: number;
  /** Epoch ms since when it is on its way out, `null` when it is in. */
  drainingSince: number | null;
}

export interface GceEndpointGroup {
  readonly zone: string;
  readonly defaultPort: number;
  endpoints: GceEndpoint[];
}

export interface GceBackendService {
  /** Groups and endpoint groups by name. */
  readonly backends: Map<string, { capacityScaler: number }>;
  readonly drainSeconds: number;
  version: number;
}

export interface GceDisk {
  readonly zone: string;
  readonly sizeGb: number;
}

export interface GceSnapshot {
  readonly disk: string;
  readonly zone: string;
  readonly sizeGb: number;
  readonly bytes: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  status: 'CREATING' | 'UPLOADING' | 'READY' | 'FAILED' | 'DELETING';
}

/** A project with these machines and nothing else. */
export function gceWorld(project: string, machines: readonly CloudMachine[], zones: readonly string[]): GceWorld {
  return {
    project,
    zones,
    machines,
    targetPools: new Map(),
    groups: new Map(),
    endpointGroups: new Map(),
    backendServices: new Map(),
    disks: new Map(),
    snapshots: new Map(),
  };
}

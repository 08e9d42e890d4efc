import type { Setting } from '../fleet/definition.ts';
import type { Membership } from '../fleet/pool.ts';

/** Where and as whom a cloud is asked, as the fleet file says. Settings are resolved by the caller, just before they are handed over. */
export interface CloudAccess {
  readonly provider: 'gce' | 'azure';
  /** Project (GCE) or subscription (Azure). */
  readonly scope: Setting;
  /** Base address of the API, `null` for the vendor's own. */
  readonly endpoint: string | null;
  /** PEM file, `null` for the system's authorities. */
  readonly ca: string | null;
  /** Bearer token, `null` for the ambient credentials. */
  readonly token: Setting | null;
}

/** A machine as its cloud describes it, before the fleet file's rules. No metadata values: they hold secrets. */
export interface CloudHost {
  /** Unique in its source: `<zone>/<name>` (GCE), `<resource group>/<name>` lower-cased (Azure), `<resource group>/<scale set>/<instance>`. */
  readonly id: string;
  readonly name: string;
  readonly zone: string | null;
  /** Azure only. */
  readonly resourceGroup: string | null;
  readonly state: 'provisioning' | 'running' | 'stopping' | 'stopped' | 'unknown';
  readonly privateAddress: string | null;
  readonly publicAddress: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** A balancer's pool in a cloud. */
export type CloudPool =
  | { readonly kind: 'gce-target-pool'; readonly region: string; readonly pool: string }
  | { readonly kind: 'gce-instance-group'; readonly zone: string; readonly group: string; readonly backendService: string | null }
  | {
      readonly kind: 'gce-neg';
      readonly zone: string;
      readonly neg: string;
      readonly port: number | null;
      readonly backendService: string | null;
    }
  | { readonly kind: 'azure-lb'; readonly resourceGroup: string; readonly lb: string; readonly backend: string };

/** A host as a cloud's pool would name it. */
export interface CloudMember {
  readonly name: string;
  readonly zone: string | null;
  readonly address: string | null;
}

/** What a cloud's pool says of one of its members. */
export interface CloudPoolMember extends CloudMember {
  readonly state: Membership;
  readonly health: 'up' | 'down' | 'unknown';
  readonly text: string | null;
  readonly saved: Readonly<Record<string, string | number | boolean | null>>;
}

export interface CloudPoolReading {
  readonly members: readonly CloudPoolMember[];
  /** Why members may not be taken out one by one (a managed instance group has no way back), `null` when they may. */
  readonly refusal: string | null;
  /** Version of what was read (fingerprint, etag), `null` where there is none. */
  readonly etag: string | null;
  readonly warnings: readonly string[];
}

export type CloudDisk =
  | { readonly kind: 'gce-disk'; readonly zone: string; readonly disk: string }
  | { readonly kind: 'azure-disk'; readonly resourceGroup: string; readonly disk: string };

export interface CloudSnapshot {
  readonly name: string;
  /** Epoch ms. */
  readonly at: number;
  readonly state: 'creating' | 'ready' | 'failed' | 'deleting' | 'unknown';
  readonly bytes: number | null;
  readonly pct: number | null;
}

export type CloudReadCall =
  /** `zones` empty: all. `resourceGroup` null: all of the subscription. */
  | { readonly call: 'hosts'; readonly zones: readonly string[]; readonly filter: string | null; readonly resourceGroup: string | null }
  | { readonly call: 'pool'; readonly pool: CloudPool }
  /** Snapshots of one disk, newest first. */
  | { readonly call: 'snapshots'; readonly disk: CloudDisk };

export type CloudWriteCall =
  /** Refused with `conflict` when the pool is no longer as `etag` says. Resolves when the operation is DONE. */
  | { readonly call: 'pool-out'; readonly pool: CloudPool; readonly member: CloudMember; readonly etag: string | null }
  | {
      readonly call: 'pool-in';
      readonly pool: CloudPool;
      readonly member: CloudMember;
      readonly etag: string | null;
      readonly saved: CloudPoolMember['saved'];
    }
  /** `requestId` (a UUID) makes it idempotent. Resolves when the cloud has taken the order, not when it is ready. */
  | { readonly call: 'snapshot-create'; readonly disk: CloudDisk; readonly name: string; readonly requestId: string }
  | { readonly call: 'snapshot-delete'; readonly disk: CloudDisk; readonly name: string };

export type CloudCall = CloudReadCall | CloudWriteCall;

/** What each call answers. */
export interface CloudAnswers {
  readonly hosts: { readonly hosts: readonly CloudHost[]; readonly missing: readonly string[] };
  readonly pool: CloudPoolReading;
  readonly snapshots: { readonly snapshots: readonly CloudSnapshot[] };
  readonly 'pool-out': { readonly changed: boolean };
  readonly 'pool-in': { readonly changed: boolean };
  readonly 'snapshot-create': { readonly name: string };
  readonly 'snapshot-delete': { readonly name: string };
}

/** Why a cloud did not do what it was asked. */
export interface CloudError {
  readonly kind:
    | 'credentials'
    | 'permission'
    | 'rate'
    | 'not-found'
    | 'conflict'
    | 'endpoint'
    | 'deadline'
    /** The child process ended or wrote what is no answer. */
    | 'broken'
    | 'other';
  /** One plain sentence with the remedy, sanitized. */
  readonly message: string;
  /** Whether a change may have happened all the same. */
  readonly uncertain: boolean;
}

export type CloudAnswer<Call extends CloudCall> =
  | { readonly ok: true; readonly value: CloudAnswers[Call['call']] }
  | { readonly ok: false; readonly error: CloudError };

export interface CloudOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** Asks clouds, each in a child process of its own that holds the SDK. Never rejects. */
export interface CloudReader {
  read<Call extends CloudReadCall>(access: CloudAccess, call: Call, options: CloudOptions): Promise<CloudAnswer<Call>>;
}

/** Changes clouds. Handed out once, with the shells, to the executor. */
export interface CloudWriter {
  write<Call extends CloudWriteCall>(access: CloudAccess, call: Call, options: CloudOptions): Promise<CloudAnswer<Call>>;
}

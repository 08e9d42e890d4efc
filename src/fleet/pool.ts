import type { HostId } from './host.ts';

/**
 * Whether a host was left in or taken out of a balancer; its health there is told apart. `draining`: no new requests, and more than the
 * pool's drain may leave are under way; `out`: no more than that. `unknown` is never counted as in.
 */
export type Membership = 'in' | 'draining' | 'out' | 'unknown';

/** Who took a member out through this program, as the note beside the balancer says. */
export interface TakenOutBy {
  /** `user@machine`. */
  readonly who: string;
  readonly reason: string | null;
  /** Epoch ms. */
  readonly at: number;
  /** The action that took it out; its journal entry is in the owner's record. */
  readonly actionId: string;
}

/** One host in one pool, as the balancer itself says. */
export interface PoolMember {
  readonly hostId: HostId;
  /** Name, address or resource under which the balancer knows it; `null` when it does not. */
  readonly server: string | null;
  readonly state: Membership;
  /** Health as the balancer sees it. */
  readonly health: 'up' | 'down' | 'unknown';
  /** Connections or sessions under way now, as the balancer counts them, else as the host's own sockets say. */
  readonly connections: number | null;
  /** Requests (or sessions) the balancer sent it since the balancer began to count; absent or `null` where it does not count. */
  readonly requests?: number | null;
  readonly weight: number | null;
  /** The balancer's own words, sanitized: `UP 1/2, L7OK`. */
  readonly text: string | null;
  /** `null` when it is in, or nobody signed for it. */
  readonly takenOutBy: TakenOutBy | null;
  /** What must be kept to put it back exactly as it was: weight, etag, membership. Plain JSON. */
  readonly saved: Readonly<Record<string, string | number | boolean | null>>;
}

/** One pool as last read. */
export interface PoolState {
  readonly name: string;
  readonly kind: string;
  /** Every host of its member roles that the inventory lists; `unknown` where the balancer could not be asked. */
  readonly members: readonly PoolMember[];
  /** Epoch ms of the last good reading; `null` before the first. */
  readonly readAt: number | null;
  /** Why the last reading failed, one sentence. */
  readonly error: string | null;
  /** Standing facts that matter before a change: `a reload of haproxy forgets drains: it has no server-state-file`. */
  readonly warnings: readonly string[];
}

/** A member of a pool that could not be asked. */
export function unknownMember(hostId: HostId): PoolMember {
  return {
    hostId,
    server: null,
    state: 'unknown',
    health: 'unknown',
    connections: null,
    weight: null,
    text: null,
    takenOutBy: null,
    saved: {},
  };
}

/** What the commands of a pool of kind `command` may name as `{{ member }}`; `host` is the same as `member`. */
export const memberPlaces = ['member', 'host', 'address', 'zone'] as const;

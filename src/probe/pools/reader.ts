import type { CloudReader } from '../../cloud/calls.ts';
import type { Fleet, PoolSpec } from '../../fleet/definition.ts';
import type { Host, HostId } from '../../fleet/host.ts';
import type { PoolMember } from '../../fleet/pool.ts';
import type { ExecResult } from '../../remote/connection.ts';

/** What the reader of a pool or of a backup may use. Nothing of it changes anything. */
export interface ReadContext {
  readonly fleet: Fleet;
  /** Hosts that the inventory lists now. */
  readonly hosts: readonly Host[];
  /**
   * Runs a command that only reads, under the role's privilege (`sudo`); `null` when the host has no connection now.
   * The text is for `sh`; the deadline is kept on the host too.
   */
  run(hostId: HostId, command: string, deadlineMs: number): Promise<ExecResult | null>;
  readonly cloud: CloudReader;
  /** Epoch ms. */
  now(): number;
}

/** What one reading of a pool found. `members` holds every host of the pool's roles, in the inventory's order. */
export interface PoolReading {
  readonly members: readonly PoolMember[];
  readonly warnings: readonly string[];
  /** Why it could not be read, one sentence; its members are then `unknown`. */
  readonly error: string | null;
}

/** Reads one kind of pool; never rejects. */
export type PoolReader = (pool: PoolSpec, context: ReadContext) => Promise<PoolReading>;

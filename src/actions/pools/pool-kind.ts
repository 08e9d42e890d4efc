import type { PoolSpec } from '../../fleet/definition.ts';
import type { HostId } from '../../fleet/host.ts';
import type { PoolMember, PoolState, TakenOutBy } from '../../fleet/pool.ts';
import type { HostView } from '../../fleet/view.ts';
import type { DriverContext } from '../driver.ts';
import type { PlannedCommand } from '../plan.ts';

/** One member of one pool that is to be changed, with what was just read of it. */
export interface PoolTarget {
  readonly spec: PoolSpec;
  readonly pool: PoolState;
  readonly member: PoolMember;
  readonly view: HostView;
}

/** Who signs, for kinds that keep it themselves (a health file holds it as its one line). `at` 0: the time at which it is written. */
export type PoolSignature = TakenOutBy;

/** How to change it, or why this kind of pool cannot be changed so. */
export type PoolChange =
  | {
      readonly kind: 'commands';
      /** Prechecks and changes in order; hosts of shell commands are among `hosts`. */
      readonly commands: readonly PlannedCommand[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refused'; readonly why: string };

/** How one kind of pool is changed. Reading it is `probe/pools`. */
export interface PoolKind {
  /** Of one of its commands. */
  readonly deadlineMs: number;
  /** Hosts whose answer is needed for a change, besides what `reading` needs: the balancers, or the member itself. Empty for a cloud. */
  hosts(context: DriverContext, target: PoolTarget): readonly HostId[];
  /** No new requests; what is under way goes on. */
  drain(context: DriverContext, target: PoolTarget, signature?: PoolSignature): PoolChange;
  /** What is under way is cut off as well; the same as `drain` where the kind has no such thing. */
  force(context: DriverContext, target: PoolTarget, signature?: PoolSignature): PoolChange;
  /** Back in, with what was saved when it was taken out. */
  restore(context: DriverContext, target: PoolTarget, saved: PoolMember['saved']): PoolChange;
}

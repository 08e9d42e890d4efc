import type { PoolSpec } from '../../fleet/definition.ts';
import type { HostId } from '../../fleet/host.ts';
import type { DriverContext } from '../driver.ts';
import type { Plan, Progress } from '../plan.ts';
import { inCloud } from './fresh-pool.ts';

/** Pause between two looks at a pool, ms; a cloud counts requests. */
const everyMs = 1000;
const everyInCloudMs = 5000;

/** What the proofs of a depool and of a repool look at. */
export interface Proving {
  readonly context: DriverContext;
  readonly spec: PoolSpec;
  readonly hostId: HostId;
  readonly name: string;
  /** Says how it stands; the same words twice in a row are said once. */
  tell(text: string): void;
}

/** The sentence of a pool that is gone, where the fleet file no longer has it. */
export function provingOf(
  context: DriverContext,
  plan: Plan,
  request: { readonly hostId: HostId; readonly pool: string },
  onProgress: (progress: Progress) => void,
): Proving | string {
  const spec = context.fleet.pools.find((each) => each.name === request.pool);
  if (spec === undefined) return `the fleet file no longer has a pool ${request.pool}`;
  let told = '';
  return {
    context,
    spec,
    hostId: request.hostId,
    name: plan.targets[0]?.name ?? request.hostId,
    tell: (text) => {
      if (text !== told) onProgress({ at: context.world.clock.wallMs(), phase: 'verify', text, health: 'running' });
      told = text;
    },
  };
}

export function stepMs(spec: PoolSpec): number {
  return inCloud(spec) ? everyInCloudMs : everyMs;
}

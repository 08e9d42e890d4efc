import type { PoolSpec } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import type { DriverContext } from '../driver.ts';
import type { PoolChange } from './pool-kind.ts';

/** Hosts of the role that the pool's `on` names. */
export function balancerViews(context: DriverContext, spec: PoolSpec): readonly HostView[] {
  return context.world
    .views()
    .filter((view) => view.goneSince === null && view.host.role !== null && view.host.role === spec.options['on']);
}

export function refusedChange(why: string): PoolChange {
  return { kind: 'refused', why };
}

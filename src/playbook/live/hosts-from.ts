import type { World } from '../../live/world.ts';

/** Names of the hosts that a `from` of an input means: those of a role, an environment or a pool; all of the fleet when it is `null`. */
export function hostsFrom(world: World, from: string | null): readonly string[] {
  const roles = world.fleet.pools.find((pool) => pool.name === from)?.memberRoles ?? [];
  return world
    .views()
    .filter(
      ({ host, goneSince }) =>
        goneSince === null && (from === null || host.role === from || host.env === from || roles.includes(host.role ?? '')),
    )
    .map(({ host }) => host.name);
}

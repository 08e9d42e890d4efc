import type { HostId } from '../../fleet/host.ts';
import type { HostView } from '../../fleet/view.ts';
import type { World } from '../../live/world.ts';
import { notePlaces, poolNoteKey } from '../../probe/pools/notes.ts';
import type { DriverContext } from '../driver.ts';
import { hostLock } from '../lock-name.ts';
import type { PlannedCommand, PlannedLock, PlannedNote } from '../plan.ts';
import type { PoolKind, PoolTarget } from './pool-kind.ts';

/**
 * Locks of a change in a pool. The pool's own lies on its balancers, where every console that changes the pool must come; where there are
 * none to log in to (a cloud, files on the members), it lies on every member that answers, so that any two consoles meet on one.
 */
export function locksFor(
  context: DriverContext,
  kind: PoolKind,
  target: PoolTarget,
  commands: readonly PlannedCommand[],
): readonly PlannedLock[] {
  const lock = `pool-${target.spec.name}`;
  const places = poolHosts(context, kind, target);
  const shell = new Set(commands.filter((command) => command.cloud === null).map((command) => command.hostId));
  const [first] = places;
  const pool = places.map(({ host }) => ({
    hostId: host.id,
    hostName: host.name,
    lock,
    needed: host.id === first?.host.id || shell.has(host.id),
  }));
  const locked = new Set(pool.map((each) => each.hostId));
  // A step is fenced by a lock of its own host: where the pool's does not lie, the host's own.
  const others = [...shell].filter((hostId) => !locked.has(hostId)).flatMap((hostId) => context.world.view(hostId) ?? []);
  return [...pool, ...others.map(({ host }) => ({ hostId: host.id, hostName: host.name, lock: hostLock, needed: true }))];
}

/** The locks that a whole run takes on a pool, where every change of the pool takes them; `null` when there is no such pool. */
export function poolLocks(world: World, name: string): readonly PlannedLock[] | null {
  const spec = world.fleet.pools.find((pool) => pool.name === name);
  if (spec === undefined) return null;
  const on = spec.options['on'];
  const views = world.views().filter((view) => view.goneSince === null && view.host.role !== null);
  const balancers = views.filter((view) => view.host.role === on);
  const members = views.filter((view) => spec.memberRoles.includes(view.host.role ?? '') && view.reach.reach === 'ok');
  const places = balancers.length > 0 ? balancers : members;
  return places
    .toSorted((a, b) => (a.host.id < b.host.id ? -1 : 1))
    .map(({ host }, index) => ({ hostId: host.id, hostName: host.name, lock: `pool-${name}`, needed: index === 0 }));
}

/** Notes by which consoles elsewhere see who did it, where the reader of the pool looks for them. */
export function notesFor(context: DriverContext, { spec, member }: PoolTarget, note: PlannedNote['note']): readonly PlannedNote[] {
  const hosts = context.world.views().flatMap((view) => (view.goneSince === null ? [view.host] : []));
  const key = poolNoteKey(spec.name, member.hostId);
  return notePlaces(spec, hosts, member.hostId).map((hostId) => ({ hostId, key, note }));
}

function poolHosts(context: DriverContext, kind: PoolKind, target: PoolTarget): readonly HostView[] {
  const { world } = context;
  const of = (ids: readonly HostId[]): HostView[] => ids.flatMap((hostId) => world.view(hostId) ?? []);
  const asked = kind.hosts(context, target);
  const balancers = of(asked).filter((each) => each.host.id !== target.member.hostId);
  if (balancers.length > 0) return balancers;
  return of(target.pool.members.map((member) => member.hostId))
    .filter((each) => each.goneSince === null && each.reach.reach === 'ok')
    .toSorted((a, b) => (a.host.id < b.host.id ? -1 : 1));
}

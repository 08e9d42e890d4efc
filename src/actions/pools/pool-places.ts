import type { HostId } from '../../fleet/host.ts';
import type { HostView } from '../../fleet/view.ts';
import type { DriverContext } from '../driver.ts';
import { hostLock } from '../lock-name.ts';
import type { PlannedCommand, PlannedLock, PlannedNote } from '../plan.ts';
import type { PoolKind, PoolTarget } from './pool-kind.ts';

/**
 * Locks of a change in a pool. The pool's own lies on its balancers, where every console that changes the pool must come; where there are
 * none to log in to (a cloud, files on the members), it lies on every member that answers, so that any two consoles meet on one.
 */
export function locksFor(context: DriverContext, kind: PoolKind, target: PoolTarget, commands: readonly PlannedCommand[]): readonly PlannedLock[] {
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

/** Notes by which consoles elsewhere see who did it, wherever the pool's lock lies. */
export function notesFor(context: DriverContext, kind: PoolKind, target: PoolTarget, note: PlannedNote['note']): readonly PlannedNote[] {
  const key = noteKey(target.spec.name, target.view.host.name);
  return poolHosts(context, kind, target).map(({ host }) => ({ hostId: host.id, key, note }));
}

/** Name of the note about a member. */
export function noteKey(pool: string, hostName: string): string {
  return `pool-${pool}-${hostName}`.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 120);
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

import type { PoolSpec } from '../../fleet/definition.ts';
import { failures, type Health } from '../../fleet/health.ts';
import type { HostId } from '../../fleet/host.ts';
import type { PoolMember, PoolState } from '../../fleet/pool.ts';
import type { HostView } from '../../fleet/view.ts';

/** One member and whether it counts: in, and healthy by the balancer and by its own evidence. */
export interface Standing {
  readonly hostId: HostId;
  readonly name: string;
  readonly member: PoolMember;
  readonly view: HostView | null;
  /** Why it does not count, one phrase; `null` when it does. */
  readonly why: string | null;
}

/** What stands of a pool once a host is out of it. */
export interface FloorCount {
  readonly before: number;
  readonly after: number;
  readonly total: number;
  readonly floor: number;
}

/** Every member as it stands on this evidence. Unknown, stale, disabled, draining, down and maintenance all count as out. */
export function standings(
  spec: PoolSpec,
  pool: PoolState,
  views: readonly HostView[],
  staleMs: number,
  nowMs: number,
): readonly Standing[] {
  return pool.members.map((member) => {
    const view = views.find((each) => each.host.id === member.hostId) ?? null;
    const why = pool.error ?? whyOut(spec, member) ?? whyNotWell(view, staleMs, nowMs);
    return { hostId: member.hostId, name: view?.host.name ?? member.hostId, member, view, why };
  });
}

/**
 * The floor arithmetic when `leaving` go. Never the last one: the floor is at least 1. A host of another environment that the balancer
 * does not list is no member, only a host of the same role.
 */
export function floorOf(spec: PoolSpec, all: readonly Standing[], leaving: readonly HostId[]): FloorCount {
  const envs = new Set(all.filter((each) => leaving.includes(each.hostId)).map((each) => each.view?.host.env));
  const members = all.filter((each) => each.member.server !== null || each.view === null || envs.has(each.view.host.env));
  const counts = members.filter((each) => each.why === null);
  return {
    before: counts.length,
    after: counts.filter((each) => !leaving.includes(each.hostId)).length,
    total: members.length,
    floor: Math.max(1, spec.floor.count, Math.ceil((members.length * spec.floor.ratio) / 100)),
  };
}

/** `web3 ok; not counted: web1 (draining), web2 (crit: nginx failed)` */
export function countWords(all: readonly Standing[]): string {
  const counted = all.filter((each) => each.why === null).map((each) => each.name);
  const not = all.filter((each) => each.why !== null).map((each) => `${each.name} (${each.why ?? ''})`);
  const list = counted.length === 0 ? 'nobody counts' : `${counted.join(', ')} ${counted.length === 1 ? 'counts' : 'count'}`;
  return not.length === 0 ? list : `${list}; not counted: ${not.join(', ')}`;
}

/** Health for the card: that of the member, as out of sight where its state is not known. */
export function standingHealth({ member, view }: Standing): Health {
  return member.state === 'unknown' || view === null ? 'unknown' : view.verdict.health;
}

function whyOut(spec: PoolSpec, member: PoolMember): string | null {
  if (member.state !== 'in') return member.state === 'unknown' ? 'its state in the pool is not known' : member.state;
  if (member.health === 'down') return `down for the balancer${member.text === null ? '' : `: ${member.text}`}`;
  return member.health === 'unknown' && tellsHealth(spec, member) ? 'the balancer does not tell its health' : null;
}

/** Why a host cannot take requests on evidence no older than `staleMs`; `null` when it can, however busy it is. */
export function whyNotWell(view: HostView | null, staleMs: number, nowMs: number): string | null {
  if (view === null || view.goneSince !== null) return 'not in the inventory';
  if (view.reach.reach !== 'ok') return `not reached: ${view.reach.reach}`;
  const { health, reasons } = view.verdict;
  if (health === 'maintenance' || health === 'stopped') return health;
  const [failure] = failures(view.verdict);
  if (failure !== undefined) return `${failure.health}: ${failure.text}`;
  if (health === 'unknown' || (health === 'crit' && reasons.length === 0)) return health;
  return view.sample === null || nowMs - view.sample.at > staleMs ? 'stale' : null;
}

/** Whether a kind of balancer tells its members' health; where it does not, the member's own evidence alone decides. */
export function tellsHealth(spec: PoolSpec, member?: PoolMember): boolean {
  switch (spec.kind) {
    case 'haproxy':
      // A server without `check` is sent requests whatever its health.
      return member?.text?.startsWith('no check') !== true;
    case 'gce-target-pool':
    case 'azure-lb':
      return true;
    case 'gce-instance-group':
    case 'gce-neg':
      return spec.options['backend_service'] !== undefined;
    case 'nginx-upstream':
    case 'health-file':
    case 'command':
      return false;
    default:
      return spec.kind satisfies never;
  }
}

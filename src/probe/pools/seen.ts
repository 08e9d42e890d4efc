import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host, HostId } from '../../fleet/host.ts';
import { unknownMember, type Membership, type PoolMember } from '../../fleet/pool.ts';
import type { ExecResult } from '../../remote/connection.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import type { PoolReading, ReadContext } from './reader.ts';

/** One member as one balancer sees it. */
export type Seen = Omit<PoolMember, 'hostId' | 'takenOutBy'>;

/** What one balancer said of each member, or why it said nothing. */
export interface BalancerAnswer {
  readonly balancer: Host;
  readonly error: string | null;
  readonly members: ReadonlyMap<HostId, Seen>;
  readonly warnings: readonly string[];
  /** All that its script printed, for the notes at its end. */
  readonly stdout: string;
}

/** An answer that tells nothing. */
export function noAnswer(balancer: Host, error: string): BalancerAnswer {
  return { balancer, error, members: new Map(), warnings: [], stdout: '' };
}

/** A member of which a balancer's answer tells nothing for certain. */
export function unclear(text: string): Seen {
  return { server: null, state: 'unknown', health: 'unknown', connections: null, weight: null, text, saved: {} };
}

/** Out for new requests: `draining` while more are under way than the pool's drain may leave. */
export function takenOut(spec: PoolSpec, connections: number | null): Membership {
  return connections !== null && connections > (spec.drain?.atMost ?? 0) ? 'draining' : 'out';
}

/** Members of a pool: hosts of its roles, in the inventory's order. */
export function membersOf(spec: PoolSpec, context: ReadContext): readonly Host[] {
  return context.hosts.filter((host) => host.role !== null && spec.memberRoles.includes(host.role));
}

/** Hosts of the role that the pool's `on` names: its balancers. */
export function balancersOf(spec: PoolSpec, hosts: readonly Host[]): readonly Host[] {
  return hosts.filter((host) => host.role !== null && host.role === spec.options['on']);
}

/** A reading that failed as a whole. */
export function unread(spec: PoolSpec, context: ReadContext, error: string): PoolReading {
  return { members: membersOf(spec, context).map((host) => unknownMember(host.id)), warnings: [], error };
}

/** Key under which one balancer's part of `saved` is kept. */
export function savedKey(key: string, balancer: HostId): string {
  return `${key} ${balancer}`;
}

/** Why a read command gave nothing that can be judged, one line; `null` when it ended well and nothing of it is missing. */
export function readFailure(result: ExecResult | null, where: string): string | null {
  if (result === null) return `${where} has no connection now`;
  if (result.end === 'deadline') return `${where} did not answer in time`;
  if (result.end !== 'exit') return `the connection to ${where} was lost`;
  if (result.exit !== 0) {
    const said = [result.stderr, result.stdout].flatMap((text) => text.split('\n')).find((line) => line.trim() !== '');
    return `${where}: ${said === undefined ? `exit ${result.exit ?? '?'}` : sanitizeLine(said, 200)}`;
  }
  return result.droppedBytes > 0 ? `${where} answered more than can be kept; nothing of it is believed` : null;
}

/** One member out of what several balancers say: in when any says so, else unknown when any does not tell. */
export function joinSeen(
  host: Host,
  answers: readonly BalancerAnswer[],
): { readonly member: PoolMember; readonly warnings: readonly string[] } {
  const seen = answers.map((answer) => ({
    name: visibleName(answer.balancer.name),
    view: answer.members.get(host.id) ?? unclear(answer.error ?? 'it does not list this host'),
  }));
  const views = seen.map(({ view }) => view);
  const states = new Set(views.map(({ state }) => state));
  const texts = new Set(views.map(({ text }) => text));
  const told = seen.map(({ name, view }) => `${name}: ${view.text ?? view.state}`).join('; ');
  const known = views.filter(({ state }) => state !== 'unknown');
  const differ = new Set(known.map(({ state }) => state)).size > 1;
  return {
    member: {
      ...unknownMember(host.id),
      server: views.find(({ server }) => server !== null)?.server ?? null,
      state: (['in', 'unknown', 'draining', 'out'] as const).find((state) => states.has(state)) ?? 'unknown',
      health: views.some(({ health }) => health === 'down') ? 'down' : views.every(({ health }) => health === 'up') ? 'up' : 'unknown',
      connections: views.some(({ connections }) => connections === null)
        ? null
        : views.reduce((sum, { connections }) => sum + (connections ?? 0), 0),
      requests: views.some(({ requests }) => (requests ?? null) === null)
        ? null
        : views.reduce((sum, { requests }) => sum + (requests ?? 0), 0),
      weight: new Set(views.map(({ weight }) => weight)).size === 1 ? (views[0]?.weight ?? null) : null,
      text: texts.size === 1 ? (views[0]?.text ?? null) : sanitizeLine(told),
      saved: Object.assign({}, ...views.map(({ saved }) => saved)),
    },
    warnings: differ
      ? [`the balancers differ about ${visibleName(host.name)}: ${seen.map(({ name, view }) => `${name} ${view.state}`).join(', ')}`]
      : [],
  };
}

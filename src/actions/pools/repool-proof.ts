import { formatDuration } from '../../fleet/duration.ts';
import type { PoolSpec } from '../../fleet/definition.ts';
import type { HostId } from '../../fleet/host.ts';
import type { Driver, DriverContext, Proof, RequestOf } from '../driver.ts';
import { pause } from '../pause.ts';
import { inCloud } from './fresh-pool.ts';
import { type Proving, provingOf, stepMs } from './proving.ts';
import { tellsHealth, whyNotWell } from './standing.ts';
import { type Look, look, socketsOn } from './traffic.ts';

/** How long the balancer's own checks may take to call a member up, ms. */
const upMs = 60_000;
const upInCloudMs = 180_000;
/** How long requests are looked for, ms. */
const trafficMs = 8000;
/** Requests to each other member from which on none here is no chance any more. */
const plenty = 5;

/** In and up by the balancer for some readings in a row, then requests: the member's counter grows, or its sockets appear. */
export const proveRepool: Driver<RequestOf<'repool'>>['prove'] = async (context, plan, request, _sent, onProgress) => {
  const proving = provingOf(context, plan, request, onProgress);
  if (typeof proving === 'string') return { kind: 'unknown', summary: proving, evidence: [] };
  const up = await isUp(proving);
  if ('kind' in up) return up;
  return traffic(proving, up.first, [`pool ${proving.spec.name}: ${up.words}, ${up.times} times in a row`]);
};

/** The longest that this takes, ms. */
export function longestRepoolProofMs(spec: PoolSpec): number {
  return (inCloud(spec) ? upInCloudMs : upMs) + trafficMs;
}

/** Waits for the balancer's own word, which passes through half-way states (`UP 1/2`). */
async function isUp({
  context,
  spec,
  hostId,
  name,
  tell,
}: Proving): Promise<{ readonly first: Look; readonly words: string; readonly times: number } | Proof> {
  const { world, fleet } = context;
  const wanted = Math.max(1, fleet.bulk.healthy);
  const withinMs = inCloud(spec) ? upInCloudMs : upMs;
  const deadline = world.clock.monoMs() + withinMs;
  let first: Look | null = null;
  let times = 0;
  let last: Look | null = null;
  let told = '';
  for (;;) {
    const [seen] = await Promise.all([look(context, spec, hostId), world.freshRound(hostId)]);
    last = seen;
    const wrong = seen === null ? `pool ${spec.name} could not be read` : whyNotUp(context, spec, seen, hostId);
    times = wrong === null ? times + 1 : 0;
    first ??= seen;
    if (seen !== null && first !== null && times >= wanted) return { first, words: wordsOf(seen), times };
    const text = wrong ?? `${wordsOf(seen)}, ${times} of ${wanted} times in a row`;
    tell(text);
    told = text;
    if (world.clock.monoMs() + stepMs(spec) >= deadline) break;
    await pause(stepMs(spec));
  }
  if (last === null || last.member.state === 'unknown')
    return { kind: 'unknown', summary: `pool ${spec.name} could not be read: nothing shows whether ${name} is in`, evidence: [] };
  return { kind: 'failed', summary: `${name} is not back after ${formatDuration(withinMs)}: ${told}; it is still owed back`, evidence: [] };
}

function whyNotUp({ world, fleet }: DriverContext, spec: PoolSpec, seen: Look, hostId: HostId): string | null {
  if (seen.member.state !== 'in') return `pool ${spec.name} says: ${wordsOf(seen)}`;
  const halfway = /\bUP \d+\/\d+/.test(seen.member.text ?? '');
  if (seen.member.health === 'down' || halfway || (tellsHealth(spec, seen.member) && seen.member.health !== 'up'))
    return `in, but not up for the balancer: ${wordsOf(seen)}`;
  const wrong = whyNotWell(world.view(hostId), fleet.poll.staleMs, world.clock.wallMs());
  return wrong === null ? null : `in, but not well by its own evidence: ${wrong}`;
}

async function traffic(proving: Proving, first: Look, evidence: readonly string[]): Promise<Proof> {
  const { context, spec, hostId, name, tell } = proving;
  const { clock } = context.world;
  const deadline = clock.monoMs() + trafficMs;
  const summary = `${name} is in pool ${spec.name} again`;
  let last = first;
  let read = false;
  tell('looking for requests that reach it');
  do {
    const seen = await look(context, spec, hostId);
    read = seen !== null || read;
    last = seen ?? last;
    const came = arrived(first, last);
    if (came !== null) return { kind: 'ok', summary: `${summary}, and requests reach it`, evidence: [...evidence, came] };
    await pause(stepMs(spec));
  } while (clock.monoMs() < deadline);
  if (!read) return { kind: 'unknown', summary: `pool ${spec.name} could not be read again`, evidence };
  const others = await othersTraffic(proving, first, last);
  if (others.came === null || others.came < plenty * others.members)
    return { kind: 'ok', summary, evidence: [...evidence, idleWords(others.came)] };
  return {
    kind: 'unknown',
    summary: `${summary} and up, but in ${formatDuration(trafficMs)} no request reached it while others got some`,
    evidence,
  };
}

/** What shows that requests reach it; `null` when nothing does yet. */
function arrived(first: Look, now: Look): string | null {
  if (first.requests !== null && now.requests !== null) {
    const more = now.requests - first.requests;
    return more > 0 ? `the balancer sent it ${more} requests since` : null;
  }
  return now.sockets !== null && now.sockets > 0 ? `its own sockets: ${now.sockets} connections` : null;
}

/** Requests, or connections, that the other members got meanwhile; `null` where nobody counts. */
async function othersTraffic(
  { context, spec, hostId }: Proving,
  first: Look,
  last: Look,
): Promise<{ readonly came: number | null; readonly members: number }> {
  const others = last.pool.members.filter((member) => member.hostId !== hostId && member.state === 'in');
  const members = Math.max(1, others.length);
  if (last.requests !== null) {
    const before = new Map(first.pool.members.map((member) => [member.hostId, member.requests ?? 0]));
    const came = others.reduce((sum, { hostId: id, requests }) => sum + Math.max(0, (requests ?? 0) - (before.get(id) ?? 0)), 0);
    return { came, members };
  }
  if (last.sockets === null) return { came: null, members };
  const counts = await Promise.all(others.map((member) => socketsOn(context, spec, member.hostId)));
  return { came: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0), members };
}

function idleWords(came: number | null): string {
  if (came === null) return 'whether requests reach it cannot be seen';
  return came === 0 ? 'no requests came, so traffic is not proven' : `only ${came} requests came to the others, so traffic is not proven`;
}

function wordsOf(seen: Look | null): string {
  if (seen === null) return 'not read';
  const { state, health, text } = seen.member;
  return text === null ? `${state}${health === 'unknown' ? '' : `, ${health}`}` : `${state} (${text})`;
}

import { formatDuration } from '../../fleet/duration.ts';
import type { PoolSpec } from '../../fleet/definition.ts';
import type { Driver, Proof, RequestOf } from '../driver.ts';
import { pause } from '../pause.ts';
import { inCloud } from './fresh-pool.ts';
import { type Proving, provingOf, stepMs } from './proving.ts';
import { connectionsOf, type Look, look } from './traffic.ts';

/** How long the balancer may take to show the change, ms: a cloud's balancer is told by many machines. */
const showsMs = 30_000;
const showsInCloudMs = 120_000;
/** What is cut off is gone soon, or was not cut off. */
const forcedMs = 30_000;
/** Pairs of looks in which no request may come; persistent sessions may still bring some. */
const quietTries = 5;

/** State read back → connections down → twice more, with the balancer's counters or the node's own sockets as a second witness. */
export const proveDepool: Driver<RequestOf<'depool'>>['prove'] = async (context, plan, request, _sent, onProgress) => {
  const proving = provingOf(context, plan, request, onProgress);
  if (typeof proving === 'string') return unknown(proving);
  const shown = await readBack(proving);
  if ('kind' in shown) return shown;
  const drained = await drain(proving, request.mode === 'force');
  if ('kind' in drained) return drained;
  return quiet(proving, [`pool ${proving.spec.name} says: ${stateWords(shown)}`, ...drained.evidence]);
};

/** The longest that this takes, ms. */
export function longestDepoolProofMs(spec: PoolSpec, force: boolean): number {
  const drainMs = spec.drain === null ? 0 : force ? Math.min(spec.drain.timeoutMs, forcedMs) : spec.drain.timeoutMs;
  return (inCloud(spec) ? showsInCloudMs : showsMs) + drainMs + quietTries * stepMs(spec);
}

/** Waits until the balancer itself says that it takes no more requests. */
async function readBack({ context, spec, hostId, name, tell }: Proving): Promise<Look | Proof> {
  const { clock } = context.world;
  const withinMs = inCloud(spec) ? showsInCloudMs : showsMs;
  const deadline = clock.monoMs() + withinMs;
  let seen: Look | null = null;
  for (let again = false; !again || clock.monoMs() < deadline; again = true) {
    if (again) await pause(stepMs(spec));
    seen = await look(context, spec, hostId);
    if (seen !== null && (seen.member.state === 'out' || seen.member.state === 'draining')) return seen;
    tell(seen === null ? `pool ${spec.name} could not be read` : `pool ${spec.name} still says: ${stateWords(seen)}`);
  }
  if (seen === null || seen.member.state === 'unknown')
    return unknown(`pool ${spec.name} could not be read for ${formatDuration(withinMs)}: nothing shows whether ${name} is out`);
  return {
    kind: 'failed',
    summary: `pool ${spec.name} still has ${name} in after ${formatDuration(withinMs)}`,
    evidence: [stateWords(seen)],
    changed: false,
  };
}

/** Waits for what is under way; nothing is cut off here. */
async function drain(
  { context, spec, hostId, name, tell }: Proving,
  force: boolean,
): Promise<{ readonly evidence: readonly string[] } | Proof> {
  if (spec.drain === null) return { evidence: ['connections under way were not waited for: the fleet file names no drain'] };
  const { atMost, timeoutMs } = spec.drain;
  const { clock } = context.world;
  const withinMs = force ? Math.min(timeoutMs, forcedMs) : timeoutMs;
  const deadline = clock.monoMs() + withinMs;
  let left: number | null = null;
  for (;;) {
    const seen = await look(context, spec, hostId);
    left = seen === null ? null : connectionsOf(seen);
    if (seen?.member.state === 'in') return backIn(spec, name);
    if (left !== null && left <= atMost) return { evidence: [`${left} connections left (at most ${atMost})`] };
    tell(left === null ? 'its connections cannot be counted now' : `${left} connections left (at most ${atMost})`);
    if (clock.monoMs() + stepMs(spec) >= deadline) break;
    await pause(stepMs(spec));
  }
  if (left === null)
    return {
      ...unknown(`${name} is out of pool ${spec.name}, but its connections could not be counted: nothing shows that it is drained`),
      changed: true,
    };
  const summary = force
    ? `${name} takes no new requests from pool ${spec.name}, and ${left} connections are left though they were cut off`
    : `${name} takes no new requests from pool ${spec.name}, and ${left} connections are left after ${formatDuration(withinMs)} (at most ` +
      `${atMost}): wait (depool again), cut them off (mode force), or put it back (repool)`;
  return { kind: 'failed', summary, evidence: [], changed: true };
}

/** Two further readings of the pool, and a witness beside its word: the balancer's request counter, else the node's own sockets. */
async function quiet({ context, spec, hostId, name, tell }: Proving, evidence: readonly string[]): Promise<Proof> {
  let why = '';
  for (let tries = 0; tries < quietTries; tries += 1) {
    const first = await look(context, spec, hostId);
    await pause(stepMs(spec));
    const second = await look(context, spec, hostId);
    if (first?.member.state === 'in' || second?.member.state === 'in') return backIn(spec, name);
    if (first === null || second === null || first.member.state === 'unknown' || second.member.state === 'unknown') {
      why = `pool ${spec.name} could not be read again`;
    } else {
      const witness = witnessOf(first, second, spec);
      if (witness.silent)
        return {
          kind: 'ok',
          summary: summaryOf(second, spec, name),
          evidence: [...evidence, 'read twice more: still not in', witness.text],
        };
      why = witness.text;
    }
    tell(why);
  }
  return { kind: 'unknown', summary: `${name} is out of pool ${spec.name} by its own word, but ${why}`, evidence, changed: true };
}

function witnessOf(first: Look, second: Look, spec: PoolSpec): { readonly silent: boolean; readonly text: string } {
  if (first.requests !== null && second.requests !== null) {
    const more = second.requests - first.requests;
    return more > 0
      ? { silent: false, text: `the balancer sent it ${more} more requests (persistent sessions?)` }
      : { silent: true, text: 'the balancer counts no further request for it' };
  }
  if (first.sockets === null || second.sockets === null) {
    const why = spec.drain === null ? 'the fleet file names no drain ports' : 'its own sockets could not be counted';
    return { silent: false, text: `nothing shows that no more requests reach it: ${why}` };
  }
  const fell = second.sockets <= Math.max(first.sockets, spec.drain?.atMost ?? 0);
  return { silent: fell, text: `its own sockets: ${first.sockets}, then ${second.sockets} connections` };
}

function summaryOf(seen: Look, spec: PoolSpec, name: string): string {
  const left = connectionsOf(seen);
  return `${name} is out of pool ${spec.name}${left === null ? '' : `, ${left} connections left`}; it is owed back`;
}

function backIn(spec: PoolSpec, name: string): Proof {
  const summary = `pool ${spec.name} has ${name} in again: somebody put it back, or the balancer forgot`;
  return { kind: 'failed', summary, evidence: [], changed: false };
}

function stateWords({ member }: Look): string {
  return member.text === null ? member.state : `${member.state} (${member.text})`;
}

function unknown(summary: string): Proof {
  return { kind: 'unknown', summary, evidence: [] };
}

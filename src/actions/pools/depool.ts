import { type Debt, signedWords } from '../../fleet/debt.ts';
import { formatDuration } from '../../fleet/duration.ts';
import type { TakenOutBy } from '../../fleet/pool.ts';
import { type Draft, type DraftResult, type Driver, type DriverContext, refusal, type RequestOf } from '../driver.ts';
import { debtOn } from './debts.ts';
import { longestDepoolProofMs, proveDepool } from './depool-proof.ts';
import { whyFloorHolds } from './floor-guard.ts';
import { type FreshPool, readFresh } from './fresh-pool.ts';
import { poolNow } from './pool-card.ts';
import { memberFacts, savedOf } from './pool-facts.ts';
import type { PoolTarget } from './pool-kind.ts';
import { poolKinds } from './pool-kinds.ts';
import { locksFor, notesFor } from './pool-places.ts';

/** Takes a host out of a pool: shown set, floor on fresh evidence, pool lock, saved state, drain, independent proof, debt. */
export const depool: Driver<RequestOf<'depool'>> = {
  action: 'depool',
  targetMayBeAway: true,
  draft: async (context, view, request) => {
    const read = await readFresh(context, view, request.pool);
    if (!read.ok) return read;
    const { target } = read.fresh;
    const debt = debtOn(context.world, view.host.id, request.pool);
    return nothingToDo(target, debt, request) ?? whyFloorHolds(context, read.fresh) ?? drafted(context, read.fresh, debt, request);
  },
  longestMs: (fleet, request) => {
    const spec = fleet.pools.find((each) => each.name === request.pool);
    return spec === undefined ? null : poolKinds[spec.kind].deadlineMs + longestDepoolProofMs(spec, request.mode === 'force');
  },
  prove: proveDepool,
};

function nothingToDo({ member, spec, view }: PoolTarget, debt: Debt | null, request: RequestOf<'depool'>): DraftResult | null {
  const { name } = view.host;
  if (request.mode === 'force' && member.state === 'in')
    return refusal('precheck', `force only cuts off what a drain left over: ${name} is in pool ${spec.name}; depool it first`);
  if (request.mode === 'drain' && member.state === 'out')
    return refusal('already', `nothing to do: ${name} is already out of pool ${spec.name}, ${byWhom(debt, member.takenOutBy)}`);
  return null;
}

function drafted(context: DriverContext, fresh: FreshPool, debt: Debt | null, request: RequestOf<'depool'>): DraftResult {
  const { target } = fresh;
  const { spec, pool, member, view } = target;
  const { name } = view.host;
  const kind = poolKinds[spec.kind];
  const force = request.mode === 'force';
  const change = force ? kind.force(context, target) : kind.drain(context, target);
  if (change.kind === 'refused') return refusal('not-available', change.why);
  const isIn = member.state === 'in';
  const owes = isIn && debt === null;
  const draft: Draft = {
    title: force ? `Cut ${name} off in pool ${spec.name}` : `Take ${name} out of pool ${spec.name}`,
    subject: `${name}/pool-${spec.name}`,
    risk: 'change',
    locks: locksFor(context, kind, target, change.commands),
    commands: change.commands,
    notes: isIn || debt !== null ? notesFor(context, target, 'write') : [],
    ...(owes ? { debt: debtFor(context, target) } : {}),
    proofs: proofsOf(target, force),
    now: poolNow(fresh),
    expected: expectedOf(target, force),
    warnings: [...pool.warnings, ...change.warnings, ...warningsOf(target, debt)],
    // What somebody else took out is theirs to put back.
    undo: isIn || debt !== null ? `undone by putting it back (repool), once ${name} is well` : 'whoever took it out puts it back',
    undoRequest: isIn || debt !== null ? { action: 'repool', hostId: view.host.id, pool: spec.name } : null,
    before: { ...memberFacts(member), ...(isIn ? { saved: savedOf(member) } : {}) },
    // To wait on, or to cut off what is left, goes on with what was decided already.
    ...(isIn ? {} : { reasonNeeded: null }),
  };
  return { ok: true, draft };
}

function debtFor(context: DriverContext, { spec, member, view }: PoolTarget): NonNullable<Draft['debt']> {
  const what = `${view.host.name} is out of pool ${spec.name}`;
  return { kind: 'pool', fleet: context.fleet.name, what, pool: spec.name, remindMs: spec.remindMs, saved: savedOf(member) };
}

function proofsOf({ spec, view }: PoolTarget, force: boolean): Draft['proofs'] {
  const { name } = view.host;
  const { drain } = spec;
  const wait =
    drain === null
      ? 'connections under way are not waited for: the fleet file names no drain'
      : `at most ${drain.atMost} connections are left${force ? '' : `, waited for up to ${formatDuration(drain.timeoutMs)}`}`;
  return [
    { kind: 'pool', text: `pool ${spec.name} is read back and says that ${name} is draining or out` },
    { kind: 'pool', text: wait },
    { kind: 'pool', text: `read twice more: still not in, and no further request reaches ${name}` },
  ];
}

function expectedOf({ spec, view }: PoolTarget, force: boolean): string {
  const { name } = view.host;
  if (force) return `${name} gets no requests, and what is under way on it is cut off`;
  return `${name} gets no new requests${spec.drain === null ? '' : '; what is under way ends by itself'}; it is owed back to pool ${spec.name}`;
}

function warningsOf({ spec, member, view }: PoolTarget, debt: Debt | null): string[] {
  const { name } = view.host;
  const list: string[] = [];
  if (member.state === 'in' && debt !== null) list.push(`${name} was taken out before (${byWhom(debt, null)}), and the balancer forgot it`);
  if (member.state !== 'in' && debt === null)
    list.push(`${name} was not taken out by this console (${byWhom(null, member.takenOutBy)}): whoever did puts it back`);
  if (spec.drain === null && member.requests === undefined)
    list.push(`pools.${spec.name} names no drain ports: nothing may show that requests have stopped, and the outcome is then unknown`);
  return list;
}

/** Who took it out, by our own record or else by the note beside the balancer. */
export function byWhom(debt: Debt | null, note: TakenOutBy | null): string {
  if (debt !== null) return signedWords(debt.who, debt.since, debt.reason);
  return note === null ? 'and nobody signed for it here' : signedWords(note.who, note.at, note.reason);
}

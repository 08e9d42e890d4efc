import type { Debt } from '../../fleet/debt.ts';
import { checksOn } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { type DraftResult, type Driver, type DriverContext, refusal, type RequestOf } from '../driver.ts';
import { pause } from '../pause.ts';
import { debtOn } from './debts.ts';
import { byWhom } from './depool.ts';
import { type FreshPool, readFresh } from './fresh-pool.ts';
import { poolNow } from './pool-card.ts';
import { memberFacts } from './pool-facts.ts';
import type { PoolTarget } from './pool-kind.ts';
import { poolKinds } from './pool-kinds.ts';
import { locksFor, notesFor } from './pool-places.ts';
import { longestRepoolProofMs, proveRepool } from './repool-proof.ts';
import { tellsHealth, whyNotWell } from './standing.ts';

/** Longest pause between two rounds that are waited for, ms. */
const betweenRoundsMs = 1000;

/** Puts back what we took out, once it is healthy, and proves that it gets traffic. */
export const repool: Driver<RequestOf<'repool'>> = {
  action: 'repool',
  draft: async (context, view, request) => {
    const read = await readFresh(context, view, request.pool);
    if (!read.ok) return read;
    const debt = debtOn(context.world, view.host.id, request.pool);
    return notOurs(read.fresh.target, debt) ?? (await notWellYet(context, view, request.pool)) ?? drafted(context, read.fresh, debt);
  },
  longestMs: (fleet, request) => {
    const spec = fleet.pools.find((each) => each.name === request.pool);
    return spec === undefined ? null : poolKinds[spec.kind].deadlineMs + longestRepoolProofMs(spec);
  },
  prove: proveRepool,
};

/** Only what a console of ours took out: what somebody disabled by other means has reasons that nobody told us. */
function notOurs({ spec, member, view }: PoolTarget, debt: Debt | null): DraftResult | null {
  if (debt !== null) return null;
  const { name } = view.host;
  if (member.state === 'in') return refusal('already', `nothing to do: ${name} is in pool ${spec.name}, and nobody owes it`);
  if (member.takenOutBy !== null) return null;
  return refusal(
    'owner',
    `${name} is ${member.state} in pool ${spec.name}, but no console took it out: whoever did puts it back (${member.text ?? spec.kind})`,
  );
}

/** Well for as many rounds in a row as the fleet file asks for; those still missing are asked for now. */
async function notWellYet(context: DriverContext, view: HostView, pool: string): Promise<DraftResult | null> {
  const { world, fleet } = context;
  const { id: hostId, name, role } = view.host;
  const wanted = Math.max(1, fleet.bulk.healthy);
  await Promise.all(checksOn(fleet, role).map((check) => world.runCheck(hostId, check.name)));
  for (let asked = 0; ; asked += 1) {
    const good = world.goodRounds(hostId);
    const wrong = whyNotWell(world.view(hostId), fleet.poll.staleMs, world.clock.wallMs());
    if (wrong === null && good >= wanted) return null;
    if (wrong !== null || asked >= wanted) {
      const now = wrong === null ? '' : ` (${wrong})`;
      const missing = `${Math.min(good, wanted)} of ${wanted} good rounds in a row so far`;
      return refusal('precheck', `${name} goes back into pool ${pool} only once it is well${now}: ${missing}`);
    }
    await pause(Math.min(betweenRoundsMs, fleet.poll.everyMs));
    await world.freshRound(hostId);
  }
}

function drafted(context: DriverContext, fresh: FreshPool, debt: Debt | null): DraftResult {
  const { target } = fresh;
  const { spec, pool, member, view } = target;
  const { name } = view.host;
  const kind = poolKinds[spec.kind];
  // Without our own record it goes back as one that was simply in: what is read of it now is what it was drained to.
  const change = kind.restore(context, target, debt?.saved ?? {});
  if (change.kind === 'refused') return refusal('not-available', change.why);
  const out = byWhom(debt, member.takenOutBy);
  const warnings = [...pool.warnings, ...change.warnings];
  if (debt === null) warnings.push(`${name} was taken out ${out}, on another console: ask before you put it back`);
  if (member.state === 'in')
    warnings.push(`the balancer has ${name} in already: it forgot, or somebody put it back; what was saved is set again`);
  return {
    ok: true,
    draft: {
      title: `Put ${name} back into pool ${spec.name}`,
      subject: `${name}/pool-${spec.name}`,
      risk: 'change',
      locks: locksFor(context, kind, target, change.commands),
      commands: change.commands,
      notes: notesFor(context, target, 'remove'),
      settles: debt === null ? [] : [debt.id],
      proofs: [
        {
          kind: 'pool',
          text: `pool ${spec.name} says that ${name} is in${tellsHealth(spec, member) ? ' and up' : ''}, ${context.fleet.bulk.healthy} times in a row`,
        },
        { kind: 'pool', text: `requests reach ${name}; in an idle pool that cannot be shown, and is said` },
      ],
      now: [...poolNow(fresh), { text: `${name} was taken out ${out}`, health: 'ok' }],
      expected: `${name} gets requests again, with what was saved when it was taken out`,
      warnings,
      undo: 'undone by taking it out again',
      undoRequest: { action: 'depool', hostId: view.host.id, pool: spec.name, mode: 'drain' },
      before: memberFacts(member),
      reasonNeeded: debt === null ? `${name} was taken out ${out}: say why you put it back` : null,
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../poll/clock.ts';
import { type Approvals, approveCommand } from './approvals.ts';
import { type Approvable, approvableOf, approvalLifeS } from './approval-request.ts';
import type { BulkPlan } from './bulk-plan.ts';
import type { ConfirmExtras, Plan, Refusal, SignatureWait } from './plan.ts';

/** How often it is looked whether somebody signed, ms. */
const everyMs = 2000;

/** Who signed, `null` where nobody needs to; or why nothing is sent. */
export type SecondYes = { readonly by: string | null } | { readonly refusal: Refusal };

/**
 * The second person's yes to a confirmed plan. Without `extras.wait` the request is left and the plan refused; with it, it is waited for as
 * long as a request lasts. `held`: why the plan may not go ahead any more, asked at every look.
 */
export async function secondYes(
  { approvals, clock }: { readonly approvals: Approvals; readonly clock: Clock },
  plan: Plan | BulkPlan,
  extras: ConfirmExtras,
  held: () => Refusal | null,
): Promise<SecondYes> {
  const needs = plan.approvalNeeded;
  if (needs === null) return { by: null };
  const what = approvableOf(plan, extras.reason ?? null);
  const by = await approvals.of(what);
  if (by !== null) return { by };
  if (extras.wait === undefined) return no(`${needs}: ${await approvals.ask(what)}`);
  const why = await approvals.leave(what);
  if (why !== null) return no(`${needs}: the request could not be left on the host: ${why}`);
  approvals.waiting.add(what);
  const end = await waited({ approvals, clock }, what, extras.wait, needs, held);
  approvals.waiting.delete(what);
  // What was not signed in time, or is not wanted any more, must not be signed a minute later and count at the next try.
  if ('refusal' in end) await approvals.settle(what);
  return end;
}

async function waited(
  { approvals, clock }: { readonly approvals: Approvals; readonly clock: Clock },
  what: Approvable,
  { signal, told, signed }: SignatureWait,
  needs: string,
  held: () => Refusal | null,
): Promise<SecondYes> {
  const begun = clock.monoMs();
  const since = clock.wallMs();
  const lastsMs = approvalLifeS * 1000;
  const state = { command: approveCommand(what), needs, since, until: since + lastsMs };
  let seen = true;
  for (;;) {
    told({ ...state, seen });
    // Resolves early when the wait is ended by a key.
    await sleep(everyMs, null, { signal }).catch(() => null);
    if (signal.aborted) return no('the wait for a second person was ended here; the request is taken back');
    const locked = held();
    if (locked !== null) return { refusal: locked };
    const standing = await approvals.standing(what);
    seen = standing.seen;
    const [by] = standing.signers;
    if (by !== undefined) {
      signed?.(by);
      return { by };
    }
    if (standing.declined !== null) return no(`declined by ${standing.declined.who}: ${standing.declined.reason}.`);
    if (clock.monoMs() - begun >= lastsMs)
      return no(`nobody signed within ${Math.round(approvalLifeS / 60)} minutes; the request is taken back`);
  }
}

const no = (message: string): SecondYes => ({ refusal: { guard: 'approval', message } });

import { type Approvals, newAsking } from '../../actions/approvals.ts';
import { type Approvable, approvableOf, plainCard } from '../../actions/approval-request.ts';
import type { FullExecutor } from '../../actions/executor.ts';
import { contentHash } from '../../actions/guards.ts';
import type { Plan, Refusal } from '../../actions/plan.ts';
import type { HostView } from '../../fleet/view.ts';
import type { SignedStep, Signing, StepPlace } from '../run/hands.ts';

/** Signatures through the executor's approvals: a request on a host, answered from another console. */
export function liveSigning(approvals: Approvals, what: Approvable): Signing {
  const { token } = newAsking();
  return {
    hash: what.hash,
    ask: async (waitedMs, leftMs) => {
      const why = await approvals.leave(what, { token, waitedS: Math.round(waitedMs / 1000), leftS: Math.round(leftMs / 1000) });
      return why === null ? null : `the request for approval could not be left on a host: ${why}`;
    },
    look: () => approvals.standing(what),
    settle: () => approvals.settle(what),
    withdraw: () => approvals.settle(what),
  };
}

/** The place of a change that others may have had to sign: whether it may still go ahead. */
export type SignedPlace = StepPlace & { readonly held?: () => Refusal | null };

/** Signatures for a change of a run. It was confirmed when they are first asked for: what is armed then holds until they are there. */
export function signedChange(
  { approvals, runs }: Pick<FullExecutor, 'approvals' | 'runs'>,
  plan: Plan,
  place: StepPlace,
  step: string,
): { readonly signing: Signing; place(): SignedPlace } {
  const left = liveSigning(approvals, approvableOf(plan, place.reason, { run: place.run, step }));
  let held: SignedPlace['held'];
  return {
    signing: {
      ...left,
      ask: (...times) => {
        held ??= runs.hold(plan.env);
        return left.ask(...times);
      },
      // The executor looks once more, and takes it away.
      settle: () => Promise.resolve(),
    },
    place: () => (held === undefined ? place : { ...place, held }),
  };
}

/** What a step of a run asks others to sign: bound to this run, this step and these words. */
export function signedStep({ run, key, text, card }: SignedStep, at: HostView | undefined): Approvable {
  const content = { run, key, text };
  return {
    hash: contentHash(content),
    title: text,
    env: at?.host.env ?? 'default',
    targets: at === undefined ? [] : [{ hostId: at.host.id }],
    commands: [],
    content,
    card: {
      ...plainCard,
      risk: card.danger ? 'danger' : null,
      needs: 'a step of the playbook asks for it',
      reason: card.reason,
      run: `${card.playbook} (${run})`,
      step: key,
      by: card.by,
      count: card.count,
    },
  };
}

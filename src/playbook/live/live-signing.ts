import { createHash } from 'node:crypto';
import type { Approvable, Approvals } from '../../actions/approvals.ts';
import { canonicalJson } from '../../journal/canonical-json.ts';
import type { HostView } from '../../fleet/view.ts';
import type { Signing } from '../run/hands.ts';

/** Signatures through the executor's approvals: a request on a host, signed by hash from another console. */
export function liveSigning(approvals: Approvals, what: Approvable): Signing {
  return {
    hash: what.hash,
    ask: async () => ((await approvals.leave(what)) ? null : 'the request for approval could not be left on a host'),
    given: () => approvals.signers(what),
    settle: () => approvals.settle(what),
    withdraw: () => approvals.settle(what),
  };
}

/** What a step of a run asks others to sign: bound to this run, this step and these words. */
export function signedStep(
  step: { readonly run: string; readonly key: string; readonly text: string },
  at: HostView | undefined,
): Approvable {
  return {
    hash: createHash('sha256')
      .update(canonicalJson({ ...step }))
      .digest('hex'),
    title: `${step.run}: ${step.text}`,
    env: at?.host.env ?? 'default',
    targets: at === undefined ? [] : [{ hostId: at.host.id }],
    commands: [],
  };
}

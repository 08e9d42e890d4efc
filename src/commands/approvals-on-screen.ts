import type { Approvals } from '../actions/approvals.ts';
import type { PendingApproval } from '../actions/approval-request.ts';
import { ApprovalWatch } from '../actions/approval-watch.ts';
import type { Refusal } from '../actions/plan.ts';
import type { Attention } from '../notify/attention.ts';
import type { Library } from '../playbook/library.ts';
import type { Playbook } from '../playbook/playbook.ts';
import { stepsWithin } from '../playbook/runs.ts';
import type { ApprovalsOnScreen } from '../../views/console.ts';
import { operator } from './operator.ts';
import type { Session } from './session.ts';

/** What waits for a second person, for the screens: looked for on the hosts while anything of the fleet asks for one. */
export function approvalsOnScreen(
  { fleet, live, playbooks }: Pick<Session, 'fleet' | 'live' | 'playbooks'>,
  approvals: Approvals,
  attend: (what: Attention) => void,
): ApprovalsOnScreen & Pick<ApprovalWatch, 'start' | 'stop'> {
  const asks = askingPlaybooks();
  const watch = new ApprovalWatch({
    survey: () => approvals.survey(),
    clock: live.clock,
    hosts: () => live.views().length,
    wanted: () => fleet.approve.danger || fleet.approve.over !== null || asks(playbooks.library()),
    told: (fresh) => {
      const count = fresh.filter(({ who, signed, declined }) => who !== operator() && signed.length === 0 && declined === null).length;
      if (count > 0) attend({ kind: 'approval', count });
    },
  });
  const said = (refusal: Refusal | null): string | null => refusal?.message ?? null;
  const answer = async (request: PendingApproval, given: Promise<Refusal | null>, reason: string | null): Promise<string | null> => {
    const why = said(await given);
    if (why === null) watch.answered(request, { said: reason === null ? 'yes' : 'no', who: operator(), reason });
    void watch.look();
    return why;
  };
  return {
    board: () => watch.board(),
    look: () => watch.look(),
    start: () => watch.start(),
    stop: () => watch.stop(),
    whyNot: (request) => said(approvals.whyNot(request)),
    sign: (request) => answer(request, approvals.give(request), null),
    decline: (request, reason) => answer(request, approvals.decline(request, reason), reason),
  };
}

/** Whether any page of a library has a step that others sign; read once for each library. */
function askingPlaybooks(): (library: Library) => boolean {
  let known: { readonly library: Library; readonly asks: boolean } | null = null;
  return (library) => {
    if (known?.library !== library) known = { library, asks: library.files.some(({ playbook }) => othersSign(playbook)) };
    return known.asks;
  };
}

function othersSign({ steps, finally: last }: Playbook): boolean {
  return [...steps, ...last].flatMap(stepsWithin).some(({ verb }) => verb === 'approve');
}

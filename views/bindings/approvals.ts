import { chosenApproval, openApproval, openApprovals } from '../approval-flow.ts';
import type { Session } from '../session.ts';
import { screenOf } from '../state.ts';
import { type Binding, binding, everywhere } from './binding.ts';

function whyNone(session: Session): string | null {
  const screen = screenOf(session.ui.getState());
  return screen.kind === 'approvals' && chosenApproval(session, screen) !== null ? null : 'nothing waits for a second person';
}

/** Keys of what waits for a second person. */
export const signing: readonly Binding[] = [
  binding({
    id: 'approvals',
    keys: ['Y'],
    label: 'to sign',
    description: 'What waits for a second person’s yes: who asks, what would run, how long it is good for',
    group: 'open',
    screens: everywhere.filter((kind) => kind !== 'approvals'),
    run: openApprovals,
  }),
  binding({
    id: 'open-approval',
    keys: ['enter'],
    label: 'read it',
    description: 'The whole request; signs nothing. There the word asked for signs it, and a reason declines it',
    group: 'open',
    screens: ['approvals'],
    footer: 1,
    disabled: whyNone,
    run: openApproval,
  }),
];

import { offerActions } from '../action-flow.ts';
import { planAsked } from '../plan-flow.ts';
import type { Session } from '../session.ts';
import { aboutHost, type Binding, binding, needsHost } from './binding.ts';

/** `z`: the plan that takes back the newest change that can be, or that there is none. */
function undoLast(session: Session): void {
  if (session.console.executor.undo.list().length === 0) {
    session.note('Nothing to undo: no verified change in the journal has an inverse that was not used yet, outside runs that ended well.');
    return;
  }
  void planAsked(session, { kind: 'undo' });
}

/** The action menu and undo. */
export const acting: readonly Binding[] = [
  binding({
    id: 'actions',
    keys: ['x'],
    label: 'actions',
    description: 'Menu: start, drain, maintenance, roll back, reboot, and the fleet file’s own actions',
    group: 'change',
    screens: aboutHost,
    dangerous: true,
    footer: 8,
    disabled: needsHost,
    run: offerActions,
  }),
  binding({
    id: 'undo',
    keys: ['z'],
    label: 'undo',
    description: 'Plan how to take back the last change that can be',
    group: 'change',
    dangerous: true,
    run: undoLast,
  }),
];

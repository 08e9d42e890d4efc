import { chosenPlaybook, chosenRun } from '../playbook-lists.ts';
import { showLeftRun, showPlaybookRun } from '../playbook-flow.ts';
import { offerStart, openPlaybooks, whyNoStart } from '../playbook-start.ts';
import type { Session } from '../session.ts';
import { openScreen, screenOf } from '../state.ts';
import { type Binding, binding, everywhere } from './binding.ts';

function openChosen(session: Session): void {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  if (screen.kind === 'playbooks') {
    const playbookId = chosenPlaybook(session, screen);
    if (playbookId !== null)
      session.update((state) =>
        openScreen(state, { kind: 'playbook', playbookId, hostIds: screen.hostIds, alert: screen.alert, scroll: 0 }),
      );
  } else if (screen.kind === 'runs') {
    const row = chosenRun(ui, screen);
    if (row?.kind === 'here') showPlaybookRun(session, row.id);
    else if (row?.kind === 'left') showLeftRun(session, row.left);
  }
}

function whyNothingChosen(session: Session): string | null {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  if (screen.kind === 'runs') return chosenRun(ui, screen) === null ? 'there is no run' : null;
  if (screen.kind === 'playbooks') return chosenPlaybook(session, screen) === null ? 'there is no playbook' : null;
  return null;
}

function start(session: Session): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind !== 'playbooks' && screen.kind !== 'playbook') return;
  const id = screen.kind === 'playbook' ? screen.playbookId : chosenPlaybook(session, screen);
  if (id !== null) offerStart(session, id, screen);
}

/** Playbooks: the list, a page, and the start of a run. */
export const guiding: readonly Binding[] = [
  binding({
    id: 'playbooks',
    keys: ['p'],
    label: 'playbooks',
    description: 'Guided procedures: the suggested ones first, already filled in for the alert, the host or the marked hosts',
    group: 'open',
    screens: everywhere.filter((kind) => kind !== 'run' && kind !== 'playbook-run' && kind !== 'playbooks'),
    footer: 5,
    run: openPlaybooks,
  }),
  binding({
    id: 'open-playbook',
    keys: ['enter'],
    label: 'open',
    description: 'Read the playbook, or open the run; starts nothing',
    group: 'open',
    screens: ['playbooks', 'runs'],
    footer: 1,
    disabled: whyNothingChosen,
    run: openChosen,
  }),
  binding({
    id: 'start-playbook',
    keys: ['s'],
    label: 'start',
    description: 'Start the playbook: first its inputs, then a yes, then step by step',
    group: 'change',
    screens: ['playbooks', 'playbook'],
    dangerous: true,
    footer: 1,
    disabled: (s) => whyNoStart(s) ?? whyNothingChosen(s),
    run: start,
  }),
];

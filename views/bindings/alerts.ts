import { incidentFromChosen, markAlert } from '../alert-incident.ts';
import { chosenAlert, foldAlerts, openAlerts, toggleOnlyStanding } from '../alerts-flow.ts';
import { fieldWith } from '../components/text-field.ts';
import type { Session } from '../session.ts';
import { filterOf, openInput } from '../state.ts';
import { type Binding, binding, everywhere } from './binding.ts';

const screens = ['alerts'] as const;

const needsAlert = (session: Session): string | null => (chosenAlert(session) === null ? 'there is no alert' : null);

function whyNotFolded(session: Session): string | null {
  const row = chosenAlert(session);
  if (row === null) return 'there is no alert';
  if (row.kind === 'ended') return 'it has ended';
  return row.kind === 'root' && row.explains.length === 0 ? 'it explains no other alert' : null;
}

/** Keys of the alerts, and the one that leads to them. */
export const alerting: readonly Binding[] = [
  binding({
    id: 'alerts',
    keys: ['W'],
    label: 'what is wrong',
    description: 'The alerts: one line a root cause, what it explains, its playbook; what ended within the hour',
    group: 'open',
    screens: everywhere.filter((kind) => kind !== 'alerts'),
    footer: 9,
    run: openAlerts,
  }),
  binding({
    id: 'fold-alerts',
    keys: ['space'],
    label: 'unfold',
    description: 'What the root cause explains, as lines of their own; again folds them',
    group: 'open',
    screens,
    footer: 7,
    disabled: whyNotFolded,
    run: foldAlerts,
  }),
  binding({
    id: 'incident-from-alert',
    keys: ['I'],
    label: 'incident',
    description: 'Start an incident from this alert, or open the one that was started from it',
    group: 'tell',
    screens,
    footer: 3,
    disabled: needsAlert,
    run: incidentFromChosen,
  }),
  binding({
    id: 'mark-alert',
    keys: ['M'],
    label: 'mark line',
    description: 'The alert into the incident as a line, with its host and service',
    group: 'tell',
    screens,
    footer: 13,
    disabled: needsAlert,
    run: markAlert,
  }),
  binding({
    id: 'filter-alerts',
    keys: ['/'],
    label: 'filter',
    description: 'Filter: text, !text leaves out, ~text fuzzy by host, key=value a label, host, alert, severity or playbook',
    group: 'find',
    screens,
    footer: 10,
    run: (s) => s.update((ui) => openInput(ui, 'filter', fieldWith(filterOf(ui)))),
  }),
  binding({
    id: 'only-standing',
    keys: ['!'],
    label: 'only standing',
    description: 'Without what ended, what somebody took charge of, and what is held back; again shows all',
    group: 'find',
    screens,
    footer: 11,
    run: toggleOnlyStanding,
  }),
];

import { holderOf, type Incident } from '../../src/journal/incident/incident.ts';
import { incidentHere, offerMark, offerNote, offerStart, openIncidents, showIncident, writeHandoff } from '../incident-flow.ts';
import { askDecision, askExport, askFollowUp, askReopen, askRole, askSeverity, askTime, askUpdate, askWriteUp } from '../incident-forms.ts';
import { isOpen } from '../incident-state.ts';
import { openRoutines, routineHere, skipRoutine, tickRoutine } from '../routine-flow.ts';
import type { Session } from '../session.ts';
import { type Binding, binding, type Draft, everywhere } from './binding.ts';

const both = ['incidents', 'incident'] as const;

/** A key about the incident that is shown, or under the cursor. */
function about(
  draft: Pick<Draft, 'id' | 'keys' | 'label' | 'description'> & { readonly footer?: number },
  run: (session: Session, incident: Incident) => void,
  why: (incident: Incident) => string | null = () => null,
): Binding {
  return binding({
    ...draft,
    group: 'tell',
    screens: both,
    disabled: (s) => {
      const incident = incidentHere(s);
      return incident === null ? 'there is no incident' : why(incident);
    },
    run: (s) => {
      const incident = incidentHere(s);
      if (incident !== null) run(s, incident);
    },
  });
}

const closed = (incident: Incident): string | null => (isOpen(incident) ? null : `${incident.id} is closed; o opens it again`);
const nextRole = (incident: Incident): 'commander' | 'scribe' => (holderOf(incident, 'commander') === null ? 'commander' : 'scribe');
const nextFollowUp = ({ followUps }: Incident): Incident['followUps'][number] | undefined =>
  followUps.find((each) => !each.done && each.owner === null) ?? followUps.find((each) => !each.done);

/**
 * Keys of the record: incidents, notes, regular duties. All of them write to the journal alone, so a console that was started read-only
 * has them too: read-only means that no host and no cloud is changed.
 */
export const telling: readonly Binding[] = [
  binding({
    id: 'note',
    keys: ['i'],
    label: 'note',
    description: 'A note into the open incident from any screen; with none open, into a new one or the journal',
    group: 'tell',
    footer: 15,
    run: offerNote,
  }),
  binding({
    id: 'mark-line',
    keys: ['M'],
    label: 'mark line',
    description: 'The line under the cursor into the incident, with its host and service; of plain text a line is picked first',
    group: 'tell',
    screens: ['journal', 'entry', 'raw', 'host', 'playbook-run'],
    footer: 13,
    run: offerMark,
  }),
  binding({
    id: 'incidents',
    keys: ['I'],
    label: 'incident',
    description: 'The open incident; the list when there is none or several',
    group: 'tell',
    screens: everywhere.filter((kind) => kind !== 'incidents' && kind !== 'alerts'),
    footer: 9,
    run: openIncidents,
  }),
  binding({
    id: 'start-incident',
    keys: ['n'],
    label: 'new',
    description: 'Start an incident: from the worst alert, or by hand',
    group: 'tell',
    screens: ['incidents'],
    footer: 2,
    run: offerStart,
  }),
  binding({
    id: 'start-here',
    keys: ['N'],
    label: 'new incident',
    description: 'Start an incident from what is wrong with the host, its title and hosts filled in',
    group: 'tell',
    screens: ['host', 'raw', 'pools', 'backups', 'incident', 'sources', 'journal', 'entry'],
    run: offerStart,
  }),
  binding({
    id: 'open-incident',
    keys: ['enter'],
    label: 'open',
    description: 'The incident; notes go to it from now on',
    group: 'tell',
    screens: ['incidents'],
    footer: 1,
    disabled: (s) => (incidentHere(s) === null ? 'there is no incident' : null),
    run: (s) => showIncident(s, incidentHere(s)?.id ?? ''),
  }),
  about(
    { id: 'incident-update', keys: ['u'], label: 'update', description: 'Record an update that was given', footer: 3 },
    askUpdate,
    closed,
  ),
  about(
    { id: 'incident-role', keys: ['r'], label: 'role', description: 'Who is commander, ops, comms, scribe, expert', footer: 3 },
    (s, incident) => askRole(s, incident, nextRole(incident)),
    closed,
  ),
  about({ id: 'incident-severity', keys: ['s'], label: 'severity', description: 'Change the severity', footer: 4 }, askSeverity, closed),
  about({ id: 'incident-decide', keys: ['d'], label: 'decide', description: 'Record a decision', footer: 4 }, askDecision, closed),
  about(
    {
      id: 'incident-follow-up',
      keys: ['f'],
      label: 'follow-up',
      description: 'Who does the next open follow-up, until when; or that it is done',
      footer: 10,
    },
    (s, incident) => {
      const next = nextFollowUp(incident);
      if (next !== undefined) askFollowUp(s, incident, next);
    },
    (incident) => (nextFollowUp(incident) === undefined ? 'no follow-up is open: a TODO in a note makes one' : null),
  ),
  about(
    { id: 'incident-mitigated', keys: ['m'], label: 'mitigated', description: 'The effect on users is over', footer: 5 },
    (s, incident) => askTime(s, incident, 'mitigated'),
    (incident) => closed(incident) ?? (incident.status === 'open' ? null : `it is ${incident.status} already`),
  ),
  about(
    { id: 'incident-resolve', keys: ['R'], label: 'resolve', description: 'The trouble is over', footer: 6 },
    (s, incident) => askTime(s, incident, 'resolved'),
    (incident) => closed(incident) ?? (incident.status === 'resolved' ? 'it is resolved already' : null),
  ),
  about(
    { id: 'incident-close', keys: ['C'], label: 'close', description: 'All is told and done', footer: 7 },
    (s, incident) => askTime(s, incident, 'closed'),
    closed,
  ),
  about(
    { id: 'incident-reopen', keys: ['o'], label: 'open again', description: 'Open an incident again that was over', footer: 8 },
    askReopen,
    (incident) => (incident.status === 'open' ? 'it is open' : null),
  ),
  about(
    {
      id: 'incident-write-up',
      keys: ['w'],
      label: 'write up',
      description: 'What only people can tell for the report: numbers of the impact, what went well and wrong',
      footer: 9,
    },
    askWriteUp,
  ),
  about({ id: 'incident-export', keys: ['e'], label: 'export', description: 'Write its report to files', footer: 2 }, askExport),
  binding({
    id: 'handoff',
    keys: ['h'],
    label: 'hand-off',
    description: 'Write what the next shift must know to a file',
    group: 'tell',
    screens: [...both, 'routines'],
    footer: 11,
    run: writeHandoff,
  }),
  binding({
    id: 'routines',
    keys: ['T'],
    label: 'routines',
    description: 'The daily and weekly duties, and what is due',
    group: 'tell',
    screens: everywhere.filter((kind) => kind !== 'routines'),
    run: openRoutines,
  }),
  duty({ id: 'routine-done', keys: ['enter', 'space'], label: 'done', description: 'Tick the duty off', footer: 1 }, (s) =>
    tickRoutine(s, 'done'),
  ),
  duty(
    { id: 'routine-skip', keys: ['s'], label: 'skip', description: 'Leave the duty undone this time, with a reason', footer: 2 },
    skipRoutine,
  ),
  duty({ id: 'routine-undo', keys: ['u'], label: 'take back', description: 'Take the last tick of the duty back', footer: 3 }, (s) =>
    tickRoutine(s, 'undone'),
  ),
];

function duty(
  draft: Pick<Draft, 'id' | 'keys' | 'label' | 'description'> & { readonly footer: number },
  run: (session: Session) => void,
): Binding {
  return binding({
    ...draft,
    group: 'tell',
    screens: ['routines'],
    disabled: (s) => (routineHere(s) === null ? 'the fleet file has no routines' : null),
    run,
  });
}

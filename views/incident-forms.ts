import { type AnalysisField, type IncidentRole, incidentRoles, severities, type Severity } from '../src/journal/incident/event.ts';
import { sev } from '../src/journal/incident/event-words.ts';
import type { FollowUp, Incident } from '../src/journal/incident/incident.ts';
import { unwritten } from '../src/journal/incident/unwritten.ts';
import type { RoutineState } from '../src/journal/routines.ts';
import { emptyField, fieldWith } from './components/text-field.ts';
import { shortTime } from './format.ts';
import { type FormField, type FormPurpose, isOpen, type LineSource } from './incident-state.ts';
import { isOver, runOfScreen } from './playbook-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';

/** First words of the field that says where a note goes when it goes into no incident. */
export const intoJournal = 'the journal only';
export const intoRun = 'this run';
export const intoNew = 'a new incident';

/** What the export key makes; see commands/incident/on-screen.ts. */
export const exportForms = ['report', 'external', 'announcement', 'aslo report'] as const;

function typed(name: string, label: string, text = '', optional = false): FormField {
  return { name, label, field: text === '' ? emptyField : fieldWith(text), choices: [], optional };
}

function choice(name: string, label: string, choices: readonly string[], chosen: string): FormField {
  return { name, label, field: fieldWith(chosen), choices, optional: false };
}

function ask(session: Session, title: string, purpose: FormPurpose, fields: readonly FormField[], hint = '', focus = 0): void {
  showDialog(session, { kind: 'telling', title, purpose, fields, focus, hint, wrong: null, openedAt: session.now() });
}

/** A new incident, everything that is known filled in. */
export function askStart(
  session: Session,
  known: {
    readonly title: string;
    readonly severity: Severity;
    readonly hosts: readonly string[];
    readonly alert: string | null;
    readonly began: number | null;
    readonly detected: number | null;
  },
): void {
  const began = known.began === null ? '' : ` It began ${shortTime(known.began, session.now())}.`;
  const from = known.alert === null ? 'By hand.' : `From alert ${known.alert.split('@', 1)[0] ?? ''}.${began}`;
  const { alert, detected } = known;
  ask(
    session,
    'start an incident',
    { kind: 'start', from: { alert, began: known.began, detected } },
    [
      typed('title', 'what is wrong', known.title),
      choice('severity', 'severity', severities.map(sev), sev(known.severity)),
      typed('hosts', 'hosts', known.hosts.join(' '), true),
      typed('commander', 'commander', session.console.operator.split('@', 1)[0] ?? '', true),
    ],
    `${from} It is written into the journal and changes nothing on any host.`,
  );
}

/** A note, into the chosen incident unless another is picked; a `TODO` in it becomes a follow-up. */
export function askNote(session: Session, text: string, source: LineSource | null): void {
  const open = session.console.incidents.list().filter(isOpen);
  const names = open.map((incident) => `${incident.id} ${incident.title}`).toReversed();
  const run = runOfScreen(session.ui.getState());
  const ofRun = run !== null && !isOver(run) && run.view.level === 'run' ? run : null;
  const others = [...(ofRun === null ? [] : [intoRun]), intoJournal, intoNew];
  const chosen = names.find((name) => name.startsWith(`${session.ui.getState().incident ?? '?'} `)) ?? names[0] ?? others[0] ?? intoJournal;
  const from = source === null ? '' : `Line of ${[source.host, source.service].filter((part) => part !== null).join('/')}. `;
  const into = open.length === 0 ? 'No incident is open: ↓ ↑ on the second line choose a new one. ' : '';
  ask(
    session,
    source === null ? 'note' : 'mark a line',
    { kind: 'note', source, runId: ofRun?.id ?? null },
    [typed('text', 'note', text), choice('into', 'goes into', [...names, ...others], chosen)],
    `${from}${into}A TODO in a note of an incident becomes a follow-up.`,
  );
}

export function askRole(session: Session, incident: Incident, role: IncidentRole): void {
  ask(
    session,
    `${incident.id}: who has which role?`,
    { kind: 'role', id: incident.id },
    [
      choice('role', 'role', incidentRoles, role),
      typed('person', 'person', session.console.operator.split('@', 1)[0] ?? ''),
      choice('change', 'now', ['takes it', 'gives it up'], 'takes it'),
    ],
    'Every role but expert has one holder: the next relieves the one before.',
  );
}

export function askSeverity(session: Session, incident: Incident): void {
  ask(session, `${incident.id}: severity`, { kind: 'severity', id: incident.id }, [
    choice('to', 'severity', severities.map(sev), sev(incident.severity)),
    typed('why', 'why', '', true),
  ]);
}

export function askDecision(session: Session, incident: Incident): void {
  ask(
    session,
    `${incident.id}: a decision`,
    { kind: 'decide', id: incident.id },
    [
      typed('question', 'question'),
      typed('options', 'options', '', true),
      typed('outcome', 'decided'),
      typed('executes', 'carried out by', '', true),
    ],
    'Options are parted by commas.',
  );
}

export function askUpdate(session: Session, incident: Incident): void {
  ask(
    session,
    `${incident.id}: an update that was given`,
    { kind: 'update', id: incident.id },
    [typed('text', 'text'), typed('to', 'to', 'users', true)],
    'It is recorded here, not sent: quarterdeck incident update --send sends it through notify: of the fleet file.',
  );
}

export function askTime(session: Session, incident: Incident, which: 'mitigated' | 'resolved' | 'closed'): void {
  const open = incident.followUps.filter((followUp) => !followUp.done);
  const words = {
    mitigated: 'The effect on users is over; the trouble itself may not be.',
    resolved: 'The trouble is over.',
    closed: `All is told and done.${open.length === 0 ? '' : ` Follow-ups still open: ${open.length}; they stay in the report.`}`,
  };
  ask(session, `${incident.id}: ${which}`, { kind: 'time', id: incident.id, which }, [typed('note', 'note', '', true)], words[which]);
}

export function askReopen(session: Session, incident: Incident): void {
  ask(session, `${incident.id}: open it again`, { kind: 'reopen', id: incident.id }, [typed('why', 'why')]);
}

const impactNumber = 'number of the impact';
/** What `w` writes, by its words; the number of the impact is told by itself. */
export const writeUps: Readonly<Record<string, AnalysisField | null>> = {
  [impactNumber]: null,
  'contributing factors': 'contributing-factors',
  'lasting resolution': 'resolution-lasting',
  'what went well': 'went-well',
  'what went wrong': 'went-wrong',
  overview: 'overview',
};

/** What only people can tell; the first that nobody has written comes first. */
export function askWriteUp(session: Session, incident: Incident): void {
  const missing = unwritten(incident).map(({ field }) => field);
  const of = (field: AnalysisField | null): boolean => missing.includes(field ?? 'impact');
  const first = Object.entries(writeUps).find(([, field]) => of(field))?.[0] ?? impactNumber;
  ask(
    session,
    `${incident.id}: for its report`,
    { kind: 'write-up', id: incident.id },
    [choice('what', 'what', Object.keys(writeUps), first), typed('text', 'text')],
    `A number is told as: users affected 1200. A text takes the place of what was there.${missingWords(incident)}`,
  );
}

/** ` Not written yet: …`; empty when all is. */
function missingWords(incident: Incident): string {
  const missing = unwritten(incident).map(({ words }) => words);
  return missing.length === 0 ? '' : ` Not written yet: ${missing.join(', ')}.`;
}

/** Says where something lies until a key is pressed: a path does not fit beside other things in a line. */
export function showWritten(session: Session, title: string, text: string): void {
  ask(session, title, { kind: 'told' }, [], text);
}

/** The oldest follow-up that nobody has yet, else the oldest open one. */
export function askFollowUp(session: Session, incident: Incident, followUp: FollowUp): void {
  ask(session, `follow-up: ${followUp.text}`, { kind: 'follow-up', id: incident.id, followUp }, [
    typed('owner', 'owner', followUp.owner ?? '', true),
    typed('ticket', 'ticket', followUp.ticket ?? '', true),
    typed('due', 'due', followUp.due ?? '', true),
    choice('done', 'state', ['open', 'done'], followUp.done ? 'done' : 'open'),
  ]);
}

export function askExport(session: Session, incident: Incident): void {
  ask(
    session,
    `${incident.id}: export`,
    { kind: 'export', id: incident.id },
    [choice('form', 'form', exportForms, 'report')],
    `report: Markdown, HTML with charts, JSON. external: without hosts, names and commands. announcement, aslo report: plain text.${missingWords(incident)}${missingWords(incident) === '' ? '' : ' w writes it.'}`,
  );
}

export function askSkip(session: Session, routine: RoutineState): void {
  ask(session, `leave undone: ${routine.text}`, { kind: 'skip', routine }, [typed('why', 'why')], 'The reason is kept with it.');
}

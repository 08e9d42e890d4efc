import { incidentRoles, severities } from '../src/journal/incident/event.ts';
import { sev } from '../src/journal/incident/event-words.ts';
import { editField, fieldWith } from './components/text-field.ts';
import { showIncident } from './incident-flow.ts';
import { askNote, askStart, intoJournal, intoNew, intoRun, showWritten, writeUps } from './incident-forms.ts';
import type { FormPurpose, MarkDialog, TellingDialog } from './incident-state.ts';
import type { Session } from './session.ts';
import { sentence } from './show-dialog.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

/** Enter goes on to the next field and on the last one writes; arrows move through choices, tab between fields. */
export function tellingKey(session: Session, dialog: TellingDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  const change = (changed: Partial<TellingDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  const at = dialog.fields[dialog.focus];
  if (at === undefined || key.key === 'escape') {
    session.update(closeDialog);
    return;
  }
  const last = dialog.fields.length - 1;
  const replaced = (field: typeof at.field): void =>
    change({ fields: dialog.fields.map((one, index) => (index === dialog.focus ? { ...one, field } : one)), wrong: null });
  const turned = (by: number): void => {
    const place = at.choices.indexOf(at.field.text) + by;
    replaced(fieldWith(at.choices[(place + at.choices.length) % at.choices.length] ?? at.field.text));
  };
  switch (key.key) {
    case 'tab':
      change({ focus: dialog.focus === last ? 0 : dialog.focus + 1 });
      return;
    case 'backtab':
      change({ focus: dialog.focus === 0 ? last : dialog.focus - 1 });
      return;
    case 'enter': {
      if (key.pasted) return;
      if (at.field.text.trim() === '' && !at.optional) change({ wrong: `${at.label} is still empty.` });
      else if (dialog.focus < last) change({ focus: dialog.focus + 1, wrong: null });
      else finish(session, dialog, change);
      return;
    }
    case 'down':
    case 'right':
    case 'space':
      if (at.choices.length > 0) {
        turned(1);
        return;
      }
      break;
    case 'up':
    case 'left':
      if (at.choices.length > 0) {
        turned(-1);
        return;
      }
      break;
    default:
  }
  if (at.choices.length > 0) return;
  if (key.key === 'down' || key.key === 'up') {
    change({ focus: Math.max(0, Math.min(last, dialog.focus + (key.key === 'down' ? 1 : -1))) });
    return;
  }
  const field = editField(at.field, key);
  if (field !== at.field) replaced(field);
}

function finish(session: Session, dialog: TellingDialog, change: (changed: Partial<TellingDialog>) => void): void {
  const empty = dialog.fields.findIndex((one) => !one.optional && one.field.text.trim() === '');
  if (empty >= 0) {
    change({ focus: empty, wrong: `${dialog.fields[empty]?.label ?? ''} is still empty.` });
    return;
  }
  try {
    write(session, dialog);
  } catch (error) {
    change({ wrong: `Not written: ${sentence(error)}` });
  }
}

/** Writes what the form says, closes it and says so. Throws one plain sentence. */
function write(session: Session, dialog: TellingDialog): void {
  const { purpose } = dialog;
  const { desk } = session.console.incidents;
  const value = (name: string): string => dialog.fields.find((one) => one.name === name)?.field.text.trim() ?? '';
  const given = (name: string): string | null => value(name) || null;
  const words = (name: string): string[] =>
    value(name)
      .split(/[\s,]+/)
      .filter((part) => part !== '');
  const said = (text: string): void => {
    session.update(closeDialog);
    session.note(text, 'ok');
  };
  switch (purpose.kind) {
    case 'start': {
      const severity = severities.find((one) => sev(one) === value('severity')) ?? 'sev3';
      const made = desk.start({
        title: value('title'),
        severity,
        visibility: 'internal',
        hosts: words('hosts'),
        services: [],
        ...purpose.from,
      });
      const commander = given('commander');
      if (commander !== null) desk.role(made.id, 'commander', commander);
      said(`${made.id} is open: i adds a note from any screen.`);
      showIncident(session, made.id);
      return;
    }
    case 'note':
      writeNote(session, value('text'), value('into'), purpose, said);
      return;
    case 'role': {
      const role = incidentRoles.find((one) => one === value('role')) ?? 'expert';
      desk.role(purpose.id, role, value('person'), value('change') === 'takes it' ? 'take' : 'leave');
      said(`${value('person')} ${value('change') === 'takes it' ? 'is' : 'is no longer'} ${role} of ${purpose.id}.`);
      return;
    }
    case 'severity': {
      const severity = severities.find((one) => sev(one) === value('to')) ?? 'sev3';
      desk.severity(purpose.id, severity, given('why'));
      said(`${purpose.id} is ${sev(severity)}.`);
      return;
    }
    case 'decide': {
      const options = value('options')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
      desk.decide(purpose.id, { question: value('question'), options, outcome: value('outcome'), executes: given('executes') });
      said(`The decision is in ${purpose.id}.`);
      return;
    }
    case 'update':
      desk.update(purpose.id, words('to'), value('text'));
      said(`The update is in ${purpose.id}; the next is due in 30 minutes.`);
      return;
    case 'time':
      desk.time(purpose.id, purpose.which);
      if (given('note') !== null) desk.note(purpose.id, value('note'));
      said(`${purpose.id} is ${purpose.which}.${purpose.which === 'closed' ? ' e exports its report.' : ''}`);
      return;
    case 'reopen':
      desk.reopen(purpose.id, value('why'));
      said(`${purpose.id} is open again.`);
      return;
    case 'follow-up':
      desk.followUp(purpose.id, purpose.followUp.of, {
        owner: given('owner'),
        ticket: given('ticket'),
        due: given('due'),
        done: value('done') === 'done',
      });
      said(`The follow-up of ${purpose.id} is written.`);
      return;
    case 'write-up':
      writeUp(session, purpose.id, value('what'), value('text'));
      said(`It is in ${purpose.id}, and in its report.`);
      return;
    case 'told':
      return;
    case 'export': {
      const incident = session.console.incidents.list().find(({ id }) => id === purpose.id);
      if (incident === undefined) throw new Error(`${purpose.id} is not known any more`);
      const paths = session.console.incidents.export(incident, value('form'));
      session.update(closeDialog);
      showWritten(session, `${purpose.id}: ${value('form')}`, `Written: ${pathWords(paths)}`);
      return;
    }
    case 'skip':
      session.console.routines.tick(purpose.routine, 'skipped', value('why'));
      said(`Left undone: ${purpose.routine.text}.`);
      return;
    default:
      purpose satisfies never;
  }
}

/** A text of the report, or a number of the impact: what was counted, how many, in which unit. Throws one plain sentence. */
function writeUp(session: Session, id: string, what: string, text: string): void {
  const { desk } = session.console.incidents;
  const field = writeUps[what] ?? null;
  if (field !== null) {
    desk.analysis(id, field, text);
    return;
  }
  const [, name, number, unit] = /^(.*[^\s:=])\s*[:=]?\s+(-?\d+(?:\.\d+)?)\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || number === undefined) throw new Error('a number is told as: users affected 1200');
  desk.impact(id, name, Number(number), unit === undefined || unit === '' ? null : unit);
}

/** `DIR/INC-1-20261122T140731Z.md .html .json`: what files share is said once. */
function pathWords([first = 'nothing', ...rest]: readonly string[]): string {
  return [first, ...rest.map((path) => /\.\w+$/.exec(path)?.[0] ?? path)].join(' ');
}

type NotePurpose = Extract<FormPurpose, { kind: 'note' }>;

function writeNote(session: Session, text: string, into: string, { source, runId }: NotePurpose, said: (text: string) => void): void {
  const { incidents } = session.console;
  if (into === intoNew) {
    // The note's words are what is known of it.
    askStart(session, {
      title: text,
      severity: 'sev3',
      hosts: source === null ? [] : [source.host],
      alert: null,
      began: null,
      detected: null,
    });
    return;
  }
  if (into === intoRun && runId !== null) {
    const run = session.console.playbooks.desk?.find(runId) ?? null;
    if (run === null || run.isOver()) throw new Error('the run is over; choose where else the note goes');
    run.note(text);
    said('The note is in the run, and in the timeline of the incident that the run belongs to.');
    return;
  }
  if (into === intoJournal) {
    incidents.noteAlone(text, source);
    said('The note is in the journal.');
    return;
  }
  const id = into.split(' ', 1)[0] ?? '';
  incidents.desk.note(id, text, source);
  session.update((ui) => ({ ...ui, incident: id }));
  said(`The note is in ${id}.`);
}

/** Picks the line to mark among those that were in sight. */
export function markKey(session: Session, dialog: MarkDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key) || key.pasted) return;
  const to = (cursor: number): void => {
    const at = Math.max(0, Math.min(dialog.lines.length - 1, cursor));
    session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: at } }));
  };
  if (key.key === 'escape' || key.key === 'q') session.update(closeDialog);
  else if (key.key === 'down' || key.key === 'j') to(dialog.cursor + 1);
  else if (key.key === 'up' || key.key === 'k') to(dialog.cursor - 1);
  else if (key.key === 'pagedown') to(dialog.cursor + 5);
  else if (key.key === 'pageup') to(dialog.cursor - 5);
  else if (key.key === 'enter') askNote(session, dialog.lines[dialog.cursor]?.trim() ?? '', dialog.source);
}

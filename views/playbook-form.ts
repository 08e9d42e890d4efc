import { go } from 'fuzzysort';
import { readInputs } from '../src/playbook/inputs.ts';
import type { Input, Playbook } from '../src/playbook/playbook.ts';
import type { Question } from '../src/playbook/run/question.ts';
import type { KeptRun } from '../src/playbook/runs.ts';
import { emptyField, fieldWith } from './components/text-field.ts';
import type { FormDialog, FormField, PlaybookRunState } from './playbook-state.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';

const offersShown = 12;

/** Asked for at the start of every run that has no input of that name. */
export const reasonInput: Input = {
  name: 'reason',
  type: 'text',
  from: null,
  choices: [],
  fallback: null,
  pattern: null,
  min: null,
  max: null,
  help: 'why it is done, for the record',
  optional: true,
};

function fieldsFor(inputs: readonly Input[], given: Readonly<Record<string, string>>): readonly FormField[] {
  return inputs.map((input) => {
    const text = given[input.name] ?? fallbackText(input.fallback);
    return { input, field: text === '' ? emptyField : fieldWith(text) };
  });
}

/** A default as a person would type it. */
function fallbackText(fallback: unknown): string {
  if (typeof fallback === 'string') return fallback;
  if (typeof fallback === 'boolean') return fallback ? 'yes' : 'no';
  if (Array.isArray(fallback)) return fallback.map(fallbackText).join(' ');
  return typeof fallback === 'number' ? String(fallback) : '';
}

/** Opens the form that starts a playbook; `given` is what is known already. The first field that is empty has the keys. */
export function openStartForm(
  session: Session,
  playbook: Playbook,
  given: Readonly<Record<string, string>>,
  offers: readonly string[],
): void {
  const own = playbook.inputs.some((input) => input.name === 'reason');
  const fields = fieldsFor(own ? playbook.inputs : [...playbook.inputs, reasonInput], given);
  open(session, { purpose: { kind: 'start', playbookId: playbook.id, offers }, title: `start: ${playbook.title}`, env: null, fields });
}

/** The secrets that a run to be taken up needs again. */
export function openSecretsForm(session: Session, kept: KeptRun, secrets: readonly Input[], env: string): void {
  const fields = fieldsFor(secrets, {});
  open(session, { purpose: { kind: 'resume', runId: kept.id }, title: `go on with: ${kept.title}`, env, fields });
}

/** The fields of an `ask`. */
export function openAskForm(session: Session, run: PlaybookRunState, question: Extract<Question, { kind: 'ask' }>): void {
  const purpose = { kind: 'answer', runId: run.id, question } as const;
  open(session, { purpose, title: run.view.title, env: run.env, fields: fieldsFor(question.fields, {}) });
}

function open(session: Session, form: Pick<FormDialog, 'purpose' | 'title' | 'env' | 'fields'>): void {
  const empty = form.fields.findIndex(({ field, input }) => field.text === '' && !input.optional);
  showDialog(session, {
    kind: 'form',
    ...form,
    focus: Math.max(0, empty),
    wrong: {},
    ready: form.fields.length === 0,
    openedAt: session.now(),
  });
}

/** What a field offers: hosts of its `from`, its choices, yes or no; for hosts what the last word may become. */
export function offersOf(session: Pick<Session, 'console'>, { input, field }: FormField): readonly string[] {
  const all =
    input.type === 'host' || input.type === 'hosts'
      ? (session.console.playbooks.desk?.hostsFrom(input.from) ?? [])
      : input.type === 'bool'
        ? ['yes', 'no']
        : input.choices;
  const typed = lastWord(input, field.text);
  const found = typed === '' || all.includes(typed) ? all : go(typed, [...all], { threshold: 0.2 }).map((result) => result.target);
  return found.slice(0, offersShown);
}

export function lastWord(input: Input, text: string): string {
  return input.type === 'hosts' ? (text.split(/[\s,]+/).at(-1) ?? '') : text.trim();
}

/** The field with its last word made whole. */
export function completed(form: FormField, offer: string): FormField {
  if (form.input.type !== 'hosts') return { ...form, field: fieldWith(offer) };
  const before = form.field.text.slice(0, form.field.text.length - lastWord(form.input, form.field.text).length);
  return { ...form, field: fieldWith(`${before}${offer}`) };
}

/** What the texts mean, or what is wrong with them. */
export function readForm(session: Session, form: FormDialog): ReturnType<typeof readInputs> {
  const given = Object.fromEntries(form.fields.map(({ input, field }) => [input.name, field.text.trim()]));
  const { desk } = session.console.playbooks;
  return readInputs(
    form.fields.map(({ input }) => input),
    given,
    (from) => desk?.hostsFrom(from) ?? [],
  );
}

import { editField } from './components/text-field.ts';
import { completed, lastWord, offersOf, readForm } from './playbook-form.ts';
import { submitForm } from './playbook-start.ts';
import type { FormDialog } from './playbook-state.ts';
import type { Session } from './session.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

/** Enter goes from field to field and never starts anything; a run begins by `y` under the filled form. */
export function formKey(session: Session, dialog: FormDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  const change = (changed: Partial<FormDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  if (dialog.ready) {
    if (key.pasted) return;
    if (key.key === 'y') submitForm(session, dialog);
    else if (key.key === 'escape' && dialog.fields.length > 0) change({ ready: false, openedAt: session.now() });
    else if (key.key === 'escape') session.update(closeDialog);
    return;
  }
  const { focus, fields } = dialog;
  const current = fields[focus];
  const moved = (to: number): void => change({ focus: Math.max(0, Math.min(fields.length - 1, to)) });
  switch (key.key) {
    case 'escape':
      session.update(closeDialog);
      return;
    case 'down':
      moved(focus + 1);
      return;
    case 'up':
    case 'backtab':
      moved(focus - 1);
      return;
    case 'tab': {
      const offers = current === undefined ? [] : offersOf(session, current);
      const [offer] = offers;
      const whole = current === undefined || offer === undefined || offers.includes(lastWord(current.input, current.field.text));
      if (whole) moved(focus + 1);
      else change({ fields: fields.map((field) => (field === current ? completed(field, offer) : field)) });
      return;
    }
    case 'enter':
      next(session, dialog);
      return;
    default: {
      if (current === undefined) return;
      const field = editField(current.field, key);
      if (field === current.field) return;
      const wrong = Object.fromEntries(Object.entries(dialog.wrong).filter(([name]) => name !== current.input.name));
      change({ fields: fields.map((one) => (one === current ? { ...one, field } : one)), wrong });
    }
  }
}

/** To the next field; behind the last one, to the first that is wrong, or to the yes. */
function next(session: Session, form: FormDialog): void {
  const current = form.fields[form.focus];
  // One word that can only mean one thing is made whole.
  const offers = current === undefined || current.field.text === '' ? [] : offersOf(session, current);
  const [only, second] = offers;
  const fields =
    current !== undefined && only !== undefined && second === undefined
      ? form.fields.map((field) => (field === current ? completed(field, only) : field))
      : form.fields;
  const filled = { ...form, fields };
  const read = readForm(session, filled);
  const wrong = read.ok ? {} : read.wrong;
  const name = current?.input.name ?? '';
  const show = (changed: Partial<FormDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...filled, ...changed } }));
  if (wrong[name] !== undefined) {
    show({ wrong: { ...form.wrong, [name]: wrong[name] } });
    return;
  }
  if (form.focus < fields.length - 1) {
    show({ focus: form.focus + 1 });
    return;
  }
  const bad = fields.findIndex(({ input }) => wrong[input.name] !== undefined);
  if (bad >= 0) show({ wrong, focus: bad });
  else if (form.purpose.kind === 'answer') submitForm(session, filled);
  else show({ wrong: {}, ready: true, openedAt: session.now() });
}

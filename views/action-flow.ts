import { wrongInputs } from '../src/actions/drivers/custom.ts';
import type { CustomAction } from '../src/fleet/definition.ts';
import { menuItems } from './action-menu.ts';
import { editField, emptyField, fieldWith } from './components/text-field.ts';
import { plural } from './format.ts';
import { planRequests } from './plan-flow.ts';
import { actionHosts } from './restart-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import type { ActionsDialog, InputDialog } from './dialog-state.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

/** `x`: offers everything that can be done to the host under the cursor, or to all marked hosts. */
export function offerActions(session: Session): void {
  const { catalogue } = session.console;
  const views = actionHosts(session);
  const [first, second] = views;
  if (first === undefined || catalogue === null) {
    session.note(catalogue === null ? 'The console is still starting; in a moment it can.' : 'No host is selected.');
    return;
  }
  const items = menuItems(catalogue, views);
  const cursor = Math.max(
    0,
    items.findIndex((item) => item.why === null),
  );
  const hostName = second === undefined ? first.host.name : plural(views.length, 'marked host');
  const hostIds = views.map(({ host }) => host.id);
  showDialog(session, { kind: 'actions', title: `what to do with ${hostName}?`, hostIds, hostName, env: first.host.env, items, cursor });
}

/** A key of the action menu. */
export function actionsKey(session: Session, dialog: ActionsDialog, key: KeyEvent): void {
  const { items, cursor } = dialog;
  const byKey = key.pasted ? -1 : items.findIndex((item) => item.key !== '' && item.key === key.key);
  const chosen = byKey >= 0 ? byKey : key.key === 'enter' ? cursor : -1;
  const item = items[chosen];
  if (item === undefined) {
    const delta = key.key === 'down' || key.key === 'j' ? 1 : key.key === 'up' || key.key === 'k' ? -1 : 0;
    if (key.key === 'escape' || key.key === 'q') session.update(closeDialog);
    else if (delta !== 0)
      session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: Math.max(0, Math.min(items.length - 1, cursor + delta)) } }));
    return;
  }
  if (item.why !== null) {
    session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: chosen } }));
    return;
  }
  if (item.does.kind === 'requests') void planRequests(session, item.does.requests);
  else askInputs(session, item.does.action, dialog, {});
}

/** Asks the next input of a custom action, or plans it when all are answered. */
function askInputs(
  session: Session,
  action: CustomAction,
  target: Pick<ActionsDialog, 'hostIds' | 'hostName' | 'env'>,
  answers: Readonly<Record<string, string>>,
): void {
  const { hostIds, hostName, env } = target;
  const index = Object.keys(answers).length;
  const input = action.inputs[index];
  if (input === undefined) {
    // An optional input that was left empty is not given at all.
    const inputs = Object.fromEntries(Object.entries(answers).filter(([, given]) => given !== ''));
    void planRequests(
      session,
      hostIds.map((hostId) => ({ action: 'custom', hostId, name: action.name, inputs })),
    );
    return;
  }
  const choices = input.type === 'choice' ? input.choices : input.type === 'bool' ? ['true', 'false'] : [];
  showDialog(session, {
    kind: 'input',
    action,
    hostIds,
    hostName,
    env,
    answers,
    index,
    choices,
    cursor: 0,
    field: emptyField,
    wrong: null,
    openedAt: session.now(),
  });
}

/** A key while an input is asked for. Escape leaves the whole action, up in an empty text goes nowhere. */
export function inputKey(session: Session, dialog: InputDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  const change = (changed: Partial<InputDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  if (key.key === 'escape') session.update(closeDialog);
  else if (key.key === 'backtab') backOne(session, dialog);
  else if (key.key === 'enter' && !key.pasted) answer(session, dialog, change);
  else if (dialog.choices.length > 0) {
    const delta = key.key === 'down' || key.key === 'j' ? 1 : key.key === 'up' || key.key === 'k' ? -1 : 0;
    if (delta !== 0) change({ cursor: Math.max(0, Math.min(dialog.choices.length - 1, dialog.cursor + delta)), wrong: null });
  } else {
    const field = editField(dialog.field, key);
    if (field !== dialog.field) change({ field, wrong: null });
  }
}

function answer(session: Session, dialog: InputDialog, change: (changed: Partial<InputDialog>) => void): void {
  const { action, answers, index } = dialog;
  const name = action.inputs[index]?.name ?? '';
  const given = dialog.choices.length > 0 ? (dialog.choices[dialog.cursor] ?? '') : dialog.field.text.trim();
  const next = { ...answers, [name]: given };
  const wrong = wrongInputs({ ...action, inputs: action.inputs.slice(0, index + 1) }, next);
  if (wrong === null) askInputs(session, action, dialog, next);
  else change({ wrong });
}

/** Shift-tab: the input before, with what was answered. */
function backOne(session: Session, dialog: InputDialog): void {
  const name = dialog.action.inputs[dialog.index - 1]?.name;
  if (name === undefined) return;
  const { [name]: given = '', ...answers } = dialog.answers;
  askInputs(session, dialog.action, dialog, answers);
  session.update((ui) => (ui.dialog?.kind === 'input' ? { ...ui, dialog: { ...ui.dialog, field: fieldWith(given) } } : ui));
}

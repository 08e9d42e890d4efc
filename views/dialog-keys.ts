import { Secret } from '../src/fleet/secret.ts';
import { editField, emptyField } from './components/text-field.ts';
import { setScenario } from './palette.ts';
import { actionsKey, inputKey } from './action-flow.ts';
import { approvalKey } from './approval-flow.ts';
import { signingKey } from './signature-wait.ts';
import { markKey, tellingKey } from './incident-form-keys.ts';
import { armNow, showAgain } from './arming-flow.ts';
import { steerRun } from './bulk-flow.ts';
import { planAsked } from './plan-flow.ts';
import { outcomeKeys } from './outcome-keys.ts';
import { nextKey, planKey } from './plan-keys.ts';
import { playbookDialogKey } from './playbook-dialog-keys.ts';
import { runsUnderWay } from './playbook-flow.ts';
import { offerAbortAll } from './run-answers.ts';
import { recoveryKey } from './recovery-keys.ts';
import { planRestartOf } from './restart-flow.ts';
import type { Session } from './session.ts';
import type { Dialog } from './dialog-state.ts';
import { closeDialog, dropChange, setNote } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

const close = (session: Session): void => session.update(closeDialog);

/** One key for the open dialog. Escape always leaves without doing anything. */
export function dialogKey(session: Session, dialog: Dialog, key: KeyEvent): void {
  if (scrolls(session, dialog, key)) return;
  switch (dialog.kind) {
    case 'quit':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (key.key === 'y') session.quit();
      else if (key.key === 'a' && runsUnderWay(session.ui.getState()).length > 0) offerAbortAll(session);
      else close(session);
      return;
    case 'pick-service':
      pickKey(session, dialog, key);
      return;
    case 'planning':
      if (key.key === 'escape' || key.key === 'q') close(session);
      return;
    case 'plan':
      planKey(session, dialog, key);
      return;
    case 'approval':
      approvalKey(session, dialog, key);
      return;
    case 'signing':
      signingKey(session, dialog, key);
      return;
    case 'running':
      if (key.key === 'escape') {
        session.update((ui) => setNote(closeDialog(ui), 'The change goes on; its outcome will be shown.', session.now(), 'warn'));
      }
      return;
    case 'outcome':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      outcomeKey(session, dialog, key);
      return;
    case 'refused':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (nextKey(session, dialog.refusal, dialog.asked, dialog.env, key)) return;
      if (key.key === 'escape' || key.key === 'q' || key.key === 'enter') close(session);
      return;
    case 'arm':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (key.key === 'y') armNow(session, dialog.env, dialog.waiting, dialog.back);
      else if (dialog.back === null) close(session);
      else showAgain(session, dialog.back);
      return;
    case 'abort-run':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      close(session);
      if (key.key === 'y') steerRun(session, dialog.runId, 'abort');
      return;
    case 'actions':
      actionsKey(session, dialog, key);
      return;
    case 'recovery':
      recoveryKey(session, dialog, key);
      return;
    case 'telling':
      tellingKey(session, dialog, key);
      return;
    case 'mark':
      markKey(session, dialog, key);
      return;
    case 'input':
      inputKey(session, dialog, key);
      return;
    case 'form':
    case 'run-words':
    case 'run-choice':
    case 'run-stop':
    case 'left-run':
      playbookDialogKey(session, dialog, key);
      return;
    case 'scenario':
      scenarioKey(session, dialog, key);
      return;
    case 'prompt':
      promptKey(session, dialog, key);
  }
}

const scrollKeys: Readonly<Record<string, number>> = {
  pagedown: 5,
  pageup: -5,
  'ctrl-f': 5,
  'ctrl-b': -5,
  'ctrl-d': 3,
  'ctrl-u': -3,
  down: 1,
  up: -1,
};

/** A card higher than its place scrolls; where a list or a field has the keys it does not. */
function scrolls(session: Session, dialog: Dialog, key: KeyEvent): boolean {
  const fixed =
    dialog.kind === 'pick-service' ||
    dialog.kind === 'actions' ||
    dialog.kind === 'input' ||
    dialog.kind === 'telling' ||
    dialog.kind === 'mark' ||
    dialog.kind === 'form' ||
    dialog.kind === 'run-choice' ||
    dialog.kind === 'scenario' ||
    dialog.kind === 'prompt';
  const typing =
    (dialog.kind === 'recovery' ||
      dialog.kind === 'approval' ||
      dialog.kind === 'run-words' ||
      (dialog.kind === 'plan' && (dialog.focus === 'reason' || dialog.plan.confirmation.kind === 'word'))) &&
    (key.key === 'ctrl-u' || key.key === 'ctrl-f' || key.key === 'ctrl-b');
  const delta = scrollKeys[key.key];
  if (fixed || typing || delta === undefined) return false;
  session.update((ui) => ({ ...ui, dialogScroll: Math.max(0, ui.dialogScroll + delta) }));
  return true;
}

/** The outcome's own keys; any of them takes the change off the list of what runs. */
function outcomeKey(session: Session, dialog: Of<'outcome'>, key: KeyEvent): void {
  const change = session.ui.getState().changes.find((one) => one.id === dialog.changeId);
  const seen = (): void => session.update((ui) => dropChange(closeDialog(ui), dialog.changeId));
  if (change?.outcome?.kind === 'refused' && nextKey(session, change.outcome.refusal, change.asked, change.plan.env, key)) {
    session.update((ui) => dropChange(ui, dialog.changeId));
    return;
  }
  const chosen = change === undefined ? undefined : outcomeKeys(change, session.fleet()).find((one) => one.key === key.key);
  if (chosen !== undefined) {
    seen();
    void planAsked(session, chosen.asked);
  } else if (key.key === 'escape' || key.key === 'q' || key.key === 'enter') seen();
}

function pickKey(session: Session, dialog: Of<'pick-service'>, key: KeyEvent): void {
  const choose = (index: number): void => {
    const service = dialog.services[index];
    if (service !== undefined) void planRestartOf(session, dialog.hostIds, service.name);
  };
  const byKey = key.pasted ? -1 : dialog.services.findIndex((service) => service.key !== '' && service.key === key.key);
  if (byKey >= 0) choose(byKey);
  else if (key.key === 'enter') choose(dialog.cursor);
  else if (key.key === 'escape' || key.key === 'q') close(session);
  else session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: listMove(dialog.cursor, dialog.services.length, key.key) } }));
}

function listMove(cursor: number, length: number, key: string): number {
  if (key === 'down' || key === 'j') return Math.min(length - 1, cursor + 1);
  if (key === 'up' || key === 'k') return Math.max(0, cursor - 1);
  return cursor;
}

function scenarioKey(session: Session, dialog: Of<'scenario'>, key: KeyEvent): void {
  const names = [null, ...(session.console.scenarios?.list.map((one) => one.name) ?? [])];
  if (key.key === 'enter') {
    close(session);
    setScenario(session, names[dialog.cursor] ?? null);
  } else if (key.key === 'escape' || key.key === 'q') close(session);
  else session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: listMove(dialog.cursor, names.length, key.key) } }));
}

/** A host key is taken only for a typed `yes`; a passphrase may be pasted. Escape refuses. */
function promptKey(session: Session, dialog: Of<'prompt'>, key: KeyEvent): void {
  const { pending } = session.console.prompts.getState();
  const prompt = pending.find((one) => one.id === dialog.promptId);
  if (prompt === undefined) {
    close(session);
    return;
  }
  if (typedAhead(dialog.openedAt, key)) return;
  if (key.key === 'escape') {
    close(session);
    if (prompt.kind === 'host-key') prompt.answer('reject');
    else prompt.answer(null);
    return;
  }
  if (prompt.kind === 'host-key' && key.pasted) return;
  if (key.key !== 'enter') {
    const field = editField(dialog.field, key);
    if (field !== dialog.field) session.update((ui) => ({ ...ui, dialog: { ...dialog, field, wrong: null } }));
    return;
  }
  const typed = dialog.field.text;
  if (prompt.kind === 'passphrase') {
    session.update((ui) => closeDialog({ ...ui, dialog: { ...dialog, field: emptyField } }));
    prompt.answer(typed === '' ? null : new Secret(typed));
    return;
  }
  const word = typed.trim().toLowerCase();
  if (word === 'yes') {
    close(session);
    prompt.answer('accept');
  } else if (word === 'none') {
    close(session);
    for (const one of pending) if (one.kind === 'host-key') one.answer('reject');
  } else if (word === '' || word === 'no') {
    close(session);
    prompt.answer('reject');
  } else {
    session.update((ui) => ({ ...ui, dialog: { ...dialog, wrong: 'Type yes in full, or press Escape to refuse.' } }));
  }
}

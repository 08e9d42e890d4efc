import { Secret } from '../src/fleet/secret.ts';
import { editField, emptyField } from './components/text-field.ts';
import { setScenario } from './palette.ts';
import { armNow, confirmationBlock, executePlan, offerArming, planRestart } from './restart-flow.ts';
import type { Session } from './session.ts';
import { closeDialog, type Dialog, dropChange, setNote } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';

/** Keys this soon after a dialog appeared were meant for what was there before, ms. */
export const typeAheadMs = 300;

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

function typedAhead(openedAt: number, key: KeyEvent): boolean {
  const since = key.at - openedAt;
  return since >= 0 && since < typeAheadMs;
}

const close = (session: Session): void => session.update(closeDialog);

/** One key for the open dialog. Escape always leaves without doing anything. */
export function dialogKey(session: Session, dialog: Dialog, key: KeyEvent): void {
  if (scrolls(session, dialog, key)) return;
  switch (dialog.kind) {
    case 'quit':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (key.key === 'y') session.quit();
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
    case 'running':
      if (key.key === 'escape') {
        session.update((ui) => setNote(closeDialog(ui), 'The change goes on; its outcome will be shown.', session.now(), 'warn'));
      }
      return;
    case 'outcome':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (key.key === 'escape' || key.key === 'q' || key.key === 'enter') {
        session.update((ui) => dropChange(closeDialog(ui), dialog.changeId));
      }
      return;
    case 'refused':
      if (key.key === 'A' && dialog.refusal.guard === 'not-armed') offerArming(session, dialog.env, dialog.request);
      else if (key.key === 'escape' || key.key === 'q' || key.key === 'enter') close(session);
      return;
    case 'arm':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      if (key.key === 'y') armNow(session, dialog.env, dialog.waiting);
      else close(session);
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
  const fixed = dialog.kind === 'pick-service' || dialog.kind === 'scenario' || dialog.kind === 'prompt';
  const typing =
    dialog.kind === 'plan' &&
    dialog.plan.confirmation.kind === 'word' &&
    (key.key === 'ctrl-u' || key.key === 'ctrl-f' || key.key === 'ctrl-b');
  const delta = scrollKeys[key.key];
  if (fixed || typing || delta === undefined) return false;
  session.update((ui) => ({ ...ui, dialogScroll: Math.max(0, ui.dialogScroll + delta) }));
  return true;
}

function pickKey(session: Session, dialog: Of<'pick-service'>, key: KeyEvent): void {
  const choose = (index: number): void => {
    const service = dialog.services[index];
    if (service !== undefined) void planRestart(session, { action: 'restart', hostId: dialog.hostId, service: service.name });
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

/** Only the word or key that the plan asks for confirms. Enter on an empty field is Cancel, the default. */
function planKey(session: Session, dialog: Of<'plan'>, key: KeyEvent): void {
  if (key.pasted || typedAhead(dialog.openedAt, key)) return;
  const { plan } = dialog;
  if (key.key === 'escape') {
    close(session);
    return;
  }
  const block = confirmationBlock(session.console.executor, plan, session.now());
  if (block !== null) {
    if (block === 'locked' && key.key === 'A') offerArming(session, plan.env, plan.request);
    else if (block === 'expired' && key.key === 'r') void planRestart(session, plan.request);
    else if (key.key === 'enter' || key.key === 'q') close(session);
    return;
  }
  if (plan.confirmation.kind === 'key') {
    if (key.key === plan.confirmation.word) void executePlan(session, plan, plan.confirmation.word);
    else if (key.key === 'enter' || key.key === 'q' || key.key === 'n') close(session);
    return;
  }
  if (key.key === 'enter') {
    const typed = dialog.field.text.trim();
    if (typed === '') close(session);
    else if (typed === plan.confirmation.word) void executePlan(session, plan, typed);
    else
      session.update((ui) => ({
        ...ui,
        dialog: {
          ...dialog,
          wrong: `“${typed}” is not the ${plan.confirmation.kind === 'word' ? plan.confirmation.what : 'key'} asked for. Nothing was sent.`,
        },
      }));
    return;
  }
  const field = editField(dialog.field, key);
  if (field !== dialog.field) session.update((ui) => ({ ...ui, dialog: { ...dialog, field, wrong: null } }));
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

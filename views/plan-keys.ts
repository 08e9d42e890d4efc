import type { Refusal } from '../src/actions/plan.ts';
import { offerArming } from './arming-flow.ts';
import type { Asked } from './asked.ts';
import { startBulk } from './bulk-flow.ts';
import { editField, emptyField } from './components/text-field.ts';
import { type Block, confirmationBlock, executePlan, isBulk, planAsked } from './plan-flow.ts';
import { nextKeys } from './refusal-keys.ts';
import type { Session } from './session.ts';
import type { PlanDialog } from './dialog-state.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

const close = (session: Session): void => session.update(closeDialog);

const change = (session: Session, dialog: PlanDialog, changed: Partial<PlanDialog>): void =>
  session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));

/** Only the word or key that the plan asks for confirms. Enter on an empty field is Cancel, the default. */
export function planKey(session: Session, dialog: PlanDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  // A reason may be pasted, a confirmation may not.
  if (key.pasted && (dialog.focus !== 'reason' || key.text === null)) {
    change(session, dialog, { wrong: 'A paste does not confirm: type it.' });
    return;
  }
  if (key.key === 'escape') {
    close(session);
    return;
  }
  const block = confirmationBlock(session.console.executor, dialog.plan, session.now());
  if (block !== null) blockedKey(session, dialog, block, key);
  else if (key.key === 'tab' || key.key === 'backtab') otherLine(session, dialog);
  else if (dialog.focus === 'reason') reasonKey(session, dialog, key);
  else if (dialog.plan.confirmation.kind === 'key') oneKey(session, dialog, key);
  else wordKey(session, dialog, key);
}

function blockedKey(session: Session, dialog: PlanDialog, block: Block, key: KeyEvent): void {
  if (block.kind === 'locked' && key.key === 'A') offerArming(session, block.env, dialog.asked);
  else if (block.kind === 'expired' && key.key === 'r') void planAsked(session, dialog.asked, dialog.breakLock);
  else if (key.key === 'enter' || key.key === 'q') close(session);
}

function otherLine(session: Session, dialog: PlanDialog): void {
  if (dialog.reason !== null) change(session, dialog, { focus: dialog.focus === 'reason' ? 'word' : 'reason', wrong: null });
}

function reasonKey(session: Session, dialog: PlanDialog, key: KeyEvent): void {
  const reason = dialog.reason ?? emptyField;
  if (key.key === 'enter') {
    if (reason.text.trim() === '') close(session);
    // What is typed on from the reason is not yet a yes.
    else change(session, dialog, { focus: 'word', openedAt: session.now(), wrong: null });
    return;
  }
  const edited = editField(reason, key);
  if (edited !== reason) change(session, dialog, { reason: edited, wrong: null });
}

function oneKey(session: Session, dialog: PlanDialog, key: KeyEvent): void {
  if (key.key === dialog.plan.confirmation.word) confirmed(session, dialog, dialog.plan.confirmation.word);
  else if (key.key === 'enter' || key.key === 'q' || key.key === 'n') close(session);
}

function wordKey(session: Session, dialog: PlanDialog, key: KeyEvent): void {
  const { confirmation } = dialog.plan;
  if (key.key !== 'enter') {
    const field = editField(dialog.field, key);
    if (field !== dialog.field) change(session, dialog, { field, wrong: null });
    return;
  }
  const typed = dialog.field.text.trim();
  if (typed === '') close(session);
  else if (typed === confirmation.word) confirmed(session, dialog, typed);
  else {
    const what = confirmation.kind === 'word' ? confirmation.what : 'key';
    change(session, dialog, { wrong: `“${typed}” is not the ${what} asked for. Nothing was sent.` });
  }
}

function confirmed(session: Session, dialog: PlanDialog, word: string): void {
  const { asked, plan, breakLock } = dialog;
  const reason = dialog.reason?.text.trim() ?? '';
  if (dialog.reason !== null && reason === '') {
    change(session, dialog, { focus: 'reason', wrong: 'Say why first. Nothing was sent.' });
    return;
  }
  const extras = { ...(reason === '' ? {} : { reason }), ...(breakLock ? { breakLock } : {}) };
  if (isBulk(plan)) void startBulk(session, asked, plan, word, extras);
  else void executePlan(session, asked, plan, word, extras);
}

/** A key that goes on from a refusal; false when it is none. */
export function nextKey(session: Session, refusal: Refusal, asked: Asked, env: string | null, key: KeyEvent): boolean {
  const found = nextKeys(refusal, asked).find((next) => next.key === key.key);
  switch (found?.key) {
    case 'A':
      if (env !== null) offerArming(session, env, asked);
      return env !== null;
    case 'b':
      void planAsked(session, asked, true);
      return true;
    case 'r':
      void planAsked(session, asked);
      return true;
    case undefined:
      return false;
  }
}

import { editField } from './components/text-field.ts';
import { giveAnswer, putOff } from './recovery-flow.ts';
import type { Session } from './session.ts';
import type { RecoveryDialog } from './dialog-state.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

const answers = { o: 'ok', f: 'failed', u: 'unknown' } as const;

/** First what became of it, then how one knows. Escape puts it off. */
export function recoveryKey(session: Session, dialog: RecoveryDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  const question = session.ui.getState().questions.find((one) => one.item.plan.id === dialog.actionId);
  if (question === undefined) {
    session.update(closeDialog);
    return;
  }
  const change = (changed: Partial<RecoveryDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  if (dialog.answer === null) {
    if (key.pasted) return;
    if (key.key === 'o' || key.key === 'f' || key.key === 'u') change({ answer: answers[key.key] });
    else if (key.key === 'l' || key.key === 'escape' || key.key === 'enter') putOff(session, dialog);
    return;
  }
  if (key.key === 'escape') change({ answer: null });
  else if (key.key === 'enter' && !key.pasted) {
    const reason = dialog.field.text.trim();
    if (reason !== '') void giveAnswer(session, question, dialog.answer, reason);
  } else {
    const field = editField(dialog.field, key);
    if (field !== dialog.field) change({ field });
  }
}

import { emptyField } from './components/text-field.ts';
import { isOver, runOfScreen } from './playbook-flow.ts';
import { answerWith, askedOn } from './run-answers.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';

/** Why no lock can be broken for the run that is shown; `null` where one is in its way. */
export function whyNoBreak(session: Session): string | null {
  const run = runOfScreen(session.ui.getState());
  if (run !== null && isOver(run)) return run.view.lockedBy === null ? 'no lock is in its way' : null;
  const why = askedOn(session, ['failed'], 'no lock is in its way');
  if (why !== null) return why;
  const question = run?.asked?.question;
  return question?.kind === 'failed' && question.may.includes('break') ? null : 'no lock is in its way';
}

/** `b`: asks why the lock is broken; then the step is tried again, or the run that it kept out. */
export function offerBreak(session: Session): void {
  const run = runOfScreen(session.ui.getState());
  if (run === null) return;
  if (!isOver(run)) {
    answerWith(session, { failed: 'break' });
    return;
  }
  showDialog(session, {
    kind: 'run-words',
    runId: run.id,
    env: run.env,
    question: null,
    words: 'break-in',
    field: emptyField,
    wrong: null,
    openedAt: session.now(),
  });
}

import type { Answer } from '../src/playbook/run/question.ts';
import { editField } from './components/text-field.ts';
import { formKey } from './playbook-form-keys.ts';
import type { PlaybookDialog, RunChoiceDialog, RunWordsDialog, WordsFor } from './playbook-state.ts';
import { giveUp, offerGiveUp } from './playbook-give-up.ts';
import { breakIn, offerResume, putOffRun } from './playbook-start.ts';
import { give } from './run-answers.ts';
import type { Session } from './session.ts';
import { closeDialog } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

/** One key for a dialog of a playbook. Escape leaves without an answer. */
export function playbookDialogKey(session: Session, dialog: PlaybookDialog, key: KeyEvent): void {
  switch (dialog.kind) {
    case 'form':
      formKey(session, dialog, key);
      return;
    case 'run-words':
      wordsKey(session, dialog, key);
      return;
    case 'run-choice':
      choiceKey(session, dialog, key);
      return;
    case 'run-stop':
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      session.update(closeDialog);
      if (key.key === 'y') give(session, dialog.runId, dialog.question, { kind: 'stop' });
      return;
    case 'left-run': {
      if (key.pasted || typedAhead(dialog.openedAt, key)) return;
      const left = session.ui.getState().leftRuns.find((run) => run.kept.id === dialog.runId);
      if (left === undefined) session.update(closeDialog);
      else if (key.key === takeUpKey(session, left.kept.operator) && !left.kept.owned) offerResume(session, dialog);
      else if (key.key === 'g' && !left.kept.owned) offerGiveUp(session, dialog);
      else if (key.key === 'l' || key.key === 'escape' || key.key === 'enter') putOffRun(session, dialog.runId);
      return;
    }
    default:
      dialog satisfies never;
  }
}

/** Taking over what somebody else began is another key than going on with one's own. */
export function takeUpKey(session: Pick<Session, 'console'>, operator: string): 'r' | 't' {
  return operator === session.console.operator ? 'r' : 't';
}

function wordsKey(session: Session, dialog: RunWordsDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key)) return;
  const change = (changed: Partial<RunWordsDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  if (key.key === 'escape') session.update(closeDialog);
  else if (key.key === 'enter') sendWords(session, dialog, dialog.field.text.trim(), (wrong) => change({ wrong }));
  // A word that is asked for is typed, so that it is meant.
  else if (!(key.pasted && dialog.words === 'go')) {
    const field = editField(dialog.field, key);
    if (field !== dialog.field) change({ field, wrong: null });
  }
}

function sendWords(session: Session, dialog: RunWordsDialog, text: string, say: (wrong: string) => void): void {
  const { question, words, runId } = dialog;
  const run = session.console.playbooks.desk?.find(runId) ?? null;
  const wanted = question?.kind === 'go' ? question.word : null;
  if (words === 'go' && text !== wanted) {
    say(`That is not ${wanted ?? 'the word'}. Nothing was sent.`);
    return;
  }
  if (text === '') {
    say('It needs a few words.');
    return;
  }
  session.update(closeDialog);
  if (words === 'note') run?.note(text);
  else if (words === 'abort') run?.abort(text);
  else if (words === 'give-up') giveUp(session, runId, text);
  else if (words === 'break-in') breakIn(session, runId, text);
  else if (question !== null) give(session, runId, question, answerWith(words, text));
}

function answerWith(words: Exclude<WordsFor, 'note' | 'abort' | 'give-up' | 'break-in'>, text: string): Answer {
  switch (words) {
    case 'go':
      return { kind: 'go' };
    case 'skip':
    case 'break':
    case 'could-not':
    case 'reject':
      return { kind: words, reason: text };
    case 'approve':
      return { kind: 'approve', who: text };
    case 'happened-ok':
      return { kind: 'happened', outcome: 'ok', reason: text };
    case 'happened-failed':
      return { kind: 'happened', outcome: 'failed', reason: text };
    case 'happened-unknown':
      return { kind: 'happened', outcome: 'unknown', reason: text };
    default:
      return words satisfies never;
  }
}

function choiceKey(session: Session, dialog: RunChoiceDialog, key: KeyEvent): void {
  if (key.pasted || typedAhead(dialog.openedAt, key)) return;
  const { options } = dialog.question;
  const choose = (at: number): void => {
    const option = options[at];
    if (option === undefined) return;
    session.update(closeDialog);
    give(session, dialog.runId, dialog.question, { kind: 'option', name: option.name });
  };
  const to = (cursor: number): void =>
    session.update((ui) => ({ ...ui, dialog: { ...dialog, cursor: Math.max(0, Math.min(options.length - 1, cursor)) } }));
  if (key.key === 'enter') choose(dialog.cursor);
  else if (/^[1-9]$/.test(key.key)) choose(Number(key.key) - 1);
  else if (key.key === 'down' || key.key === 'j') to(dialog.cursor + 1);
  else if (key.key === 'up' || key.key === 'k') to(dialog.cursor - 1);
  else if (key.key === 'escape' || key.key === 'q') session.update(closeDialog);
}

import type { Answer, Question } from '../src/playbook/run/question.ts';
import { offerArming } from './arming-flow.ts';
import { emptyField } from './components/text-field.ts';
import { openAskForm } from './playbook-form.ts';
import { isOver, questionIsRead, runOfScreen, runsUnderWay, showPlaybookRun } from './playbook-flow.ts';
import type { PlaybookRunState, WordsFor } from './playbook-state.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import { replaceScreen, screenOf } from './state.ts';
import { typeAheadMs } from './typed-ahead.ts';

type Kind = Question['kind'];

/** The question on the screen, for a binding that answers some kinds; the reason why not as a text. */
export function askedOn(session: Session, kinds: readonly Kind[], words: string): string | null {
  const run = runOfScreen(session.ui.getState());
  if (run === null) return 'no run is shown';
  if (isOver(run)) return 'the run is over';
  if (run.asked === null) return 'the run asks nothing now';
  return kinds.includes(run.asked.question.kind) ? null : words;
}

/** The question, once it could be read and is what the screen shows; a key that comes sooner does nothing. */
function readQuestion(session: Session): { readonly run: PlaybookRunState; readonly question: Question } | null {
  const ui = session.ui.getState();
  const run = runOfScreen(ui);
  const screen = screenOf(ui);
  if (run === null || run.asked === null || screen.kind !== 'playbook-run') return null;
  const { question } = run.asked;
  if (!questionIsRead(session, typeAheadMs)) return null;
  if (screen.cursor !== null && screen.cursor !== question.address) {
    session.update((state) => replaceScreen(state, { ...screen, cursor: null, scroll: 0 }));
    session.note('The question is shown again: press the key once more.');
    return null;
  }
  return { run, question };
}

/** Hands an answer to the run. What leads to a change needs writes armed first. */
export function give(session: Session, runId: string, question: Question, answer: Answer): void {
  const { desk } = session.console.playbooks;
  const run = desk?.find(runId) ?? null;
  if (run === null) return;
  const env = envOf(session, question, run.env);
  if (answer.kind === 'go' && session.console.executor.armed(env).state === 'locked') {
    offerArming(session, env, null);
    return;
  }
  if (!run.answer(question, answer)) session.note('The run asks something else by now: nothing was answered.', 'warn');
}

/** The environment that a question's change is in. */
function envOf(session: Session, question: Question, fallback: string): string {
  const host = question.kind === 'go' ? question.host : null;
  return session.fleet().hosts.find((view) => view.host.name === host)?.host.env ?? fallback;
}

function askWords(session: Session, run: PlaybookRunState, question: Question | null, words: WordsFor): void {
  showDialog(session, {
    kind: 'run-words',
    runId: run.id,
    env: run.env,
    question,
    words,
    field: emptyField,
    wrong: null,
    openedAt: session.now(),
  });
}

/** `y`: what the question calls yes. */
export function answerYes(session: Session): void {
  const read = readQuestion(session);
  if (read === null) return;
  const { run, question } = read;
  switch (question.kind) {
    case 'go':
      if (question.word === null) give(session, run.id, question, { kind: 'go' });
      else askWords(session, run, question, 'go');
      return;
    case 'batch':
    case 'undo':
      give(session, run.id, question, { kind: 'go' });
      return;
    case 'manual':
      give(session, run.id, question, { kind: 'done' });
      return;
    case 'approve':
      if (question.hash === undefined) askWords(session, run, question, 'approve');
      else session.note(`Somebody else signs, at their console: quarterdeck approve ${question.hash}`, 'warn');
      return;
    default:
      session.note('This question has no yes: its keys stand below it.');
  }
}

/** An answer that goes with words: skipped why, how one knows. */
export function answerWith(session: Session, wordsOf: Partial<Readonly<Record<Kind, WordsFor>>>): void {
  const read = readQuestion(session);
  const words = read === null ? undefined : wordsOf[read.question.kind];
  if (read !== null && words !== undefined) askWords(session, read.run, read.question, words);
}

/** `r`: the failed step once more, where the file lets one; of an end that nobody saw, its host is asked once more. */
export function answerRetry(session: Session): void {
  const read = readQuestion(session);
  if (read === null) return;
  const { run, question } = read;
  if (question.kind === 'unknown') give(session, run.id, question, { kind: 'again' });
  else if (question.kind === 'failed' && question.may.includes('retry')) give(session, run.id, question, { kind: 'retry' });
  else session.note('This step may not be run again as it is.', 'warn');
}

/** `u`: ends the run and takes back what it did, each step asked; of an end that nobody saw: unknown for good. */
export function answerUndo(session: Session): void {
  const read = readQuestion(session);
  if (read === null) return;
  const { run, question } = read;
  if (question.kind === 'unknown') askWords(session, run, question, 'happened-unknown');
  else if (question.kind === 'failed' && !question.may.includes('undo')) session.note('There is nothing to take back here.', 'warn');
  else give(session, run.id, question, { kind: 'undo' });
}

/** `x`: ends the run here; asked, because what it owes stays open. */
export function offerStop(session: Session): void {
  const read = readQuestion(session);
  if (read === null) return;
  showDialog(session, {
    kind: 'run-stop',
    runId: read.run.id,
    env: read.run.env,
    question: read.question,
    openedAt: session.now(),
  });
}

/** A digit: that option. */
export function answerOption(session: Session, digit: string): void {
  const read = readQuestion(session);
  if (read === null || read.question.kind !== 'choose') return;
  const option = read.question.options[Number(digit) - 1];
  if (option === undefined) session.note(`There is no option ${digit}.`);
  else give(session, read.run.id, read.question, { kind: 'option', name: option.name });
}

/** Enter: opens what has to be filled in or chosen; by itself it sends nothing. */
export function openQuestion(session: Session): void {
  const read = readQuestion(session);
  if (read === null) return;
  const { run, question } = read;
  if (question.kind === 'ask') openAskForm(session, run, question);
  else if (question.kind === 'choose')
    showDialog(session, { kind: 'run-choice', runId: run.id, env: run.env, question, cursor: 0, openedAt: session.now() });
}

/** `p` and `c`. */
export function steer(session: Session, how: 'pause' | 'continue'): void {
  const id = runOfScreen(session.ui.getState())?.id ?? null;
  const run = id === null ? null : (session.console.playbooks.desk?.find(id) ?? null);
  if (run === null) return;
  if (how === 'continue') run.resume();
  else run.pause();
}

export function offerNote(session: Session): void {
  const run = runOfScreen(session.ui.getState());
  if (run !== null) askWords(session, run, null, 'note');
}

/** `a`: calls the run off, with a reason. */
export function offerAbort(session: Session): void {
  const run = runOfScreen(session.ui.getState());
  if (run !== null) askWords(session, run, null, 'abort');
}

/** Before the console is left: the newest run under way is called off first, on its own screen. */
export function offerAbortAll(session: Session): void {
  const run = runsUnderWay(session.ui.getState()).at(-1);
  if (run === undefined) return;
  showPlaybookRun(session, run.id);
  offerAbort(session);
}

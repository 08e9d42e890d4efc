import type { Interrupted, Resolution } from '../src/actions/recovery.ts';
import type { Health } from '../src/fleet/health.ts';
import type { ScreenExecutor } from './console.ts';
import { emptyField } from './components/text-field.ts';
import { plural } from './format.ts';
import type { Session } from './session.ts';
import { sentence, showDialog } from './show-dialog.ts';
import type { OpenQuestion, RecoveryDialog } from './dialog-state.ts';
import { closeDialog, setNote } from './state.ts';

/** A host that could not be asked is asked again no sooner than this, ms. */
const againMs = 30_000;

interface Waiting {
  readonly item: Interrupted;
  /** Epoch ms of the last try; `null` before the first, `busy` while one runs. */
  tried: number | 'busy' | null;
}

/**
 * Takes up what earlier consoles left between intent and outcome, each as soon as its host is reached, in the background: results are
 * notes, and what nothing shows becomes a question. Returns how to stop.
 */
export function watchRecovery(session: Session): () => void {
  let known: ScreenExecutor | null = null;
  let waiting: Waiting[] = [];
  // Kept once seen: a run that was taken up is left open no more, and asks all the same.
  const ofRuns = new Set<string>();
  const look = (): void => {
    const { executor } = session.console;
    // The executor is put in place once the fleet is open.
    if (executor !== known) {
      known = executor;
      waiting = executor.recovery.pending().map((item) => ({ item, tried: null }));
      sayLeftOver(session, waiting.length);
    }
    for (const { kept } of session.ui.getState().leftRuns) for (const id of kept.memory.changesUnderWay()) ofRuns.add(id);
    for (const one of waiting) {
      const view = session.fleet().byId.get(one.item.plan.request.hostId);
      if (view?.reach.reach !== 'ok' || one.tried === 'busy') continue;
      if (one.tried !== null && session.now() - one.tried < againMs) continue;
      one.tried = 'busy';
      void takeUp(session, executor, one, ofRuns).then((over) => {
        one.tried = session.now();
        if (over) waiting = waiting.filter((other) => other !== one);
      });
    }
  };
  look();
  return session.console.store.subscribe(look);
}

function sayLeftOver(session: Session, open: number): void {
  const unfinished = session.console.executor.bulk.unfinished().length;
  const words = [
    ...(open === 0 ? [] : [`${plural(open, 'change')} of an earlier console ${open === 1 ? 'has' : 'have'} no outcome: asking the hosts`]),
    ...(unfinished === 0 ? [] : [`${plural(unfinished, 'run')} not finished: type :resume to go on`]),
  ];
  if (words.length > 0) session.note(words.join('. '), 'warn');
}

/** True when it is settled or a person has been asked. */
async function takeUp(session: Session, executor: ScreenExecutor, { item }: Waiting, ofRuns: ReadonlySet<string>): Promise<boolean> {
  try {
    const resolution = await executor.recovery.resolve(item, () => {});
    if (resolution.kind === 'away') return false;
    if (resolution.kind === 'closed') sayClosed(session, item, resolution);
    else if (ofRuns.has(item.plan.id) || isAskedByItsRun(session, item.plan.id))
      session.note(`${item.plan.title}: its run asks what became of it (:runs)`, 'warn');
    else {
      const question: OpenQuestion = { item, summary: resolution.summary, evidence: resolution.evidence, later: false };
      session.update((ui) => ({ ...ui, questions: [...ui.questions, question] }));
    }
    return true;
  } catch (error) {
    session.note(`${item.plan.title} could not be taken up: ${sentence(error)}`, 'crit');
    return false;
  }
}

/** Asks the hosts now what became of the changes of a run that was just given up; what nothing shows becomes a question. */
export async function takeUpOf(session: Session, runId: string): Promise<void> {
  const { executor } = session.console;
  for (const item of executor.recovery.pending().filter(({ run }) => run === runId))
    await takeUp(session, executor, { item, tried: null }, new Set());
}

/** A change of a run that was left open: whoever takes the run up is asked there, and nobody is asked twice. */
function isAskedByItsRun({ console }: Session, actionId: string): boolean {
  const runs = console.playbooks.desk?.unfinished() ?? [];
  return runs.some(({ memory }) => memory.changesUnderWay().includes(actionId));
}

const healths: Readonly<Record<'ok' | 'failed' | 'unknown', Health>> = { ok: 'ok', failed: 'crit', unknown: 'unknown' };

function sayClosed(session: Session, item: Interrupted, { outcome, summary }: Extract<Resolution, { kind: 'closed' }>): void {
  session.note(`${item.plan.title}: ${outcome}: ${summary}`, healths[outcome]);
}

/** Asks the oldest question that was not put off, unless something else has the keyboard. */
export function raiseQuestion(session: Session): void {
  const { dialog, input, questions } = session.ui.getState();
  const next = questions.find((question) => !question.later);
  if (next !== undefined && dialog === null && input === null) askQuestion(session, next);
}

export function askQuestion(session: Session, question: OpenQuestion): void {
  const actionId = question.item.plan.id;
  showDialog(session, { kind: 'recovery', actionId, answer: null, field: emptyField, openedAt: session.now() });
}

/** Puts it off until the command line asks for it or the console starts anew. */
export function putOff(session: Session, dialog: RecoveryDialog): void {
  session.update((ui) => ({
    ...closeDialog(ui),
    questions: ui.questions.map((one) => (one.item.plan.id === dialog.actionId ? { ...one, later: true } : one)),
  }));
  session.note('It stays open; the command line (:) answers it.', 'warn');
}

/** Writes the person's word into the journal. */
export async function giveAnswer(
  session: Session,
  question: OpenQuestion,
  outcome: 'ok' | 'failed' | 'unknown',
  reason: string,
): Promise<void> {
  session.update(closeDialog);
  try {
    const resolution = await session.console.executor.recovery.answer(question.item, outcome, reason);
    session.update((ui) => ({ ...ui, questions: ui.questions.filter((one) => one !== question) }));
    if (resolution.kind === 'closed') sayClosed(session, question.item, resolution);
  } catch (error) {
    session.update((ui) => setNote(ui, `The answer was not recorded: ${sentence(error)}`, session.now(), 'crit'));
  }
}

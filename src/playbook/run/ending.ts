import { Aborted, Left, Stop, UndoAsked, type UndoWord } from './control.ts';
import type { RunResult } from './events.ts';
import { type Frame, scopeOf } from './frame.ts';
import { fill } from '../template.ts';
import { parseDuration } from '../../config/schema/values.ts';
import { closeInterrupted } from './left-open.ts';
import type { Run } from './run.ts';
import { takeBack } from './undoing.ts';

/** Of a run whose playbook names none. */
const usualLimit = '4h';

/** What a run ends as. */
export interface End {
  readonly result: RunResult;
  readonly message: string;
}

/** How a walk ended, and who wants what it did taken back. */
export interface WalkEnd extends End {
  readonly undo: UndoWord | 'no';
}

/**
 * Walks, takes back what is to be taken back, does the last steps, whatever happened. A console that takes the run up goes on in the part
 * that the one before was in.
 */
export async function toItsEnd(run: Run, frame: Frame, begin: () => Promise<void>): Promise<End> {
  const { memory } = run;
  let end = memory.ending;
  if (end !== null) await begin().catch(unlessLeft);
  else {
    const walked = await walkEnd(run, frame, begin);
    await closeInterrupted(run);
    end = await takeBack(run, walked);
    if (run.parts.playbook.finally.length > 0) run.event({ event: 'ending', result: end.result, message: run.mask(end.message) });
  }
  const last = await lastSteps(run, frame, end);
  await closeInterrupted(run);
  return honest(run, last);
}

/** The last steps are done even without the run's locks, but not against a console that holds them. */
function unlessLeft(error: unknown): void {
  if (error instanceof Left) throw error;
}

async function walkEnd(run: Run, frame: Frame, begin: () => Promise<void>): Promise<WalkEnd> {
  const { undoing } = run.memory;
  const { timeout } = run.parts.playbook.limits;
  const limit = timeout === null ? usualLimit : fill(timeout, scopeOf(frame)).text;
  let watched = (): void => {};
  try {
    await begin();
    if (undoing !== null) return { result: undoing.result, message: undoing.why, undo: undoing.by };
    watched = run.within(limit, 'the run', await countedFrom(run, limit));
    await run.walk(frame, run.parts.playbook.steps);
    return { result: 'ok', message: 'every step is done', undo: 'no' };
  } catch (error) {
    return endOf(error);
  } finally {
    watched();
  }
}

/** From when a run's limit counts: its start; where that is over when the run is taken up, from a person's word to go on with it. */
async function countedFrom(run: Run, limit: string): Promise<number> {
  const { memory, parts } = run;
  const now = parts.hands.now();
  const ms = parseDuration(limit);
  if (memory.open === null || memory.aborted !== null || ms === null) return now;
  if (now - memory.startedAt < ms) return memory.startedAt;
  const text = `The run may take ${limit}, and that is over since it began. Go on with it?`;
  const options = [
    { name: 'go', label: `Yes, ${limit} more` },
    { name: 'end', label: 'No, end it' },
  ];
  const address = parts.playbook.steps[0]?.address ?? '';
  const answer = parts.person.attended
    ? await run.ask(`limit@${now}`, { kind: 'choose', address, text, options }, { remember: true })
    : null;
  // Walked as far as it had come all the same: what was under way is asked for, and a playbook that it plays does its last steps.
  if (answer?.kind !== 'option' || answer.name !== 'go') run.event({ event: 'abort', reason: `the run took longer than ${limit}` });
  return now;
}

/**
 * A failure, a call to end and a fault of the page offer what was done to be taken back. An escalation does not: whoever takes over finds
 * the state that the message speaks of. Nor does a person's own choice to leave it (see docs/decisions).
 * @throws Left, which ends no run.
 */
function endOf(error: unknown): WalkEnd {
  if (error instanceof Left) throw error;
  const message = error instanceof Error ? error.message : 'it failed without saying why';
  if (error instanceof Stop) return { result: error.result, message, undo: error.result === 'failed' && !error.chosen ? 'person' : 'no' };
  if (error instanceof UndoAsked) return { result: 'aborted', message, undo: error.by };
  return { result: error instanceof Aborted ? 'aborted' : 'failed', message, undo: 'person' };
}

/** What must be done whatever happened. A run is not well when they were not, and keeps any other end. */
async function lastSteps(run: Run, frame: Frame, end: End): Promise<End> {
  const fault = await run.lastly(frame, run.parts.playbook.finally);
  if (fault === null) return end;
  const message = `the last steps: ${fault}`;
  return end.result === 'ok' ? { result: 'failed', message } : { ...end, message: `${end.message}; ${message}` };
}

/** `ok` needs zero open debts, but for those that the file says why to leave. */
function honest(run: Run, end: End): End {
  const owed = run.memory.debts().filter((debt) => debt.leave === null);
  if (end.result !== 'ok' || owed.length === 0) return end;
  return { result: 'failed', message: `left open: ${owed.map((debt) => debt.what).join('; ')}` };
}

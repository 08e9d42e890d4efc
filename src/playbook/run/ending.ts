import { Aborted, Left, Stop, UndoAsked, type UndoWord } from './control.ts';
import type { RunResult } from './events.ts';
import type { Frame } from './frame.ts';
import { closeInterrupted } from './left-open.ts';
import { withinItsLimit } from './limits.ts';
import type { Run } from './run.ts';
import { takeBack } from './undoing.ts';

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
  let watched = (): void => {};
  try {
    await begin();
    if (undoing !== null) return { result: undoing.result, message: undoing.why, undo: undoing.by };
    watched = await withinItsLimit(run, frame);
    await run.walk(frame, run.parts.playbook.steps);
    return { result: 'ok', message: 'every step is done', undo: 'no' };
  } catch (error) {
    return endOf(error);
  } finally {
    watched();
  }
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

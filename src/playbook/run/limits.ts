import { parseDuration } from '../../config/schema/values.ts';
import { fill } from '../template.ts';
import { type Frame, scopeOf } from './frame.ts';
import { durationMs } from './leaf.ts';
import type { Run } from './run.ts';

/** Of a run whose playbook names none. */
const usualLimit = '4h';
/** A timer set for longer fires at once (Node, `setTimeout`). */
const longestTimerMs = 2 ** 31 - 1;

/** The run's own limit; see `within`. It counts from the run's start, whichever console it has been on. */
export async function withinItsLimit(run: Run, frame: Frame): Promise<() => void> {
  const { timeout } = run.parts.playbook.limits;
  const limit = timeout === null ? usualLimit : fill(timeout, scopeOf(frame)).text;
  return within(run, limit, 'the run', await countedFrom(run, limit));
}

/**
 * Calls a run off when it takes longer than this since `since`, epoch ms; returns the end of the watch.
 * @throws Stop when it is no duration.
 */
export function within(run: Run, timeout: string | null, what: string, since = run.parts.hands.now()): () => void {
  if (timeout === null || (run.level === 'check' && parseDuration(timeout) === null)) return () => {};
  const left = Math.max(0, since + durationMs(timeout) - run.parts.hands.now());
  const limit = setTimeout(() => run.abort(`${what} took longer than ${timeout}`), Math.min(left, longestTimerMs));
  limit.unref();
  return () => clearTimeout(limit);
}

/** From when a run's limit counts: its start; where that is over when the run is taken up, from a person's word to go on with it. */
async function countedFrom(run: Run, limit: string): Promise<number> {
  const { memory, parts } = run;
  const now = parts.hands.now();
  const ms = parseDuration(limit);
  if (memory.handovers === 0 || memory.aborted !== null || ms === null) return now;
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

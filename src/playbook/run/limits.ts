import { longestTimerMs } from '../../fleet/duration.ts';
import { parseDuration } from '../../config/schema/values.ts';
import { fill } from '../template.ts';
import { type Frame, scopeOf } from './frame.ts';
import { durationMs } from './leaf.ts';
import type { Run } from './run.ts';

/** Of a run whose playbook names none. */
const usualLimit = '4h';

/** The run's own limit; see `within`. It counts from the run's start, whichever console it has been on. */
export async function withinItsLimit(run: Run, frame: Frame): Promise<() => void> {
  const { timeout } = run.parts.playbook.limits;
  const limit = timeout === null ? usualLimit : fill(timeout, scopeOf(frame)).text;
  const { handovers, startedAt } = run.memory;
  const address = run.parts.playbook.steps[0]?.address ?? '';
  return within(run, limit, 'the run', await countedFrom(run, limit, handovers === 0 ? null : startedAt, 'the run', address));
}

/** The limit of a playbook that the step of this key plays: from when the run came to it first. None of its own: that of the run holds. */
export async function withinLimitOf(run: Run, inside: Frame, key: string): Promise<() => void> {
  const { id, limits } = inside.playbook;
  const since = run.memory.playedSince(key);
  if (since === null && run.level !== 'check' && !run.isCalledOff()) run.event({ event: 'play', key, playbook: id });
  const limit = limits.timeout === null ? null : fill(limits.timeout, scopeOf(inside)).text;
  return within(run, limit, id, limit === null ? undefined : await countedFrom(run, limit, since, id, key));
}

/**
 * Calls a run off when it takes longer than this since `since`, epoch ms; returns the end of the watch.
 * @throws Stop when it is no duration.
 */
function within(run: Run, timeout: string | null, what: string, since = run.parts.hands.now()): () => void {
  if (timeout === null || (run.level === 'check' && parseDuration(timeout) === null)) return () => {};
  const whole = durationMs(timeout);
  // A clock set back meanwhile gives nobody more time than the page does.
  const left = Math.min(whole, Math.max(0, since + whole - run.parts.hands.now()));
  const limit = setTimeout(() => run.abort(`${what} took longer than ${timeout}`), Math.min(left, longestTimerMs));
  limit.unref();
  return () => clearTimeout(limit);
}

/**
 * From when a limit counts: from `begun`, epoch ms, where an earlier console had begun; where that is over when the run is taken up, from a
 * person's word to go on with it.
 */
async function countedFrom(run: Run, limit: string, begun: number | null, what: string, address: string): Promise<number> {
  const { memory, parts } = run;
  const now = parts.hands.now();
  const ms = parseDuration(limit);
  if (begun === null || memory.aborted !== null || ms === null) return now;
  if (now - begun < ms) return begun;
  const text = `${what === 'the run' ? 'The run' : what} may take ${limit}, and that is over since it began. Go on with it?`;
  const options = [
    { name: 'go', label: `Yes, ${limit} more` },
    { name: 'end', label: 'No, end it' },
  ];
  const answer = parts.person.attended
    ? await run.ask(`limit@${now}`, { kind: 'choose', address, text, options }, { remember: true })
    : null;
  // Walked as far as it had come all the same: what was under way is asked for, and a playbook that it plays does its last steps.
  if (answer?.kind !== 'option' || answer.name !== 'go') run.event({ event: 'abort', reason: `${what} took longer than ${limit}` });
  return now;
}

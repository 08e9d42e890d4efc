import { unknown } from '../expression.ts';
import { Aborted, Left, Stop, UndoAsked } from './control.ts';
import type { Frame } from './frame.ts';
import type { Run } from './run.ts';

/** Something that a dry run saw would not go as the page hopes. */
export interface Concern {
  /** The step. */
  readonly key: string;
  readonly what: string;
  /** False: only on a way that the run may not take. */
  readonly sure: boolean;
}

/**
 * Walks, in a dry run, what a real one may or may not walk. An end inside it ends nothing outside, and what it leaves behind is not known.
 * Gives the Stop that ends this way, `null` when it goes on.
 */
export async function mayBe(run: Run, frame: Frame, key: string, walk: (inside: Frame) => Promise<void>): Promise<Stop | null> {
  const before = new Map(frame.names);
  try {
    await walk({ ...frame, unsure: true });
    return null;
  } catch (error) {
    if (error instanceof Stop) return error;
    if (error instanceof Left || error instanceof Aborted) throw error;
    // Taken back on this way: the page itself says so, or cannot be read with what is known.
    const what = error instanceof Error ? error.message : 'it cannot be walked';
    if (!(error instanceof UndoAsked)) run.parts.concern?.({ key, what: run.mask(what), sure: false });
    return new Stop('failed', what);
  } finally {
    for (const [name, value] of frame.names) if (before.get(name) !== value || !before.has(name)) frame.names.set(name, unknown);
  }
}

/**
 * What every way of a fork comes to: when each of them ends the run, so does the fork, and nothing behind it is walked.
 * @throws Stop
 */
export function stopsEveryWay(ends: readonly (Stop | null)[]): void {
  const [first, ...others] = ends;
  if (first === undefined || first === null || others.some((end) => end === null)) return;
  const same = others.every((end) => end?.result === first.result);
  throw new Stop(same ? first.result : 'ok', same && others.length === 0 ? first.message : 'every way ends here');
}

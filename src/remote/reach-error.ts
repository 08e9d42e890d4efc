import type { Reach } from '../fleet/reach.ts';

export type FailedReach = Exclude<Reach, 'ok' | 'connecting' | 'unknown'>;

/** A host could not be reached. `message` is one plain, sanitized sentence; `remedy` says what to do, `null` when there is nothing to do but wait. */
export class ReachError extends Error {
  readonly reach: FailedReach;
  readonly remedy: string | null;

  constructor(reach: FailedReach, message: string, remedy: string | null = null) {
    super(message);
    this.name = 'ReachError';
    this.reach = reach;
    this.remedy = remedy;
  }
}

import { ZodError } from 'zod';
import type { CallTime } from '../provider-calls.ts';
import { tryAgain } from '../try-again.ts';
import { seenByAttempt } from './clients.ts';
import { type Asked, gceFailure } from './gce-error.ts';

/** One attempt that hangs must leave time for another. */
const longestAttemptMs = 15_000;

/** Settings of one call: no retries of the SDK's own (they last ten minutes and know neither 403 nor 429), and a time-out that holds. */
export interface OneAttempt {
  readonly retry: null;
  readonly timeout: number;
  readonly autoPaginate: false;
}

/** Asks the API, again and again while the time allows and it may help. Rejects with a CloudCallError. */
export function ask<T>(
  asked: Asked,
  time: CallTime,
  attempt: (options: OneAttempt) => Promise<T>,
  longestMs = longestAttemptMs,
): Promise<T> {
  return tryAgain(time, async () => {
    const seen = { retryAfter: null };
    const timeout = Math.max(1, Math.min(longestMs, time.endsAt - Date.now()));
    try {
      return await seenByAttempt.run(seen, () => attempt({ retry: null, timeout, autoPaginate: false }));
    } catch (error) {
      // An answer of another shape is no failure of the API: it is told where it ends the call.
      throw error instanceof ZodError ? error : gceFailure(error, asked, seen.retryAfter);
    }
  });
}

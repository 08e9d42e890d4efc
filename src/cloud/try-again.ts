import { setTimeout as sleep } from 'node:timers/promises';
import { type CallTime, CloudCallError } from './provider-calls.ts';

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** What a second attempt needs at the least, ms; with less left the first failure is told instead. */
const worthwhileMs = 250;

/**
 * Tries `attempt` until it succeeds, fails for good, or the call's time does not allow another. Waits grow and are drawn at random
 * (full jitter), never shorter than the server's Retry-After. Rejects with the last failure.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function tryAgain<T>(time: CallTime, attempt: () => Promise<T>, random: () => number = Math.random): Promise<T> {
  for (let turn = 0; ; turn += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CloudCallError) || !error.passing || time.signal.aborted) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, random() * Math.min(longestWaitMs, firstWaitMs * 2 ** turn));
      if (Date.now() + waitMs + worthwhileMs > time.endsAt) throw error;
      // When the call ends meanwhile, its last failure says more than that it was ended.
      await sleep(waitMs, undefined, { signal: time.signal }).catch(() => {
        throw error;
      });
    }
  }
}

/** What a Retry-After header asks for, ms: seconds or a date (RFC 9110 §10.2.3); `null` when it says nothing. */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null;
  if (/^\s*\d{1,6}\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

import { setTimeout as pause } from 'node:timers/promises';

/** Asks every 20 ms until the answer is true; false when `deadlineMs` passed first. */
export async function pollUntil(ask: () => boolean | Promise<boolean>, deadlineMs: number, everyMs = 20): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await ask())) {
    if (performance.now() > end) return false;
    await pause(everyMs);
  }
  return true;
}

import type { Reach } from '../fleet/reach.ts';

/** A host's own place in the poll period, 0 ≤ phase < everyMs, from its id (FNV-1a), so that hosts never fire together. */
export function phaseOf(hostId: string, everyMs: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < hostId.length; index += 1) {
    hash ^= hostId.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % everyMs;
}

/** Ms from `nowMs` to the next moment of the host's phase; never less than half a period, so a late round is not followed at once by another. */
export function untilNextRound(nowMs: number, phaseMs: number, everyMs: number): number {
  const sincePhase = (((nowMs - phaseMs) % everyMs) + everyMs) % everyMs;
  const wait = everyMs - sincePhase;
  return wait < everyMs / 2 ? wait + everyMs : wait;
}

const longestRetryMs = 30_000;

/**
 * Ms until a host that failed is tried again. Grows with the failures in a row up to 30 s; a failed login, key or shell is not
 * tried in a loop, because OpenSSH ≥ 9.8 penalises the whole source address (sshd_config PerSourcePenalties).
 * `random` is in [0, 1).
 */
export function retryDelay(reach: Reach, failures: number, everyMs: number, random: number): number {
  // Each of these is also a question or a decision of the person's: the refresh key tries at once.
  if (reach === 'auth' || reach === 'host-key') return 300_000;
  if (reach === 'no-shell') return 60_000;
  const grown = Math.min(longestRetryMs, everyMs * 1.5 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.round(grown * (0.8 + 0.4 * random));
}

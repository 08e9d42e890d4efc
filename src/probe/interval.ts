import type { Measured } from './measured.ts';

/** Shorter ones turn the 10 ms grain of /proc/uptime into noise. */
const shortestS = 0.2;
/** A mean over more than this says nothing about now. */
const longestS = 600;

/** Whether the host was booted between two measurements, as far as can be told. */
export function rebooted(previous: Measured, now: Measured): boolean {
  if (previous.bootId !== null && now.bootId !== null && previous.bootId !== now.bootId) return true;
  return previous.uptimeS !== null && now.uptimeS !== null && now.uptimeS < previous.uptimeS;
}

/**
 * Seconds between two measurements by the host's own uptime, so that an answer that came late makes no spike; by this console's
 * monotonic clock when the host has none. `null` when no rate can be made: first round, reboot, too short or too long.
 */
export function intervalS(previous: Measured | null, now: Measured): number | null {
  if (previous === null || rebooted(previous, now)) return null;
  const seconds =
    previous.uptimeS !== null && now.uptimeS !== null
      ? now.uptimeS - previous.uptimeS
      : (now.receivedAt.monoMs - previous.receivedAt.monoMs) / 1000;
  return seconds >= shortestS && seconds <= longestS ? seconds : null;
}

/** How far a counter went; `null` when one end is not known or it was reset. */
export function increase(before: number | null | undefined, after: number | null | undefined): number | null {
  return before == null || after == null || after < before ? null : after - before;
}

/** Increase a second. */
export function rate(before: number | null | undefined, after: number | null | undefined, seconds: number | null): number | null {
  const by = increase(before, after);
  return by === null || seconds === null ? null : by / seconds;
}

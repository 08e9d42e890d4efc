import type { ServiceSample } from '../fleet/sample.ts';
import type { RestartMemory } from './judge-input.ts';

/** A service started anew this often within the window is in a loop. */
export const loopRestarts = 3;
export const loopWindowMs = 10 * 60_000;

/**
 * Takes one sample's counters into the memory of a service. The manager's counter is believed where there is one;
 * a counter that went back was reset by a start by hand, which itself is no loop. Without a counter a new instance is one restart.
 */
export function countRestarts(before: RestartMemory | undefined, service: ServiceSample, at: number): RestartMemory {
  const kept = (before?.seenAt ?? []).filter((seen) => at - seen < loopWindowMs);
  const added = before === undefined ? 0 : restartsBetween(before, service);
  return {
    count: service.restarts ?? before?.count ?? null,
    instance: service.instance ?? before?.instance ?? null,
    // More than the loop's number says nothing more, and a counter that jumped must not fill the memory.
    seenAt: [...kept, ...Array.from({ length: Math.min(added, 100) }, () => at)].slice(-100),
  };
}

function restartsBetween(before: RestartMemory, service: ServiceSample): number {
  if (service.restarts !== null) {
    if (before.count === null) return 0;
    return service.restarts >= before.count ? service.restarts - before.count : service.restarts;
  }
  return service.instance !== null && before.instance !== null && service.instance !== before.instance ? 1 : 0;
}

/** Restarts within the window before `at`. */
export function recentRestarts(memory: RestartMemory | undefined, at: number): number {
  return (memory?.seenAt ?? []).filter((seen) => at - seen < loopWindowMs).length;
}

import type { DemoFleet } from '../demo-fleet.ts';

/** A listing is over when its cloud has been quiet for this long, ms: its calls follow one another at once. */
const quietMs = 2500;
const lookMs = 250;

/**
 * Breaks the clouds once both have listed their machines, so that a console that has just begun knows its hosts and can lose sight
 * of them. The returned function mends, also when it had not come to that yet.
 */
export function onceListed(fleet: DemoFleet, breakIt: () => void, mend: () => void): () => void {
  let broken = false;
  let callOff = (): void => {};
  const look = (): void => {
    const { gce, azure } = fleet.cloudLevers.answeredAt;
    if (gce !== null && azure !== null && fleet.clock.now() - Math.max(gce, azure) >= quietMs) {
      broken = true;
      breakIt();
    } else callOff = fleet.clock.after(lookMs, look);
  };
  look();
  return () => {
    callOff();
    if (broken) mend();
  };
}

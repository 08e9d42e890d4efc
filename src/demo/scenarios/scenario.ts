import type { DemoFleet } from '../demo-fleet.ts';

/** A way to break the demo fleet on purpose. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What it does, in one or two sentences. */
  readonly what: string;
  /** Breaks the fleet; the returned function mends what this scenario still holds broken. */
  apply(fleet: DemoFleet): () => void;
}

import { progressOf } from './catalogue.ts';
import type { DriverContext } from './driver.ts';
import type { Plan } from './plan.ts';

/** How often a long change is asked how far it is, ms. */
const everyMs = 3000;

/** Tells how far a long change is while its step runs, each text once; returns the end of it. */
export function watchProgress(context: DriverContext, plan: Plan, tell: (text: string) => void): () => void {
  let told: string | null = null;
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void progressOf(context, plan)
      .catch(() => null)
      .then((text) => {
        asking = false;
        if (text !== null && text !== told) tell(text);
        told = text;
      });
  }, everyMs);
  return () => clearInterval(timer);
}

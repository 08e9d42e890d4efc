import type { Step } from '../playbook.ts';
import { Aborted, Left, Stop } from './control.ts';
import type { Frame } from './frame.ts';
import type { Run } from './run.ts';
import { walk } from './walk.ts';

/**
 * Steps that are done whatever happened, each tried whatever the one before it said: only a person's own word, the page's `stop`, and a call
 * to end keep the rest from being tried. What went wrong, named by step; `null` when nothing did.
 * @throws Left, which ends no run.
 */
export async function eachLastStep(run: Run, frame: Frame, steps: readonly Step[]): Promise<string | null> {
  const faults: string[] = [];
  for (const step of steps) {
    try {
      await walk(run, frame, [step]);
    } catch (error) {
      if (error instanceof Left) throw error;
      const said = error instanceof Stop ? error : null;
      if (said?.result !== 'ok') faults.push(error instanceof Error ? error.message : `${step.address} failed without saying why`);
      if (said?.result === 'ok' || said?.chosen === true || step.verb === 'stop' || error instanceof Aborted || run.signal.aborted) break;
    }
  }
  return faults.length === 0 ? null : faults.join('; ');
}

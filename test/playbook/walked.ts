import type { Playbook } from '../../src/playbook/playbook.ts';
import type { RunView } from '../../src/playbook/run/run-view.ts';
import { head, playbookOf, RecordedHands, RecordedWorld, runOf, type RunOptions, said, ScriptedPerson } from './recorded-world.ts';

/** Playbooks written in a line or two, walked to their end with recorded hands. */
export const yaml = (steps: string, more = ''): Playbook => playbookOf(`${head}${more}steps:\n${steps}`);
export const resultOf = ({ phase }: RunView): string => (phase.phase === 'closed' ? phase.result : phase.phase);
export const messageOf = ({ phase }: RunView): string => (phase.phase === 'closed' ? phase.message : '');

export async function walked(steps: string | Playbook, world = new RecordedWorld(), options: Partial<RunOptions> = {}) {
  const playbook = typeof steps === 'string' ? yaml(steps) : steps;
  const { run, entries } = runOf({ playbook, hands: new RecordedHands(world), ...options });
  const view = await run.done;
  const state = (key: string): string | undefined => view.steps.find((step) => step.address === key)?.state;
  return { view, entries, world, result: resultOf(view), message: messageOf(view), state };
}

export const out = '  - { id: out, do: pool.depool, with: { pool: web, node: web1 }, undo: auto, temporary: true }\n';
export const inverse = 'inverse of pool.depool web web1';
export const see = (more: string): string => `  - { id: look, check: see, host: web1, on_fail: ${more} }\n`;

/** A world in which one probe does not hold. */
export function failing(words = 'see'): RecordedWorld {
  const world = new RecordedWorld();
  world.probes.set(words, said('', 1));
  return world;
}

/** Nobody is there. */
export const alone = (): ScriptedPerson => new ScriptedPerson({}, false);
/** Nobody is there, and what was confirmed goes on. */
export const confirmed = (): ScriptedPerson =>
  new ScriptedPerson({}, false, (question) => (question.kind === 'go' ? { kind: 'go' } : null));

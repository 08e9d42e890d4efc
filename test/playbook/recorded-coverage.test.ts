import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSimulations } from '../../src/playbook/dry/read-simulations.ts';
import { simulate } from '../../src/playbook/dry/simulate.ts';
import { readLibrary } from '../../src/playbook/library.ts';
import type { OnFail, Step } from '../../src/playbook/playbook.ts';
import { stepsWithin } from '../../src/playbook/runs.ts';

const structure = new Set(['section', 'branch', 'choose', 'each', 'play', 'stop']);

/** A text of the file as a pattern: its places hold anything, and what was taken back may follow in the same sentence. */
function saidAs(text: string): RegExp {
  const parts = text.replace(/\.$/, '').split(/\{\{[^{}]*\}\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}`);
}

function stopsOf(step: Step): readonly string[] {
  const handlers: readonly (OnFail | null)[] = [step.onFail, step.onUnreachable];
  const own = step.verb === 'stop' ? [step.text] : [];
  return [...own, ...handlers.flatMap((handler) => (handler?.kind === 'stop' && handler.message !== null ? [handler.message] : []))];
}

describe.each(['codalab', 'aslo', 'julia'])('recorded tests of %s', (fleet) => {
  test('reach every step with an id and every stop of every playbook', async () => {
    const library = await readLibrary(join(import.meta.dirname, '../../playbooks', fleet));
    const { files, problems } = await readSimulations(library);
    expect([...library.problems, ...problems]).toEqual([]);
    const missing: string[] = [];
    for (const file of library.files) {
      const simulation = files.find((each) => each.playbook === file.playbook.id);
      const ends = await Promise.all((simulation?.tests ?? []).map((each) => simulate(each, simulation ?? never(), file, library)));
      const done = new Set(ends.flatMap(({ seen }) => seen.path.map((key) => key.replace(/^.*#[^/]*\//, ''))));
      const messages = ends.map(({ seen }) => seen.message);
      for (const step of [...file.playbook.steps, ...file.playbook.finally].flatMap(stepsWithin)) {
        if (step.id !== null && !structure.has(step.verb) && !done.has(step.id)) missing.push(`${file.playbook.id}: ${step.id}`);
        for (const text of stopsOf(step))
          if (!messages.some((message) => saidAs(text).test(message))) missing.push(`${file.playbook.id}: ${step.address} stops: ${text}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

function never(): never {
  throw new Error('a playbook without recorded tests has no test');
}

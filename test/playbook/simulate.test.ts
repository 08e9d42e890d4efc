import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { readSimulations } from '../../src/playbook/dry/read-simulations.ts';
import { simulate } from '../../src/playbook/dry/simulate.ts';
import { readLibrary } from '../../src/playbook/library.ts';

const root = fileURLToPath(new URL('../../playbooks', import.meta.url));
const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

for (const folder of folders) {
  const library = await readLibrary(join(root, folder));
  const { files, problems } = await readSimulations(library);

  describe(`the recorded tests of playbooks/${folder}`, () => {
    test('can be read', () => {
      expect([...library.problems, ...problems].map(formatProblem)).toEqual([]);
    });

    for (const simulation of files) {
      const file = library.files.find(({ playbook }) => playbook.id === simulation.playbook);
      test.each(simulation.tests.map((each) => [`${simulation.playbook}: ${each.name}`, each] as const))('%s', async (_, each) => {
        if (file === undefined) throw new Error(`there is no playbook ${simulation.playbook}`);
        const { faults, differences } = await simulate(each, simulation, file, library);
        expect({ faults, differences }).toEqual({ faults: [], differences: [] });
      });
    }
  });
}

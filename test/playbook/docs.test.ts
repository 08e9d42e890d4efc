import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { simulate } from '../../src/playbook/dry/simulate.ts';
import { parseSimulation } from '../../src/playbook/dry/simulation-file.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { playbookOf } from './recorded-world.ts';

const text = readFileSync(new URL('../../docs/playbooks.md', import.meta.url), 'utf8');
const [page = '', tests = ''] = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, block = '']) => block);

test('the playbook of docs/playbooks.md has no fault, and its recorded tests pass', async () => {
  const playbook = playbookOf(page);
  const file = { playbook, text: page, file: 'log-full.yaml' };
  const library = { folder: null, files: [file], problems: [] };
  expect(lintPlaybook(file, { fleet: null, library, nowMs: Date.parse(playbook.reviewed) })).toEqual([]);
  const parsed = parseSimulation(tests, 'tests/log-full.yaml', new Map([[playbook.id, playbook]]));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  for (const each of parsed.simulation.tests) {
    const { faults, differences } = await simulate(each, parsed.simulation, file, library);
    expect({ name: each.name, faults, differences }).toEqual({ name: each.name, faults: [], differences: [] });
  }
  expect(parsed.simulation.tests).toHaveLength(4);
});

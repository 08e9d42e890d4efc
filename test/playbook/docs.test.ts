import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { simulate } from '../../src/playbook/dry/simulate.ts';
import { parseSimulation } from '../../src/playbook/dry/simulation-file.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { catalogue } from '../../src/playbook/live/action-requests.ts';
import { metricNames } from '../../src/playbook/live/metrics.ts';
import { playbookOf } from './recorded-world.ts';

const text = readFileSync(new URL('../../docs/playbooks.md', import.meta.url), 'utf8');
const [small = '', page = '', tests = ''] = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, block = '']) => block);

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

test('the first playbook of docs/playbooks.md has no fault in the fleet of the README, and is about its alerts', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readme) ?? [];
  const read = parseFleet(yaml.replaceAll(/^ {3}/gm, ''), 'fleet.yaml', '/home/kim', {});
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const playbook = playbookOf(small);
  const file = { playbook, text: small, file: 'nginx-down.yaml' };
  const library = { folder: null, files: [file], problems: [] };
  expect(lintPlaybook(file, { fleet: read.fleet, library, nowMs: Date.parse(playbook.reviewed) })).toEqual([]);
});

test('docs/playbooks.md names every figure and every action that a playbook may ask for', () => {
  const missing = [...metricNames, ...Object.keys(catalogue)].filter((name) => !text.includes(`\`${name}`));
  expect(missing).toEqual([]);
});

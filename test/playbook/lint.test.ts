import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Problem } from '../../src/config/problem.ts';
import type { Fleet } from '../../src/fleet/definition.ts';
import type { Library, PlaybookFile } from '../../src/playbook/library.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { alertNamesOf, lintAlerts } from '../../src/playbook/lint/alerts.ts';
import { parsePlaybook } from '../../src/playbook/parse-playbook.ts';
import { faultsOfForm, faultsOfMeaning } from './planted-faults.ts';

const example = readFileSync(join(import.meta.dirname, 'fixtures', 'web-node-pencils-down.yaml'), 'utf8');
const name = 'web-node-pencils-down.yaml';
const nowMs = Date.parse('2026-11-22T00:00:00Z');

const next = `playbook: nfs-data-unreachable
format: 1
title: NFS
owner: ops
reviewed: "2026-11-21"
when_to_use: The share does not answer.
inputs: { node: { type: host } }
steps: [{ manual: Look. }]
`;

const library: Library = { folder: 'playbooks', files: [fileOf(next, 'nfs-data-unreachable.yaml'), fileOf(example, name)], problems: [] };
const fleetPath = join(import.meta.dirname, '..', 'config', 'fixtures', 'good', 'pencilcode.yaml');
const fleet = fleetOf(readFileSync(fleetPath, 'utf8'));

function fleetOf(text: string): Fleet {
  const parsed = parseFleet(text, 'fleet.yaml', '/home/ann');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.fleet;
}

function fileOf(text: string, file: string): PlaybookFile {
  const parsed = parsePlaybook(text, file);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return { playbook: parsed.playbook, text, file };
}

function problemsWith(text: string): readonly Problem[] {
  const parsed = parsePlaybook(text, name);
  if (!parsed.ok) return parsed.problems;
  return lintPlaybook({ playbook: parsed.playbook, text, file: name }, { fleet, library, nowMs });
}

function planted(from: string, to: string): readonly Problem[] {
  const text = example.replace(from, () => to);
  expect(text, 'the text to replace stands in the example').not.toBe(example);
  return problemsWith(text);
}

describe('the lint of playbooks', () => {
  test('finds nothing in the shared example', () => {
    expect(problemsWith(example)).toEqual([]);
    expect(lintPlaybook(fileOf(example, name), { fleet: null, library: null, nowMs })).toEqual([]);
  });

  test.each(faultsOfForm)('tells %s, at its line', (_, from, to, message, line) => {
    const remedy: unknown = expect.stringMatching(/\w.*[.?]$/s);
    const found = planted(from, to);
    expect(found).toContainEqual(expect.objectContaining({ line, message: expect.stringContaining(message), remedy }));
    expect(found.filter((problem) => problem.remedy === null)).toEqual([]);
  });

  test.each(faultsOfMeaning)('tells %s, at its line and with what to do', (_, from, to, message, line) => {
    const remedy: unknown = expect.stringMatching(/\w.*[.?]$/s);
    expect(planted(from, to)).toContainEqual(expect.objectContaining({ line, message: expect.stringContaining(message), remedy }));
  });

  test('names both lines of a good end and of what it leaves open', () => {
    const found = planted('stop: "{{ node }} stays depooled.", result: escalated', 'stop: "{{ node }} stays depooled.", result: ok');
    expect(found.map(({ message }) => message)).toEqual([
      'This good end on line 100 can be reached while "depool" of line 66 is still open.',
    ]);
  });

  test('lets a temporary state be when "leave" says why, or when the last steps settle it', () => {
    const left = planted('temporary: true  ', 'temporary: true\n        leave: the next shift puts it back #');
    expect(left).toEqual([]);
    const stopOk = example.replace('depooled.", result: escalated', 'depooled.", result: ok').replace('settles: depool ', '# ');
    expect(
      problemsWith(`${stopOk}\nfinally:\n  - do: pool.repool\n    with: { pool: web, node: "{{ node }}" }\n    settles: depool\n`),
    ).toEqual([]);
  });

  test('settling under the same condition as the temporary step is settling', () => {
    const both = example
      .replace('do: pool.depool', 'when: before.out != ""\n        do: pool.depool')
      .replace('do: pool.repool', 'when: before.out != ""\n        do: pool.repool');
    expect(problemsWith(both)).toEqual([]);
  });

  test('a review of half a year ago is a warning', () => {
    const later = lintPlaybook(fileOf(example, name), { fleet: null, library: null, nowMs: nowMs + 180 * 86_400_000 });
    expect(later).toMatchObject([{ rule: 'reviewed', severity: 'warning', line: 6 }]);
  });

  test('a role, environment or pool that the fleet has not is told', () => {
    const small = fleetOf('fleet: tiny\ninventory: [{ static: [{ name: web1, role: web }] }]\n');
    const wrong = fileOf(example.replace('from: web,', 'from: wep,'), name);
    const found = lintPlaybook(wrong, { fleet: small, library: null, nowMs });
    expect(found).toContainEqual(expect.objectContaining({ rule: 'role', line: 17, remedy: 'Did you mean "web"?' }));
    expect(lintPlaybook(fileOf(example, name), { fleet: small, library: null, nowMs }).map(({ rule }) => rule)).not.toContain('role');
  });

  test('a cycle over another playbook is told', () => {
    const back = fileOf(next.replace('{ manual: Look. }', '{ play: web-node-pencils-down }'), 'nfs-data-unreachable.yaml');
    const found = lintPlaybook(fileOf(example, name), { fleet: null, library: { ...library, files: [back] }, nowMs });
    expect(found.map(({ message }) => message)).toEqual([
      'This playbook plays itself: web-node-pencils-down → nfs-data-unreachable → web-node-pencils-down.',
    ]);
  });
});

describe('alerts and the playbooks about them', () => {
  const about = (...patterns: string[]): Library => ({
    folder: 'pages',
    files: patterns.map((alert) =>
      fileOf(
        next.replace('when_to_use', () => `suggest: [{ alert: '${alert}' }]\nwhen_to_use`),
        'nfs.yaml',
      ),
    ),
    problems: [],
  });
  const bare = (alerts: Library): string =>
    lintAlerts(alerts, fleet)
      .map(({ severity, message }) => `${severity}: ${message}`)
      .join('\n');

  test('one warning names every alert that none is about', () => {
    const all = bare(about());
    expect(all.split('\n')).toHaveLength(1);
    expect(all).toMatch(/^warning: No playbook is about these \d+ alerts in particular: .*pencils-down.*load-failing.*disk-full/);
    const some = bare(about('^pencils-down$', 'disk-full|inodes-full'));
    expect(some).not.toMatch(/pencils-down|disk-full|inodes-full/);
    expect(some).toContain('nginx-down');
  });

  test('a pattern that matches anything is about none, and nothing is said once each has its own', () => {
    expect(bare(about('.*', '-down$'))).toBe(bare(about()));
    expect(lintAlerts(about(...alertNamesOf(fleet).map((name) => `^${name}$`)), fleet)).toEqual([]);
  });
});

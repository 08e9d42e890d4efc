import { describe, expect, test } from 'vitest';
import { simulate, type SimulatedEnd } from '../../src/playbook/dry/simulate.ts';
import { parseSimulation } from '../../src/playbook/dry/simulation-file.ts';
import type { PlaybookFile } from '../../src/playbook/library.ts';
import { head, playbookOf } from './recorded-world.ts';

const steps = `steps:
  - { id: look, check: see, host: web1, on_fail: continue, save: seen }
  - { id: q, choose: which, options: { a: { label: A }, b: { label: B, steps: [{ tell: "hello b", to: team }] } } }
  - { id: out, do: pool.depool, with: { pool: web, node: web1 }, undo: auto, temporary: true }
  - { id: roll, each: { var: host, in: nodes, batch: 1, stop_after: 2 }, steps: [{ id: one, run: "go {{ host }}", host: "{{ host }}", timeout: 5s, undo: { run: "back {{ host }}" } }] }
  - { id: up, wait: { port: 80 }, host: web1, every: 5s, timeout: 1m }
  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out, undo: none, why: w }
`;
const text = `${head}inputs: { nodes: { type: hosts, from: web } }\n${steps}`;
const file: PlaybookFile = { playbook: playbookOf(text), text, file: 'x.yaml' };
const library = { folder: null, files: [file], problems: [] };
const playbooks = new Map([['x', file.playbook]]);

const well = 'inputs: { nodes: [web1, web2] }\nworld: { look: ok, up: { open: true } }\nanswers: { q: a }\n';
const page = (tests: string): string => `playbook: x\nhosts: { web: [web1, web2] }\n${well}tests:\n${tests}`;

async function ran(test: string): Promise<SimulatedEnd> {
  const parsed = parseSimulation(page(test), 't.yaml', playbooks);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [first] = parsed.simulation.tests;
  if (first === undefined) throw new Error('no test');
  return simulate(first, parsed.simulation, file, library);
}

const problems = (test: string): readonly string[] => {
  const parsed = parseSimulation(page(test), 't.yaml', playbooks);
  return parsed.ok ? [] : parsed.problems.map(({ file: where, line, column, message }) => `${where}:${line}:${column}: ${message}`);
};

describe('a file of recorded tests', () => {
  test.each([
    ['  - { name: a, expect: { result: well } }\n', /^t\.yaml:7:\d+: tests\[0\]\.expect\.result must be one of ok/],
    ['  - { name: a, world: { luk: ok }, expect: { result: ok } }\n', /^t\.yaml:7:\d+: No step "luk" is in this playbook/],
    ['  - { name: a, expect: { result: ok, path: [look, upp] } }\n', /^t\.yaml:7:\d+: No step "upp"/],
    ['  - { name: a, abort_before: never, expect: { result: ok } }\n', /No step "never"/],
    ['  - { name: a, expct: { result: ok } }\n', /Unknown key "expct"/],
    ['  - { name: a, expect: { result: ok } }\n  - { name: a, expect: { result: ok } }\n', /^t\.yaml:8:\d+: Two tests are named "a"/],
  ])('says with its place what is wrong: %s', (test, wanted) => {
    expect(problems(test)).toEqual(expect.arrayContaining([expect.stringMatching(wanted)]));
  });

  test('of a playbook that is not there says so', () => {
    const parsed = parseSimulation('playbook: y\ntests: [{ name: a, expect: { result: ok } }]\n', 't.yaml', playbooks);
    expect(parsed.ok ? [] : parsed.problems.map(({ message }) => message)).toEqual(['There is no playbook "y" in the folder above.']);
  });
});

describe('a recorded test', () => {
  const good = '[look, out, "roll#web1/one", "roll#web2/one", up, back]';

  test('passes where path, messages, sent, undone and debts are as it says', async () => {
    const end = await ran(
      `  - { name: a, answers: { q: b }, expect: { result: ok, path: ${good}, told: [team, ], sent: ["pool.depool", "web1: go web1", "web2: go web2", "pool.repool"] } }\n`,
    );
    expect([end.ok, end.seen.told]).toEqual([true, ['team: hello b']]);
  });

  test.each([
    ['result: failed', 'result', /^ok: every step is done$/],
    ['result: ok, path: [look]', 'path', /^look · out · roll#web1\/one/],
    ['result: ok, told: [bye]', 'told', /^nothing$/],
    ['result: ok, sent: ["pool.repool", "pool.depool"]', 'sent', /^pool\.depool/],
    ['result: ok, undone: [out]', 'undone', /^nothing$/],
    ['result: ok, debts: [out]', 'debts', /^nothing$/],
  ])('fails with what was seen where it expects { %s }', async (expected, what, seen) => {
    const end = await ran(`  - { name: a, expect: { ${expected} } }\n`);
    expect([end.ok, end.differences.map((each) => each.what)]).toEqual([false, [what]]);
    expect(end.differences[0]?.seen).toMatch(seen);
  });

  test.each([
    ['world: { up: { status: 200 } }', /^up: a port is told by "open"/],
    ['world: { up: { open: true, closed: false } }', /^up: a port has no "closed"/],
    ['world: { look: failed }', /^look: a command does not find "failed"/],
    ['answers: { q: c }', /^q: "c" is no answer to it: one of a, b/],
    ['world: { up: { open: false } }', /^up: the test does not answer it \(failed: not so within 1m/],
    ['inputs: { nodes: [web9] }', /^inputs: nodes "web9" is no host of web/],
    ['world: { out: unknown }', /^out: the test does not answer it \(unknown/],
  ])('is at fault itself where it says %s', async (more, fault) => {
    const end = await ran(`  - { name: a, ${more}, expect: { result: ok } }\n`);
    expect([end.ok, end.differences]).toEqual([false, []]);
    expect(end.faults[0]).toMatch(fault);
  });

  test('without an answer of the world to a probe is at fault, and nothing is guessed', async () => {
    const parsed = parseSimulation(page('  - { name: a, expect: { result: ok } }\n').replace('look: ok, ', ''), 't.yaml', playbooks);
    if (!parsed.ok || parsed.simulation.tests[0] === undefined) throw new Error('it must be readable');
    const end = await simulate(parsed.simulation.tests[0], parsed.simulation, file, library);
    expect([end.faults, end.seen.sent]).toEqual([['look: nothing under "world" says what it finds'], []]);
  });

  test('counts its lists for each item by itself, and a failure is answered behind its change', async () => {
    const end = await ran(
      '  - { name: a, world: { one: [failed, ok] }, answers: { one: retry }, expect: { result: ok, sent: ["web1: go web1", "web1: go web1", "web2: go web2", "web2: go web2"] } }\n',
    );
    expect(end).toMatchObject({ ok: true, faults: [], differences: [] });
  });

  test('of an item alone speaks of no other item', async () => {
    const end = await ran(
      '  - { name: a, world: { "roll#web2/one": failed }, answers: { "roll#web2/one": undo }, expect: { result: undone, undone: ["roll#web1/one", out] } }\n',
    );
    expect(end).toMatchObject({ ok: true, faults: [], differences: [] });
  });

  test('takes back what it was called off behind, the newest first, and an undo that fails keeps its debt', async () => {
    const end = await ran(
      '  - { name: a, abort_before: up, world: { out.undo: failed }, expect: { result: undo_failed, undone: ["roll#web2/one", "roll#web1/one"], debts: [out], sent: ["web2: back web2", "web1: back web1", "undo of pool.depool pool=web node=web1"] } }\n',
    );
    expect(end).toMatchObject({ ok: true, faults: [], differences: [] });
  });

  test('waits hours in no time', async () => {
    const end = await ran('  - { name: a, world: { up: [{ open: false }, { open: false }, { open: true }] }, expect: { result: ok } }\n');
    expect(end.ok).toBe(true);
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { timelineOf } from '../../src/journal/report/timeline.ts';
import { planPlaybook } from '../../src/playbook/dry/plan.ts';
import { writtenList } from '../../src/playbook/dry/written-list.ts';
import { unknown } from '../../src/playbook/expression.ts';
import { readLibrary } from '../../src/playbook/library.ts';
import type { Input, Playbook } from '../../src/playbook/playbook.ts';
import type { Concern } from '../../src/playbook/run/either.ts';
import type { AskedProbe, Found } from '../../src/playbook/run/hands.ts';
import { Memory } from '../../src/playbook/run/memory.ts';
import { Run } from '../../src/playbook/run/run.ts';
import type { RunView } from '../../src/playbook/run/run-view.ts';
import { Runs } from '../../src/playbook/runs.ts';
import { head, playbookOf, RecordedHands, RecordedWorld, said, ScriptedPerson } from './recorded-world.ts';

interface Checked {
  readonly view: RunView;
  readonly concerns: readonly Concern[];
  readonly world: RecordedWorld;
  readonly result: string;
  readonly state: (key: string) => string | undefined;
}

/** A dry run on hosts whose answers are written down. */
async function checked(
  playbook: Playbook,
  world: RecordedWorld,
  inputs: Record<string, unknown>,
  others: readonly Playbook[] = [],
): Promise<Checked> {
  const concerns: Concern[] = [];
  const run = new Run({
    id: 'run-1',
    playbook,
    others: new Map(others.map((other) => [other.id, other])),
    inputs,
    secrets: [],
    reason: null,
    hands: new RecordedHands(world, 'check'),
    person: new ScriptedPerson({}, false),
    memory: new Memory(),
    write: (event) => ({ event, who: 'ann@desk', at: 0 }),
    concern: (concern) => concerns.push(concern),
  });
  const view = await run.done;
  const result = view.phase.phase === 'closed' ? `${view.phase.result}: ${view.phase.message}` : view.phase.phase;
  return { view, concerns, world, result, state: (key) => view.steps.find((step) => step.address === key)?.state };
}

const page = (steps: string): Playbook => playbookOf(`${head}steps:\n${steps}`);
const change = '  - { id: out, run: go, host: web1, timeout: 5s, undo: none, why: w, save: got }\n';

describe('a check-level run', () => {
  test.each([
    ['the host of a change before it', 'check: see, host: web1', 'either'],
    ['a host that a command names', 'check: see, host: lb1', 'either'],
    ['a host of its own that it asks about the changed one', 'check: "curl web1", host: db1', 'either'],
    ['the pool of a change before it', 'check: { pool: web }', 'either'],
    ['nothing of the fleet', 'check: { http: "https://example.org/" }', 'either'],
    ['another host', 'check: see, host: db1', 'failed'],
    ['another pool', 'check: { pool: db }', 'failed'],
    ['a service of another host', 'check: { service: mysql }, host: db1', 'failed'],
  ])('a look at %s that fails behind changes that are not made', async (_, look, state) => {
    const world = new RecordedWorld();
    const no: Found = { kind: 'facts', facts: {}, holds: false, text: 'no' };
    for (const words of ['see', 'curl web1', 'pool web', 'pool db', 'service mysql', 'GET https://example.org/'])
      world.probes.set(words, no);
    const changes = `${change.replace('run: go', 'run: "tell lb1"')}  - { do: pool.depool, with: { pool: web, node: web2 }, undo: none, why: w }\n`;
    const found = await checked(page(`${changes}  - { id: look, ${look}, on_fail: { stop: no } }\n`), world, {});
    expect([found.state('look'), found.concerns.length]).toEqual([state, state === 'failed' ? 1 : 0]);
    // Nobody knows what a person does by hand.
    const byHand = await checked(page(`  - { manual: "mend it" }\n  - { id: look, ${look}, on_fail: { stop: no } }\n`), world, {});
    expect([byHand.state('look'), byHand.concerns]).toEqual(['either', []]);
  });

  test('walks both ways of what only a run could tell, and what they leave is not known', async () => {
    const { state, result, concerns, world } = await checked(
      page(
        `${change}  - id: fork
    branch:
      - { when: "got.exit == 0", steps: [{ id: a, check: see a, host: web1, save: seen }] }
      - { else: true, steps: [{ id: b, stop: enough, result: escalated }] }
  - { id: after, when: "seen.exit == 0", check: see after, host: web1 }\n`,
      ),
      new RecordedWorld(),
      {},
    );
    expect(['fork', 'a', 'b', 'after'].map(state)).toEqual(['either', 'ok', 'ok', 'either']);
    expect([result, concerns, world.sent]).toEqual(['ok: every step is done', [], []]);
  });

  test('a fork that ends on every way ends the run', async () => {
    const { state, result } = await checked(
      page(
        '  - { id: q, choose: which, options: { a: { label: A, steps: [{ stop: a, result: escalated }] }, b: { label: B, steps: [{ stop: b, result: escalated }] } } }\n  - { id: after, check: see, host: web1 }\n',
      ),
      new RecordedWorld(),
      {},
    );
    expect([state('after'), result]).toEqual(['open', 'escalated: every way ends here']);
  });

  test('what would stop it is said, surely or on one way only, and it looks at the rest all the same', async () => {
    const world = new RecordedWorld();
    world.probes.set('bad', said('no', 1));
    const { concerns, state } = await checked(
      page(
        '  - { id: first, check: bad, host: web1 }\n  - { id: q, choose: which, options: { a: { label: A, steps: [{ id: inside, check: bad, host: web1 }] }, b: { label: B } } }\n  - { id: left, check: bad, host: web1, on_fail: continue }\n',
      ),
      world,
      {},
    );
    expect(concerns.map(({ key, sure }) => [key, sure])).toEqual([
      ['first', true],
      ['inside', false],
    ]);
    expect(state('left')).toBe('failed');
  });

  test('what a change would have changed is not held against it', async () => {
    const world = new RecordedWorld();
    world.probes.set('same', said('pid=1'));
    const steps = '  - { id: before, check: same, host: web1, save: before }\n';
    const proof = '  - { id: fresh, check: same, host: web1, expect: "out != before.out" }\n';
    expect((await checked(page(steps + change + proof), world, {})).state('fresh')).toBe('either');
    expect((await checked(page(steps + proof), world, {})).state('fresh')).toBe('failed');
  });

  test('a host, a duration, a list and a number that are not known before the run are never guessed and never an error', async () => {
    const { state, result, world } = await checked(
      page(
        `  - { id: q, ask: { where: { type: host }, ttl: { type: duration, default: 5s }, many: { type: hosts } } }
  - { id: look, check: see, host: "{{ where }}", timeout: "{{ ttl }}" }
  - { id: wait, wait: see, host: "{{ where }}", timeout: "{{ ttl }}" }
  - { id: act, run: go, host: "{{ where }}", timeout: "{{ ttl }}", undo: none, why: w }
  - { id: do, do: service.restart, with: { host: "{{ where }}", service: x } }
  - { id: roll, each: { var: host, in: many, batch: "{{ ttl }}" }, steps: [{ id: one, check: see, host: "{{ host }}" }] }\n`,
      ),
      new RecordedWorld(),
      {},
    );
    expect(['q', 'look', 'wait', 'act', 'do', 'roll', 'roll#‹host›/one'].map(state)).toEqual(Array.from({ length: 7 }, () => 'either'));
    expect([result, world.asked]).toEqual(['ok: every step is done', []]);
  });

  test('a wait is asked once, and a secret output stays secret', async () => {
    const world = new RecordedWorld();
    world.probes.set('show', said('deep-secret', 1));
    const { view } = await checked(page('  - { id: w, wait: show, host: web1, timeout: 5m, secret_output: true }\n'), world, {});
    expect(world.asked).toHaveLength(1);
    expect(JSON.stringify(view)).not.toContain('deep-secret');
  });
});

test('a dry run in the journal is marked, is no run that somebody left, and stands in no timeline', async () => {
  const journal = writtenList(() => 1_000_000);
  const text = `${head}steps:\n${change}  - { id: told, tell: hello }\n`;
  const file = { playbook: playbookOf(text), text, file: 'x.yaml' };
  const hands = new RecordedHands(new RecordedWorld(), 'check');
  const library = { folder: null, files: [file], problems: [] };
  const runs = new Runs(journal);
  await runs.start({ file, library, inputs: {}, reason: null, env: 'prod', hands, person: new ScriptedPerson({}, false) }).done;
  expect(journal.entries.map(({ outcome }) => outcome)).toEqual(['dry open', 'dry outcome: ok', 'dry close']);
  const cut = writtenList(() => 1_000_000);
  for (const entry of journal.entries.slice(0, -1)) cut.append(entry);
  const whole = { from: 0, to: Number.MAX_SAFE_INTEGER, fleet: 'x', hosts: null, incident: null };
  expect([new Runs(cut).unfinished(), timelineOf(cut.entries, whole)]).toEqual([[], []]);
});

const root = fileURLToPath(new URL('../../playbooks', import.meta.url));
const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const libraries = await Promise.all(
  folders.map(async (folder) => (await readLibrary(join(root, folder))).files.map(({ playbook }) => playbook)),
);
const all = libraries.flatMap((playbooks) => playbooks.map((playbook) => [playbook.id, playbook, playbooks] as const));

/** Answers every question the same way. */
class OneAnswer extends RecordedHands {
  readonly #answer: Found;

  constructor(answer: Found) {
    super(new RecordedWorld(), 'check');
    this.#answer = answer;
  }

  override probe(_probe: AskedProbe): Promise<Found> {
    return Promise.resolve(this.#answer);
  }
}

const everything = { out: '1', err: '', exit: 0, failed: false, status: 200, body: '', ms: 1, open: true, state: 'running', health: 'ok' };
const figures = { healthy: 9, total: 9, node_state: {}, value: 1, firing: false, addresses: ['10.0.0.1'] };
const answers: Readonly<Record<string, Found>> = {
  'is well': { kind: 'facts', facts: { ...everything, ...figures }, holds: true, text: 'well' },
  'cannot be reached': { kind: 'unreachable', why: 'no route' },
  'cannot be asked': { kind: 'wrong', why: 'no such thing' },
  'is not known': { kind: 'unknown', why: 'nobody looked' },
};

describe('every playbook of the repository', () => {
  describe.each(Object.keys(answers))('where everything %s', (which) => {
    test.each(all)('%s is checked to an end of its own', async (_, playbook, playbooks) => {
      const answer = answers[which];
      if (answer === undefined) throw new Error(which);
      const concerns: Concern[] = [];
      const run = new Run({
        id: 'run-1',
        playbook,
        others: new Map(playbooks.map((other) => [other.id, other])),
        inputs: Object.fromEntries(playbook.inputs.map((input) => [input.name, sample(input)])),
        secrets: [],
        reason: null,
        hands: new OneAnswer(answer),
        person: new ScriptedPerson({}, false),
        memory: new Memory(),
        write: (event) => ({ event, who: 'ann@desk', at: 0 }),
        concern: (concern) => concerns.push(concern),
      });
      const { phase } = await run.done;
      expect(phase).toMatchObject({ phase: 'closed' });
      // The words of a fault of the page or of the walk itself.
      const words = [phase.phase === 'closed' ? phase.message : '', ...concerns.map(({ what }) => what)];
      for (const word of words)
        expect(word).not.toMatch(/has no value here|is no single word|undefined|is not a function|Cannot read|asks nobody/);
    });
  });

  test.each(all)('%s has a plan without any input', (_, playbook, playbooks) => {
    const plan = planPlaybook(playbook, new Map(playbooks.map((other) => [other.id, other])), {});
    expect(plan.steps.length).toBe(playbook.steps.length);
    expect(JSON.stringify(plan)).not.toContain('[object');
  });
});

function sample(input: Input): unknown {
  if (input.fallback !== null) return input.fallback;
  switch (input.type) {
    case 'host':
      return 'web1';
    case 'hosts':
      return ['web1', 'web2'];
    case 'int':
    case 'number':
      return input.min ?? 1;
    case 'bool':
      return true;
    case 'choice':
      return input.choices[0] ?? unknown;
    case 'duration':
      return '5m';
    case 'url':
      return 'https://example.org/';
    default:
      return 'some words';
  }
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RunEntry } from '../../src/playbook/run/events.ts';
import type { AskedChange, Prepared, StepPlace } from '../../src/playbook/run/hands.ts';
import { endWords } from '../../src/playbook/run/step-end.ts';
import type { Answer } from '../../src/playbook/run/question.ts';
import { bad, gone, head, playbookOf, RecordedHands, RecordedWorld, runOf, said, ScriptedPerson, well } from './recorded-world.ts';
import { messageOf, resultOf, walked, yaml } from './walked.ts';

const command = (id: string, more = ''): string =>
  `  - { id: ${id}, run: "do ${id}", host: web1, timeout: 5s, undo: none, why: w${more} }\n`;

describe('how a step ends', () => {
  const look =
    '  - { id: look, check: see, host: web1, on_fail: { stop: "on fail", result: escalated }, on_unreachable: { stop: "unreachable" } }\n';

  test.each([
    [{ kind: 'unreachable', why: 'no route' } as const, 'failed', 'unreachable'],
    [{ kind: 'timeout', why: 'late' } as const, 'escalated', 'on fail'],
    [said('x', 1), 'escalated', 'on fail'],
    [said('x'), 'ok', 'every step is done'],
  ])('%j goes where the file sends it', async (found, result, message) => {
    const world = new RecordedWorld();
    world.probes.set('see', found);
    const { view } = await walked(look, world);
    expect([resultOf(view), messageOf(view)]).toEqual([result, message]);
  });

  test('an unreachable host reaches on_fail where the step names no on_unreachable', async () => {
    const world = new RecordedWorld();
    world.probes.set('see', { kind: 'unreachable', why: 'no route' });
    expect((await walked('  - { check: see, host: web1, on_fail: { stop: s, result: escalated } }\n', world)).result).toBe('escalated');
  });

  test('a condition on what is not known never passes in a real run', async () => {
    const { result, state } = await walked(
      '  - { id: a, when: "false", check: see, host: web1, save: seen }\n  - { id: b, check: see, host: web1, expect: "out != seen.out" }\n',
    );
    expect([result, state('b')]).toEqual(['failed', 'unknown']);
  });

  test('a look that says no where the page goes on is an expected no; a change that failed and a look that ends the run are none', async () => {
    const world = new RecordedWorld();
    world.probes.set('see', said('x', 1));
    world.probes.set('far', { kind: 'unreachable', why: 'no route' });
    world.ends.set('web1: do a', bad);
    const { view, entries } = await walked(
      `  - { id: one, check: see, host: web1, on_fail: continue }
  - { id: two, wait: see, host: web1, timeout: 1s, on_fail: [{ tell: not yet }] }
  - { id: three, check: far, host: web1, on_fail: { stop: s }, on_unreachable: continue }
${command('a', ', on_fail: continue')}  - { id: last, check: see, host: web1, on_fail: { stop: s } }
`,
      world,
    );
    const ends = view.steps.map((step) => `${step.address}: ${endWords(step).word} ${endWords(step).note}`);
    expect(ends).toEqual(
      expect.arrayContaining([
        'one: said no x; the playbook goes on',
        expect.stringMatching(/^two: said no not so within 1s: .*; the playbook goes on$/),
        'three: unreachable no route; the playbook goes on',
        expect.stringMatching(/^a: failed (?!.*goes on)/),
        'last: failed x',
      ]),
    );
    const expected = entries.flatMap(({ event }) => (event.event === 'outcome' && event.tolerated === true ? [event.key] : []));
    expect(expected).toEqual(['one', 'two', 'three']);
  });

  test('a step is tried again only as often as it says', async () => {
    const world = new RecordedWorld();
    world.probes.set('see', said('x', 1));
    await walked('  - { check: see, host: web1, retry: { times: 2 }, on_fail: continue }\n', world);
    expect(world.asked).toHaveLength(3);
  });

  test('a change whose end nobody saw is not sent again by itself, unless that is safe', async () => {
    const once = new RecordedWorld();
    once.ends.set('web1: do a', gone);
    await walked(command('a', ', retry: { times: 2 }, on_fail: continue'), once);
    expect(once.sent).toHaveLength(1);
    const often = new RecordedWorld();
    often.ends.set('web1: do a', gone);
    const person = new ScriptedPerson({ 'unknown a': { kind: 'happened', outcome: 'unknown', reason: 'cannot tell' } });
    await walked(command('a', ', rerun: safe, retry: { times: 2 }, on_fail: continue'), often, { person });
    expect(often.sent).toHaveLength(3);
  });

  test('a skipped failure keeps its reason, and the run goes on', async () => {
    const world = new RecordedWorld();
    world.ends.set('web1: do a', bad);
    const person = new ScriptedPerson({ 'failed a': { kind: 'skip', reason: 'known fault' } });
    const { result, entries, state } = await walked(command('a') + command('b'), world, { person });
    expect([result, state('a'), world.sent.at(-1)]).toEqual(['ok', 'skipped', 'web1: do b']);
    expect(JSON.stringify(entries)).toContain('known fault');
  });

  test('nobody is there: a failure stops', async () => {
    const world = new RecordedWorld();
    world.probes.set('see', said('x', 1));
    expect(
      (await walked('  - { check: see, host: web1 }\n  - { tell: x }\n', world, { person: new ScriptedPerson({}, false) })).result,
    ).toBe('failed');
    expect(world.told).toEqual([]);
  });

  test.each(['ok', 'failed', 'escalated'])('stop ends the run %s', async (result) => {
    expect((await walked(`  - { stop: enough, result: ${result} }\n  - { tell: never }\n`)).result).toBe(result);
  });
});

describe('ways through the page', () => {
  test('a branch takes the first arm that is so; a person decides what is not known, and silence walks nothing', async () => {
    const steps =
      '  - { when: "false", check: see, host: web1, save: seen }\n  - id: b\n    branch: [{ when: "seen.exit == 0", steps: [{ tell: yes }] }, { else: true, steps: [{ tell: other }] }]\n';
    const no = await walked(steps, new RecordedWorld(), { person: new ScriptedPerson({ 'choose b': { kind: 'option', name: 'no' } }) });
    expect([no.result, no.world.told]).toEqual(['ok', ['other']]);
    const silent = await walked(steps);
    expect([silent.result, silent.world.told]).toEqual(['failed', []]);
  });

  test('each walks its batches in order and stops at the limit over the whole run', async () => {
    const world = new RecordedWorld();
    for (const host of ['web1', 'web3']) world.probes.set(`${host} see`, { kind: 'unreachable', why: 'no route' });
    const steps =
      '  - id: all\n    each: { var: host, in: nodes, batch: [1, 2], stop_after: 2 }\n    steps: [{ id: one, check: see, host: "{{ host }}" }]\n';
    const person = new ScriptedPerson(
      Object.fromEntries(['web1', 'web3'].map((host): [string, Answer] => [`failed all#${host}/one`, { kind: 'skip', reason: 'later' }])),
    );
    const { result } = await walked(steps, world, { person, inputs: { nodes: ['web1', 'web2', 'web3', 'web4'] } });
    expect(world.asked).toEqual(['web1 see', 'web2 see', 'web3 see']);
    expect(result).toBe('failed');
    expect(person.questions.filter(({ kind }) => kind === 'batch')).toHaveLength(1);
  });

  test('an empty set is an error, never everything', async () => {
    const { result, world } = await walked(`  - { each: { var: h, in: nodes }, steps: [{ tell: x }] }\n`, new RecordedWorld(), {
      inputs: { nodes: [] },
    });
    expect([result, world.told]).toEqual(['failed', []]);
  });

  test('a playbook plays another one with names of its own, and not itself for ever', async () => {
    const other = playbookOf(
      `${head.replace('playbook: x', 'playbook: y')}inputs: { node: { type: text } }\nsteps:\n  - { tell: "on {{ node }}" }\n`,
    );
    const { result, world } = await walked('  - { play: y, with: { node: "{{ n }}" } }\n', new RecordedWorld(), {
      inputs: { n: 'web2' },
      others: [other],
    });
    expect([result, world.told]).toEqual(['ok', ['on web2']]);
    const itself = yaml('  - { play: x }\n');
    expect((await walked(itself, new RecordedWorld(), { others: [itself] })).result).toBe('failed');
  });
});

describe('what is owed', () => {
  const out = '  - { id: out, do: pool.depool, with: { pool: web, node: web1 }, undo: auto, temporary: true }\n';
  const back = '  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out, undo: none, why: w }\n';
  const changed = '  - { id: conf, run: change, host: web1, timeout: 5s, undo: { run: restore } }\n';
  const lost = '  - { id: end, check: see, host: web1, on_fail: undo }\n';
  const failing = (): RecordedWorld => {
    const world = new RecordedWorld();
    world.probes.set('see', said('', 1));
    return world;
  };

  test('ok is refused while something temporary stands, and allowed where the file says why it may be left', async () => {
    expect((await walked(out)).result).toBe('failed');
    expect((await walked(out.replace(' }\n', ', leave: "until Monday" }\n'))).result).toBe('ok');
    expect((await walked(out + back)).result).toBe('ok');
  });

  test('what was done is taken back the newest first, and then nothing is owed', async () => {
    const { result, view, world } = await walked(out + changed + lost, failing());
    expect([result, view.debts]).toEqual(['undone', []]);
    expect(world.sent.slice(2)).toEqual(['web1: restore', 'inverse of pool.depool web web1']);
  });

  test('what was put back already is not put back again', async () => {
    const { world } = await walked(out + changed + back + lost, failing());
    expect(world.sent.slice(3)).toEqual(['web1: restore']);
  });

  test('putting back is not taken back: a failure after it leaves the node in', async () => {
    const hands = class extends RecordedHands {
      override async prepare(change: AskedChange, place: StepPlace): Promise<Prepared> {
        const prepared = await super.prepare(change, place);
        return prepared.kind === 'ready' ? { ...prepared, hasInverse: true } : prepared;
      }
    };
    const world = failing();
    const { view } = await walked(out + back.replace(', undo: none, why: w', '') + lost, world, { hands: new hands(world) });
    expect([world.sent, view.debts]).toEqual([['pool.depool web web1', 'pool.repool web web1'], []]);
  });

  test('an undo that fails is told, and its debt stays', async () => {
    const world = failing();
    world.ends.set('inverse of pool.depool web web1', bad);
    const { result, view } = await walked(out + lost, world);
    expect([result, view.debts.map(({ id }) => id)]).toEqual(['undo_failed', ['out']]);
  });

  test('a fault of the page itself offers the undos too', async () => {
    expect((await walked(`${out}  - { tell: "{{ nothing }}" }\n`)).result).toBe('undone');
  });

  test('a change that had been sent when the run was called off keeps its end, and is taken back', async () => {
    const world = new RecordedWorld();
    const { run, entries } = runOf({
      playbook: yaml(out + command('b')),
      hands: new RecordedHands(world, 'run', (words) => {
        if (words.startsWith('pool.depool')) run.abort('enough');
      }),
    });
    expect(resultOf(await run.done)).toBe('undone');
    expect(entries.map(({ event }) => event.event)).toContain('outcome');
    expect(world.sent).toEqual(['pool.depool web web1', 'inverse of pool.depool web web1']);
  });

  test('a console that ends while taking back goes on taking back, and does nothing further', async () => {
    const steps = out + changed + lost + command('after');
    const full = await walked(steps, failing());
    const begun = full.entries.findIndex(({ event }) => event.event === 'undoing');
    expect(begun).toBeGreaterThan(0);
    for (let end = begun + 1; end < full.entries.length - 1; end += 1) {
      const again = await walked(steps, new RecordedWorld(), { before: full.entries.slice(0, end) });
      expect([end, again.result]).toEqual([end, 'undone']);
      expect(again.world.sent).not.toContain('web1: do after');
    }
  });
});

test('secrets stand in no event: not as an input, nor quoted, typed, said, or in an undo', async () => {
  const secret = `p'w "x\\`;
  const steps =
    '  - { id: a, run: "login {{ token }}", host: web1, timeout: 5s, undo: { run: "logout {{ token }}" } }\n  - { id: q, ask: { pin: { type: secret } } }\n  - { run: "pin {{ pin }}", host: web1, timeout: 5s, undo: none, why: w }\n  - { id: s, check: show, host: web1, save: seen, secret_output: true }\n  - { check: echo, host: web1, save: more, evidence: keep }\n';
  const world = new RecordedWorld();
  world.probes.set('show', said('deep-secret'));
  world.probes.set('echo', said(`pin is 4711 and ${secret}`));
  const person = new ScriptedPerson({ 'ask q': { kind: 'values', values: { pin: '4711' } } });
  const { entries, view, result } = await walked(steps, world, { person, inputs: { token: secret }, secrets: [secret] });
  expect(result).toBe('ok');
  expect(world.sent[0]).toContain('login');
  for (const text of [JSON.stringify(entries), JSON.stringify(view)])
    for (const word of ['4711', 'deep-secret', "p'w", `p'\\\\''w`]) expect(text).not.toContain(word);
});

test('a check-level run changes nothing, and leaves "either" where it cannot tell', async () => {
  const world = new RecordedWorld();
  const { view, result } = await walked(
    `${command('a', ', save: got')}  - { id: c, check: see, host: web1, expect: "got.exit == 0" }\n  - { id: t, tell: x }\n  - { id: s, sleep: 5m }\n`,
    world,
    { hands: new RecordedHands(world, 'check') },
  );
  expect(world.sent).toEqual([]);
  expect([world.told, world.now]).toEqual([[], 1_000_000]);
  expect(['a', 'c'].map((key) => view.steps.find((step) => step.address === key)?.state)).toEqual(['either', 'either']);
  expect(result).toBe('ok');
});

describe('a console that ends anywhere', () => {
  const example = playbookOf(readFileSync(new URL('fixtures/web-node-pencils-down.yaml', import.meta.url), 'utf8'));
  const inputs = { node: 'web1', reason: 'a test of the run' };
  const person = (): ScriptedPerson => new ScriptedPerson({ 'choose cause.2.1': { kind: 'option', name: 'hung' } });
  const listener = "sudo ss -Hltnp 'sport = :8816'";
  const healthy = { healthy: 1, total: 2, node_state: { web1: 'healthy' } };
  const answering = (): RecordedWorld => {
    const world = new RecordedWorld();
    world.probes.set('pool web without web1', { kind: 'facts', facts: healthy, holds: true, text: 'healthy' });
    world.probes.set('pool web', { kind: 'facts', facts: healthy, holds: true, text: 'healthy' });
    world.probes.set("ss -Htn state established '( sport = :80 or sport = :443 )' | wc -l", said('3'));
    world.probes.set('port 8816', { kind: 'facts', facts: { open: true }, holds: true, text: 'open' });
    world.probes.set('GET http://localhost/load/first as pencil.io', {
      kind: 'facts',
      facts: { status: 200, body: '"directory"', ms: 3 },
      holds: true,
      text: 'ok',
    });
    return world;
  };
  const listening = (world: RecordedWorld): void => {
    world.probes.set(listener, said(world.sent.some((words) => words.includes('restart')) ? 'pid=2' : 'pid=1'));
  };
  const handsOf = (world: RecordedWorld): RecordedHands => {
    listening(world);
    return new RecordedHands(world, 'run', () => listening(world));
  };
  const changes = ['pool.depool web web1', 'web1: sudo service pencils restart', 'pool.repool web web1'];

  const full = async (): Promise<readonly RunEntry[]> => {
    const world = answering();
    const { run, entries } = runOf({ playbook: example, hands: handsOf(world), person: person(), inputs });
    expect([resultOf(await run.done), messageOf(run.view()), world.sent]).toEqual(['ok', 'every step is done', changes]);
    return entries;
  };

  test('at whatever event it ended, the next one comes to the same end and sends no change twice', async () => {
    const entries = await full();
    expect(entries.length).toBeGreaterThan(20);
    // Who reads the record later sees the words that were chosen, not the name they have in the file.
    expect(entries.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ event: 'answer', answer: { kind: 'option', name: 'hung', label: 'Hangs or 5xx: restart it' } }),
    );
    for (let length = 0; length < entries.length; length += 1) {
      const prefix = entries.slice(0, length);
      // The hosts know every change whose intent is in the journal: the console ended behind its dispatch.
      const world = answering();
      for (const { event } of prefix) {
        if (event.event !== 'intent') continue;
        world.sent.push(...event.commands);
        world.done.set(event.actionId, well);
      }
      world.actions = 100;
      const { run } = runOf({ playbook: example, hands: handsOf(world), person: person(), inputs, before: prefix });
      const view = await run.done;
      expect([length, resultOf(view), messageOf(view), world.sent, view.debts]).toEqual([length, 'ok', 'every step is done', changes, []]);
      expect(run.memory.undos()).toEqual([]);
    }
  });

  test('a host that cannot tell what became of a change is a question, and what it may owe stays owed', async () => {
    const entries = await full();
    const at = entries.findIndex(({ event }) => event.event === 'intent' && event.key === 'depool');
    for (const lost of ['ask', null] as const) {
      const world = answering();
      world.lost = lost;
      const asked = person();
      const { run } = runOf({ playbook: example, hands: handsOf(world), person: asked, inputs, before: entries.slice(0, at + 1) });
      const view = await run.done;
      expect(asked.questions.map(({ kind }) => kind)).toContain('unknown');
      expect([resultOf(view), world.sent, view.debts.map(({ id }) => id)]).toEqual(['failed', [], ['depool']]);
    }
  });
});

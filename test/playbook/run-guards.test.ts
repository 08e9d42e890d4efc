import { describe, expect, test } from 'vitest';
import type { Question } from '../../src/playbook/run/question.ts';
import type { Prepared } from '../../src/playbook/run/hands.ts';
import { bad, gone, head, playbookOf, RecordedHands, RecordedWorld, runOf, said, ScriptedPerson } from './recorded-world.ts';
import { confirmed, failing, inverse, out, resultOf, see, walked, yaml } from './walked.ts';

const change = (more: string): string => `  - { id: more, run: change, host: web1, timeout: 5s, undo: none, why: w${more} }\n`;
const more = '  - { id: m, run: "change", host: web1, timeout: 5s';
const changed = '  - { id: conf, run: change, host: web1, timeout: 5s, undo: { run: restore } }\n';
const unread = '  - { id: before, when: "1 == 2", check: see, host: web1, save: before }\n';
const kinds = (person: ScriptedPerson): readonly string[] => person.questions.map(({ kind }) => kind);

/** A world in which changes of these words end so. */
function ending(words: string, ...ends: (typeof bad)[]): RecordedWorld {
  const world = new RecordedWorld();
  world.ends.set(words, ends);
  return world;
}

describe('a change', () => {
  test('that failed leaves nothing to take back, one that timed out does', async () => {
    for (const [end, undone] of [
      [bad, []],
      [{ ...bad, outcome: 'timeout' } as const, ['web1: restore']],
    ] as const) {
      const person = new ScriptedPerson({ 'failed conf': { kind: 'undo' } });
      const { world } = await walked(changed, ending('web1: change', end), { person });
      expect(world.sent.slice(1)).toEqual(undone);
    }
  });

  test('that timed out is not tried again by itself, unless its file says that this is safe', async () => {
    for (const [rerun, sent] of [
      ['ask', 1],
      ['safe', 3],
    ] as const) {
      const world = ending('web1: change', { ...bad, outcome: 'timeout' });
      await walked(change(`, rerun: ${rerun}, retry: { times: 2 }`), world, { person: confirmed() });
      expect([rerun, world.sent.length]).toEqual([rerun, sent]);
    }
  });

  test('whose end nobody saw is settled by the word of a person, and owes nothing when it did not happen', async () => {
    for (const [word, debts] of [
      ['ok', ['out']],
      ['failed', []],
    ] as const) {
      const person = new ScriptedPerson({
        'unknown out': { kind: 'happened', outcome: word, reason: 'I looked' },
        'failed out': { kind: 'skip', reason: 'never mind' },
      });
      const { world, view } = await walked(out, ending('pool.depool web web1', gone), { person });
      expect([world.settled, view.debts.map(({ id }) => id)]).toEqual([[`action-0 ${word}`], debts]);
    }
  });

  test('that is not made is told with its values filled in', async () => {
    class Running extends RecordedHands {
      override prepare(): Promise<Prepared> {
        return Promise.resolve({ kind: 'already', why: 'nginx already runs' });
      }
    }
    const start = `vars: { service: nginx }\nsteps:\n  - { id: up, do: service.start, with: { host: web1, service: "{{ service }}" } }\n`;
    const { view, result } = await walked(playbookOf(`${head}${start}`), undefined, { hands: new Running(new RecordedWorld()) });
    expect([result, view.steps.map(({ state, title, note }) => `${state} ${title}: ${note ?? ''}`)]).toEqual([
      'ok',
      ['already service.start web1 nginx: nginx already runs'],
    ]);
  });

  test('whose run was called off meanwhile is not asked about', async () => {
    const person = new ScriptedPerson();
    const { run } = runOf({
      playbook: yaml(changed),
      person,
      hands: new RecordedHands(ending('web1: change', gone), 'run', (words) => {
        if (words === 'web1: change') run.abort('enough');
      }),
    });
    await run.done;
    expect(kinds(person)).toEqual(['go', 'undo']);
  });

  test('that a person skips is not sent, and pays no debt', async () => {
    const person = new ScriptedPerson({ 'go back': { kind: 'skip', reason: 'later' } });
    const page = `${out}  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out }\n`;
    const { result, world, state, view } = await walked(page, new RecordedWorld(), { person });
    expect([result, world.sent, state('back'), view.debts.length]).toEqual(['failed', ['pool.depool web web1'], 'skipped', 1]);
  });

  test('is stopped before by a person who leaves what was done', async () => {
    const person = new ScriptedPerson({ 'go more': { kind: 'stop' } });
    const { result, world } = await walked(out + change(''), new RecordedWorld(), { person });
    expect([result, world.sent, kinds(person)]).toEqual(['failed', ['pool.depool web web1'], ['go', 'go']]);
  });

  test('that is dangerous, by its file or by its plan, wants a word typed', async () => {
    const words = async (more: string, world = new RecordedWorld()): Promise<unknown> => {
      const person = new ScriptedPerson();
      await walked(change(more), world, { person });
      return person.questions.flatMap((question: Question) => (question.kind === 'go' ? [question.risk, question.word] : []));
    };
    const planned = new RecordedWorld();
    planned.dangers.add('web1: change');
    expect([await words(''), await words(', risk: danger'), await words('', planned)]).toEqual([
      ['change', null],
      ['danger', 'web1'],
      ['danger', 'web1'],
    ]);
  });

  test('is there already only where its probe says so: who cannot be asked has not said it', async () => {
    const world = (found: Parameters<RecordedWorld['probes']['set']>[1]): RecordedWorld => {
      const made = new RecordedWorld();
      made.probes.set('port 80', found);
      return made;
    };
    const page = change(', skip_if: { port: 80 }');
    expect((await walked(page, world(said('open')))).world.sent).toEqual([]);
    for (const found of [said('', 1), { kind: 'unreachable', why: 'no route' }, { kind: 'timeout', why: 'late' }] as const)
      expect((await walked(page, world(found))).world.sent).toEqual(['web1: change']);
  });

  test.each([
    ['its command', `${unread}  - { id: m, run: "change {{ before.out }}", host: web1, timeout: 5s, undo: none, why: w }\n`],
    ['its action', `${unread}  - { id: m, do: pool.depool, with: { pool: web, node: "{{ before.out }}" } }\n`],
    ['its undo', `${unread}  - { id: m, run: change, host: web1, timeout: 5s, undo: { run: "restore {{ before.out }}" } }\n`],
    [
      'the action of its undo',
      `${unread}  - { id: m, run: change, host: web1, timeout: 5s, undo: { do: pool.repool, with: { pool: web, node: "{{ before.out }}" } } }\n`,
    ],
  ])('is not sent while a value of %s is not known', async (_, page) => {
    const { result, world, message } = await walked(page);
    expect([result, world.sent, message]).toEqual(['failed', [], expect.stringMatching(/not known/)]);
  });

  test.each([
    ['an action', '  - { id: m, do: custom.wipe, with: { host: web1, tag: "{{ key }}" } }\n'],
    ['the list of an action', '  - { id: m, do: custom.wipe, with: { host: web1, tags: ["{{ key }}"] } }\n'],
    ['the action of its undo', `${more}, undo: { do: custom.wipe, with: { host: web1, tag: "{{ key }}" } } }\n`],
    ['a longer word of its command', `${more.replace('change', 'change {{ long }}')}, undo: none, why: w }\n`],
    ['a longer word of its undo', `${more}, undo: { run: "restore {{ long }}" } }\n`],
    ['what was said before', `  - { id: s, check: see, host: web1, save: s }\n  - { id: look, check: "look {{ s.out }}", host: web1 }\n`],
  ])('is not sent where %s would hold a secret', async (_, page) => {
    const world = new RecordedWorld();
    world.probes.set('see', said("it is x'hunter2, is it"));
    const whole = yaml(page, 'inputs: { key: { type: secret } }\nvars: { long: "pre-{{ key }}" }\n');
    const ended = await walked(whole, world, { inputs: { key: "x'hunter2" } });
    expect([ended.result, ended.world.sent, ended.message]).toEqual([
      'failed',
      [],
      expect.stringMatching(/^(m|look): .*secret.*command line/),
    ]);
    expect(world.asked.some((words) => words.includes('look'))).toBe(false);
    expect(JSON.stringify([ended.entries, ended.view])).not.toContain('hunter2');
  });

  test('without an inverse of its own is not taken back by one', async () => {
    const page = '  - { id: m, do: service.restart, with: { host: web1, service: s }, undo: auto }\n';
    const { result, world } = await walked(page + see('undo'), failing());
    expect([result, world.sent.length]).toEqual(['aborted', 1]);
  });
});

describe('evidence', () => {
  const look = (more: string): string => `  - { id: look, check: see, host: web1, save: it, on_fail: continue, evidence: ${more} }\n`;
  const long = `first\n${'x'.repeat(5000)}`;

  test('that is required and is not there fails the step, whatever its exit says', async () => {
    for (const [told, state] of [
      [said(''), 'failed'],
      [said('seen'), 'ok'],
    ] as const) {
      const world = new RecordedWorld();
      world.probes.set('see', told);
      expect((await walked(look('required'), world)).state('look')).toBe(state);
    }
  });

  test('is kept in lines that a screen can show, and what a step saves as a whole; none is kept where the page says so', async () => {
    for (const [kept, lines] of [
      ['keep', ['first', `${'x'.repeat(400)}… (5000 characters)`]],
      ['none', []],
    ] as const) {
      const world = new RecordedWorld();
      world.probes.set('see', said(long));
      const { entries } = await walked(look(kept), world);
      const end = entries.find(({ event }) => event.event === 'outcome')?.event;
      expect(end).toMatchObject({ evidence: lines, saved: { out: long } });
    }
  });
});

describe('taking back', () => {
  test('leaves what is dangerous to a person, where nobody is there', async () => {
    const world = failing();
    world.dangers.add(inverse);
    const { result, message } = await walked(out + see('undo'), world, { person: confirmed() });
    expect([result, world.sent, message]).toEqual(['undo_failed', ['pool.depool web web1'], expect.stringContaining('left as it is')]);
  });

  test('ends with the console that leaves, and what failed can be taken back still', async () => {
    const world = failing();
    const { run } = runOf({
      playbook: yaml(out + changed + see('undo')),
      hands: new RecordedHands(world, 'run', (words) => {
        if (words.endsWith('restore')) run.leave();
      }),
    });
    expect([resultOf(await run.done), world.sent.at(-1)]).toEqual(['paused', 'web1: restore']);
    const no = failing();
    no.ends.set('web1: restore', bad);
    const ended = runOf({ playbook: yaml(changed + see('undo')), hands: new RecordedHands(no) });
    await ended.run.done;
    expect(ended.run.memory.undos().map(({ key }) => key)).toEqual(['conf']);
  });

  test('runs no command that was kept without its secret', async () => {
    const frozen = { kind: 'run', host: 'web1', command: 'restore •••', timeoutMs: 1 } as const;
    const push = { event: { event: 'undo-push', key: 'conf', title: 'conf', undo: frozen }, who: 'ann@desk', at: 0 } as const;
    const { result, world, message } = await walked(see('undo'), failing(), { before: [push] });
    const why = expect.stringContaining('could not be taken back: conf (it needs a secret that was not kept');
    expect([result, world.sent, message]).toEqual(['undo_failed', [], why]);
  });

  test('of what a person did by hand is owed too', async () => {
    const done = new ScriptedPerson({ 'manual m': { kind: 'done' } });
    const page = '  - { id: m, manual: "Unplug it", temporary: true }\n';
    const { result, view } = await walked(page, new RecordedWorld(), { person: done });
    expect([result, view.debts.map(({ what }) => what)]).toEqual(['failed', ['Unplug it']]);
  });

  test('in the last steps pays what is owed', async () => {
    const page = yaml(out, 'finally:\n  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out }\n');
    expect((await walked(page)).result).toBe('ok');
    const stop = yaml('  - { id: t, tell: t }\n', 'finally:\n  - { id: s, stop: "all is well", result: ok }\n');
    expect((await walked(stop)).result).toBe('ok');
  });
});

describe('a look', () => {
  const wait = (more: string): string => `  - { id: w, wait: see, host: web1, every: 5s, timeout: 12s${more}, on_fail: stop }\n`;
  const seen = (...found: ReturnType<typeof said>[]): RecordedWorld => {
    const world = new RecordedWorld();
    world.probes.set('see', found);
    return world;
  };

  test('that was cut short by the end of the run found nothing', async () => {
    const world = new RecordedWorld();
    const { run, entries } = runOf({
      playbook: yaml(see('stop')),
      hands: new RecordedHands(world, 'run', () => run.abort('enough')),
    });
    await run.done;
    expect(entries.map(({ event }) => event.event)).toEqual(['locks', 'abort', 'close']);
  });

  test('that waits must hold from when it held last', async () => {
    const [yes, no] = [said('up'), said('', 1)];
    expect((await walked(wait(', hold: 8s'), seen(yes, no, yes))).state('w')).toBe('timeout');
    expect((await walked(wait(', hold: 8s'), seen(no, yes, yes, yes))).state('w')).toBe('timeout');
    expect((await walked(wait(', hold: 8s'), seen(yes, yes, yes))).state('w')).toBe('ok');
  });

  test('that waits is over with its time, however seldom it asks, and says who could not be reached', async () => {
    const world = failing();
    const { state } = await walked('  - { id: w, wait: see, host: web1, every: 5m, timeout: 12s, on_fail: stop }\n', world);
    expect([state('w'), world.now]).toEqual(['timeout', 1_012_000]);
    const away = new RecordedWorld();
    away.probes.set('see', { kind: 'unreachable', why: 'no route' });
    expect((await walked(wait(''), away)).state('w')).toBe('unreachable');
  });

  test('whose condition cannot be evaluated has failed', async () => {
    expect((await walked('  - { id: w, check: see, host: web1, expect: "number(out) > 1", on_fail: stop }\n')).state('w')).toBe('failed');
  });

  test('that nobody could answer leaves open what it would have said', async () => {
    const away = new RecordedWorld();
    away.probes.set('see', { kind: 'unreachable', why: 'no route' });
    const page = `  - { id: w, check: see, host: web1, save: w, on_fail: continue }\n${change(', when: "w.healthy > 1"')}`;
    const { result, world, message } = await walked(page, away, { person: confirmed() });
    expect([result, world.sent, message]).toEqual(['failed', [], expect.stringContaining('w.healthy is not known')]);
  });
});

describe('what is not known is never guessed', () => {
  test.each([
    ['a when', `${unread}${change(', when: "before.exit == 0"')}`],
    ['a sleep', `${unread}  - { id: s, sleep: "{{ before.out }}" }\n${change('')}`],
  ])('as %s', async (_, page) => {
    const { result, world } = await walked(page, new RecordedWorld(), { person: confirmed() });
    expect([result, world.sent]).toEqual(['failed', []]);
  });
});

describe('a playbook played inside', () => {
  const plays = yaml('  - { id: p, play: y }\n');
  const other = (steps: string, more = '') => [{ ...yaml(steps, more), id: 'y' }];
  const clean =
    'lock: ["node:web1"]\nfinally:\n  - { id: clean, run: clean, host: web1, timeout: 5s, undo: none, why: w, on_fail: stop }\n';

  test('whose last steps failed has failed', async () => {
    const { result, message } = await walked(plays, ending('web1: clean', bad), { others: other('  - { tell: t }\n', clean) });
    expect([result, message]).toEqual(['failed', expect.stringMatching(/^the last steps of y: .*it failed/)]);
  });

  test('records its locks when it has them and when it has given them back, and keeps them for who takes the run up', async () => {
    const { entries, world } = await walked(plays, new RecordedWorld(), { others: other('  - { tell: t }\n', clean) });
    expect([entries.filter(({ event }) => event.event === 'locks').length, world.locks]).toEqual([3, ['+node:web1', '-node:web1']]);
    const left = new RecordedWorld();
    const { run } = runOf({
      playbook: plays,
      others: other('  - { tell: t }\n', clean),
      hands: new RecordedHands(left, 'run', () => run.leave()),
    });
    expect([resultOf(await run.done), left.locks]).toEqual(['paused', ['+node:web1', 'left: in the middle']]);
  });

  test('ends the run when it takes longer than it may', async () => {
    const person = new ScriptedPerson();
    Object.assign(person, { ask: (_: Question, signal: AbortSignal) => new Promise((_done, no) => signal.addEventListener('abort', no)) });
    const steps = other(change(''), 'limits: { timeout: 100ms }\n');
    const { result, message } = await walked(plays, new RecordedWorld(), { others: steps, person });
    expect([result, message]).toEqual(['aborted', 'y took longer than 100ms']);
  });
});

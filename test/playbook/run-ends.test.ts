import { describe, expect, test } from 'vitest';
import type { Playbook } from '../../src/playbook/playbook.ts';
import type { Answer } from '../../src/playbook/run/question.ts';
import { bad, RecordedHands, RecordedWorld, runOf, ScriptedPerson, well } from './recorded-world.ts';
import { alone, confirmed, failing, inverse, messageOf, out, resultOf, see, walked, yaml } from './walked.ts';

const changed = '  - { id: conf, run: change, host: web1, timeout: 5s, undo: { run: restore } }\n';
const left = (...keys: string[]): Record<string, Answer> =>
  Object.fromEntries(keys.map((key): [string, Answer] => [`undo ${key}`, { kind: 'skip', reason: 'later' }]));

describe('what becomes of what was done when a run ends before its end', () => {
  test('a failure offers each undo to a person, who may leave it', async () => {
    const taken = await walked(out + changed + see('stop'), failing());
    expect([taken.result, taken.world.sent.slice(2), taken.view.debts]).toEqual(['undone', ['web1: restore', inverse], []]);
    const part = await walked(out + changed + see('stop'), failing(), { person: new ScriptedPerson(left('out')) });
    expect([part.result, part.world.sent.slice(2), part.view.debts.map(({ id }) => id)]).toEqual(['failed', ['web1: restore'], ['out']]);
    expect(part.message).toMatch(/^look: .*left as it is: pool\.depool web web1$/);
  });

  test('without a person a failure takes nothing back, and says what is left', async () => {
    const { result, message, world, view } = await walked(out + changed + see('stop'), failing(), { person: alone() });
    // A change is confirmed by a person, so nothing was sent at all.
    expect([result, world.sent, view.debts, message]).toEqual(['failed', [], [], expect.stringContaining('nobody is there')]);
    const gone = await walked(out + changed + see('stop'), failing(), { person: confirmed() });
    expect([gone.result, gone.world.sent, gone.view.debts.map(({ id }) => id)]).toEqual([
      'failed',
      ['pool.depool web web1', 'web1: change'],
      ['out'],
    ]);
    expect(gone.message).toMatch(/not taken back: web1: change; pool\.depool web web1$/);
  });

  test('what a failed change did all the same is taken back, or owed, as if it had gone well', async () => {
    const half = new RecordedWorld();
    half.ends.set('pool.depool web web1', { ...bad, changed: true });
    const stopped = await walked(out.replace(' }\n', ', on_fail: stop }\n'), half, { person: confirmed() });
    expect([stopped.result, stopped.view.debts.map(({ id }) => id)]).toEqual(['failed', ['out']]);
    expect(stopped.message).toMatch(/not taken back: pool\.depool web web1$/);
    const undone = await walked(out.replace(' }\n', ', on_fail: undo }\n'), half, { person: confirmed() });
    expect([undone.result, undone.world.sent.at(-1), undone.view.debts]).toEqual(['undone', inverse, []]);
  });

  test('an escalation leaves what whoever takes over must find', async () => {
    const { result, world, view, message } = await walked(out + see('{ stop: "call Ann", result: escalated }'), failing());
    expect([result, world.sent, view.debts.map(({ id }) => id)]).toEqual(['escalated', ['pool.depool web web1'], ['out']]);
    expect(message).toBe('call Ann; not taken back: pool.depool web web1');
  });

  test('a person who says stop where undo stood beside it is not asked again', async () => {
    const person = new ScriptedPerson({ 'failed look': { kind: 'stop' } });
    const { result, world } = await walked(out + see('ask'), failing(), { person });
    expect([result, world.sent]).toEqual(['failed', ['pool.depool web web1']]);
    expect(person.questions.map(({ kind }) => kind)).not.toContain('undo');
  });

  test('on_fail: undo is the file’s word and needs nobody, but for what only a person may do', async () => {
    const whole = await walked(out + changed + see('undo'), failing(), { person: confirmed() });
    expect([whole.result, whole.world.sent.slice(2), whole.view.debts]).toEqual(['undone', ['web1: restore', inverse], []]);
    const byHand = out + changed.replace('{ run: restore }', '{ manual: "put it back" }');
    const part = await walked(byHand + see('undo'), failing(), { person: confirmed() });
    expect([part.result, part.world.sent.slice(2), part.message]).toEqual([
      'undo_failed',
      [inverse],
      expect.stringContaining('left as it is: web1: change'),
    ]);
    const past = await walked(`${out}  - { no_return: "gone" }\n${see('undo')}`, failing(), { person: confirmed() });
    expect([past.result, past.world.sent, past.view.debts.map(({ id }) => id)]).toEqual(['undo_failed', ['pool.depool web web1'], ['out']]);
  });

  test.each(['failed', 'go'] as const)(
    'an undo answered beforehand at a %s question is a person’s word, and needs nobody there',
    async (asked) => {
      const person = (): ScriptedPerson =>
        new ScriptedPerson({}, false, (question) => {
          if (question.kind === asked && question.address === 'look') return { kind: 'undo' };
          return question.kind === 'go' ? { kind: 'go' } : null;
        });
      const last = asked === 'failed' ? see('ask') : changed.replace('conf', 'look').replace('change', 'more');
      const whole = await walked(out + changed + last, failing(), { person: person() });
      expect([whole.result, whole.world.sent.slice(2), whole.view.debts]).toEqual(['undone', ['web1: restore', inverse], []]);
      // A console that takes it up goes on taking it back, without anybody either.
      const at = whole.entries.findIndex(({ event }) => event.event === 'undoing');
      const later = new RecordedWorld();
      later.actions = 9;
      const again = await walked(out + changed + last, later, { person: alone(), before: whole.entries.slice(0, at + 1) });
      expect([again.result, again.world.sent]).toEqual(['undone', ['web1: restore', 'inverse of action-0']]);
      const byHand = out + changed.replace('{ run: restore }', '{ manual: "put it back" }');
      const part = await walked(byHand + last, failing(), { person: person() });
      expect([part.result, part.world.sent.slice(2)]).toEqual(['undo_failed', [inverse]]);
    },
  );

  test('an undo that had been sent when its console ended is adopted, not sent again', async () => {
    const full = await walked(out + changed + see('undo'), failing());
    for (const [at, { event }] of full.entries.entries()) {
      if (event.event !== 'undo-start' || event.actionId === null) continue;
      const world = new RecordedWorld();
      world.done.set(event.actionId, well);
      const again = await walked(out + changed + see('undo'), world, { before: full.entries.slice(0, at + 1) });
      expect([event.key, again.result, again.world.sent]).toEqual([
        event.key,
        'undone',
        event.key === 'out' ? [] : ['inverse of action-0'],
      ]);
    }
    expect(full.entries.filter(({ event }) => event.event === 'undo-start')).toHaveLength(2);
  });

  test('an undo whose end nobody saw is a person’s to tell, and is never sent again by itself', async () => {
    const full = await walked(out + see('undo'), failing());
    const at = full.entries.findIndex(({ event }) => event.event === 'undo-start');
    for (const [lost, word, result] of [
      ['ask', 'ok', 'undone'],
      ['ask', 'failed', 'undo_failed'],
      [null, 'unknown', 'undo_failed'],
    ] as const) {
      const world = new RecordedWorld();
      world.lost = lost;
      const { event } = full.entries[at] ?? { event: { event: 'pause' } };
      const id = event.event === 'undo-start' ? (event.actionId ?? '') : '';
      const person = new ScriptedPerson({ 'unknown out': { kind: 'happened', outcome: word, reason: 'I looked' } });
      const again = await walked(out + see('undo'), world, { before: full.entries.slice(0, at + 1), person });
      expect([id !== '', again.result, again.world.sent]).toEqual([true, result, []]);
    }
  });
});

describe('the last steps', () => {
  const last =
    'finally:\n  - { id: last, tell: "the last word" }\n  - { id: clean, run: clean, host: web1, timeout: 5s, undo: none, why: w }\n';
  const page = (steps: string): Playbook => yaml(steps, last);

  test.each([
    ['a good end', out.replace(' }\n', ', leave: "until Monday" }\n'), 'ok'],
    ['a failure', out + see('stop'), 'undone'],
    ['an escalation', out + see('{ stop: s, result: escalated }'), 'escalated'],
    ['an undo', out + see('undo'), 'undone'],
    ['a fault of the page', `${out}  - { tell: "{{ nothing }}" }\n`, 'undone'],
  ])('are done after %s', async (_, steps, result) => {
    const { result: found, world } = await walked(page(steps), failing());
    expect([found, world.told, world.sent.at(-1)]).toEqual([result, ['the last word'], 'web1: clean']);
  });

  test('are done after the run was called off, and a second call ends them too', async () => {
    const off = async (second: boolean) => {
      const world = new RecordedWorld();
      const { run } = runOf({
        playbook: yaml(out, `${last}  - { id: after, tell: after }\n`),
        hands: new RecordedHands(world, 'run', (words) => {
          if (words.startsWith('pool.depool') || (second && words.endsWith('clean'))) run.abort('enough');
        }),
      });
      return { view: await run.done, world };
    };
    const once = await off(false);
    expect([resultOf(once.view), once.world.sent, once.world.told]).toEqual([
      'undone',
      ['pool.depool web web1', inverse, 'web1: clean'],
      ['the last word', 'after'],
    ]);
    const twice = await off(true);
    expect([resultOf(twice.view), twice.world.told, messageOf(twice.view)]).toEqual([
      'undone',
      ['the last word'],
      expect.stringMatching(/the last steps: enough/),
    ]);
  });

  test('end with the console that leaves, and are taken up again', async () => {
    const world = new RecordedWorld();
    const { run, entries } = runOf({
      playbook: page(out + see('stop')),
      hands: new RecordedHands(failing(), 'run', (words) => {
        if (words.endsWith('clean')) run.leave();
      }),
    });
    expect(resultOf(await run.done)).toBe('paused');
    for (let end = entries.findIndex(({ event }) => event.event === 'ending') + 1; end <= entries.length; end += 1) {
      for (const { event } of entries.slice(0, end)) if (event.event === 'intent') world.done.set(event.actionId, well);
      const again = await walked(page(out + see('stop')), world, { before: entries.slice(0, end) });
      expect([end, again.result, again.world.sent.filter((words) => words !== 'web1: clean')]).toEqual([end, 'undone', []]);
    }
  });

  test('that fail make a good end a failure, and leave any other as it was', async () => {
    const world = new RecordedWorld();
    world.ends.set('web1: clean', bad);
    expect((await walked(page('  - { tell: x }\n'), world)).result).toBe('failed');
    const escalated = await walked(page('  - { stop: s, result: escalated }\n'), world);
    expect([escalated.result, escalated.message]).toEqual(['escalated', expect.stringContaining('the last steps: clean: it failed')]);
  });
});

describe('a step that is taken up', () => {
  test('goes on counting its tries where the console before was', async () => {
    const steps = '  - { id: look, check: see, host: web1, retry: { times: 2, wait: 1s }, on_fail: continue }\n';
    const full = await walked(steps, failing());
    expect(full.world.asked).toHaveLength(3);
    const ends = full.entries.flatMap(({ event }, at) => (event.event === 'outcome' ? [at + 1] : []));
    for (const [done, end] of ends.entries()) {
      const again = await walked(steps, failing(), { before: full.entries.slice(0, end) });
      expect([done, again.world.asked.length]).toEqual([done, 2 - done]);
    }
  });

  test('keeps on which host its debt is', async () => {
    const full = await walked(out + see('stop'), failing());
    const at = full.entries.findIndex(({ event }) => event.event === 'intent');
    const { event } = full.entries[at] ?? { event: { event: 'pause' } };
    const world = failing();
    if (event.event === 'intent') world.done.set(event.actionId, well);
    const person = new ScriptedPerson(left('out'));
    const again = await walked(out + see('stop'), world, { before: full.entries.slice(0, at + 1), person });
    expect(again.view.debts.map(({ hostId }) => hostId)).toEqual(['web1']);
  });

  test('whose answer was "could not" is asked again when it is tried again', async () => {
    let turn = 0;
    const person = new ScriptedPerson({ 'failed m': { kind: 'retry' } }, true, (question) => {
      if (question.kind !== 'manual') return null;
      turn += 1;
      return turn === 1 ? { kind: 'could-not', reason: 'locked out' } : { kind: 'done' };
    });
    expect([(await walked('  - { id: m, manual: "press the button" }\n', new RecordedWorld(), { person })).result, turn]).toEqual([
      'ok',
      2,
    ]);
  });
});

describe('the last steps', () => {
  const last = (id: string, more = ''): string => `  - { id: ${id}, run: ${id}, host: web1, timeout: 5s, undo: none, why: w${more} }\n`;
  const page = yaml('  - { tell: begun }\n', `finally:\n${last('one')}${last('two')}${last('three')}`);

  test('are each tried, whatever the one before said, and the end names those that failed', async () => {
    const world = new RecordedWorld();
    world.ends.set('web1: one', bad);
    world.ends.set('web1: three', bad);
    const { result, message } = await walked(page, world, { person: confirmed() });
    expect([result, message, world.sent]).toEqual([
      'failed',
      'the last steps: one: it failed; three: it failed',
      ['web1: one', 'web1: two', 'web1: three'],
    ]);
  });

  test('end where the person who is there says so', async () => {
    const world = new RecordedWorld();
    world.ends.set('web1: one', bad);
    const { result, message } = await walked(page, world, { person: new ScriptedPerson({ 'failed one': { kind: 'stop' } }) });
    expect([result, message, world.sent]).toEqual(['failed', 'the last steps: one: it failed', ['web1: one']]);
  });

  test('end where the page stops, well or not', async () => {
    for (const [end, told] of [
      ['ok', 'ok'],
      ['failed', 'failed'],
    ] as const) {
      const world = new RecordedWorld();
      const stopping = yaml('  - { tell: begun }\n', `finally:\n  - { stop: enough, result: ${end} }\n${last('two')}`);
      const { result } = await walked(stopping, world, { person: confirmed() });
      expect([result, world.sent]).toEqual([told, []]);
    }
  });
});

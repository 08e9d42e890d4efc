import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/playbook/run/question.ts';
import { bad, RecordedWorld, said, ScriptedPerson, well } from './recorded-world.ts';
import { alone, confirmed, failing, walked } from './walked.ts';

describe('a loop with failures', () => {
  const loop = (more: string, flags = ''): string =>
    `  - id: all\n    each: { var: h, in: nodes, confirm: never, stop_after: 9 }\n${flags}    steps:\n      - { id: first, run: first, host: "{{ h }}", timeout: 5s, undo: none, why: w }\n      - { id: one, check: see, host: "{{ h }}"${more} }\n  - { id: next, tell: next }\n`;
  const inputs = { nodes: ['web1', 'web2', 'web3'] };
  const lost = (...hosts: string[]): RecordedWorld => {
    const world = new RecordedWorld();
    for (const host of hosts) world.probes.set(`${host} see`, host === 'web1' ? said('', 1) : { kind: 'unreachable', why: 'no route' });
    return world;
  };
  const skips = (more: Record<string, Answer> = {}): ScriptedPerson =>
    new ScriptedPerson({
      'failed all#web1/one': { kind: 'skip', reason: 'later' },
      'failed all#web3/one': { kind: 'skip', reason: 'later' },
      ...more,
    });

  test('goes on to its end below the limit, and then has failed with the count and the names', async () => {
    const { result, message, world, state } = await walked(loop(''), lost('web1', 'web3'), { inputs, person: skips() });
    expect([result, state('all'), world.told, world.sent]).toEqual(['failed', 'failed', [], ['web1: first', 'web2: first', 'web3: first']]);
    expect(message).toMatch(/2 of 3 failed: web1 \(.*\), web3 \(unreachable: no route\)/);
  });

  test('goes where the loop’s own on_fail says', async () => {
    const on = async (flag: string): Promise<[string, string[]]> => {
      const { result, world } = await walked(loop('', `    on_fail: ${flag}\n`), lost('web1'), { inputs, person: skips() });
      return [result, world.told];
    };
    expect(await on('continue')).toEqual(['ok', ['next']]);
    expect(await on('{ stop: s, result: escalated }')).toEqual(['escalated', []]);
    expect(await on('[{ tell: handled }]')).toEqual(['ok', ['handled', 'next']]);
  });

  test('is tried again only for its failed items, each from the step that failed', async () => {
    const world = lost();
    world.probes.set('web1 see', [said('', 1), said('')]);
    const { result, entries } = await walked(loop(''), world, { inputs, person: skips({ 'failed all': { kind: 'retry' } }) });
    expect([result, world.asked, world.sent]).toEqual([
      'ok',
      ['web1 see', 'web2 see', 'web3 see', 'web1 see'],
      ['web1: first', 'web2: first', 'web3: first'],
    ]);
    // A console that takes it up anywhere comes to the same end, and does nothing twice.
    for (let end = 0; end < entries.length; end += 1) {
      const later = lost();
      for (const { event } of entries.slice(0, end)) {
        if (event.event !== 'intent') continue;
        later.sent.push(...event.commands);
        later.done.set(event.actionId, well);
      }
      later.actions = 100;
      const again = await walked(loop(''), later, {
        inputs,
        person: skips({ 'failed all': { kind: 'retry' } }),
        before: entries.slice(0, end),
      });
      expect([end, again.result, later.sent]).toEqual([end, 'ok', ['web1: first', 'web2: first', 'web3: first']]);
    }
  });

  test('offers no second try where no failed step may be tried again', async () => {
    const world = new RecordedWorld();
    world.ends.set('web1: first', bad);
    const person = new ScriptedPerson({ 'failed all#web1/first': { kind: 'skip', reason: 'later' } });
    await walked(loop('').replace('undo: none', 'rerun: never, undo: none'), world, { inputs, person });
    const question = person.questions.find((each) => each.kind === 'failed' && each.address === 'all');
    expect(question?.kind === 'failed' ? question.may : null).toEqual(['skip', 'undo', 'stop']);
  });

  test('stops without a person', async () => {
    const person = confirmed();
    const { result, message, world } = await walked(loop(''), lost('web1', 'web3'), { inputs, person });
    expect([result, message, world.told]).toEqual(['failed', expect.stringMatching(/^all: 2 of 3 failed: web1 .*web3/), []]);
    expect(world.asked).toEqual(['web1 see', 'web2 see', 'web3 see']);
  });
});

describe('signatures', () => {
  const page = '  - { id: boss, approve: "Really?", count: 2, timeout: 1m }\n  - { id: after, tell: after }\n';

  test('are waited for, each counts once and from when it was seen, also for a console that takes the run up', async () => {
    const world = new RecordedWorld();
    world.signers = [[], ['bob@a (uid 1)', 'bob@a (uid 1)'], ['bob@a (uid 1)'], ['cid@b (uid 2)']];
    const full = await walked(page, world, { person: alone() });
    expect([full.result, full.view.steps[0]?.note]).toEqual(['ok', 'approved by bob@a (uid 1), cid@b (uid 2)']);
    const at = full.entries.findIndex(({ event }) => event.event === 'answer');
    const later = new RecordedWorld();
    later.signers = [['cid@b (uid 2)']];
    expect((await walked(page, later, { person: alone(), before: full.entries.slice(0, at + 1) })).result).toBe('ok');
  });

  test('that do not come in time fail the step, and a typed name is none', async () => {
    const world = new RecordedWorld();
    world.signers = [['bob@a (uid 1)']];
    const person = new ScriptedPerson({ 'approve boss': { kind: 'approve', who: 'cid' }, 'failed boss': { kind: 'stop' } });
    const { result, message, state } = await walked(page, world, { person });
    expect([result, state('boss'), message]).toEqual(['failed', 'timeout', 'boss: 1 of 2 signed in time']);
  });

  test('are given up by the person at the console, in other words than a no of somebody else', async () => {
    const world = new RecordedWorld();
    world.signers = [[]];
    const person = new ScriptedPerson({ 'approve boss': { kind: 'reject', reason: 'not today' }, 'failed boss': { kind: 'stop' } });
    expect((await walked(page, world, { person })).message).toBe('boss: given up here: not today');
  });

  test('that can only be a name are recorded as such', async () => {
    const person = new ScriptedPerson({ 'approve boss': { kind: 'approve', who: 'bob' } });
    const one = page.replace(', count: 2', '');
    const { view } = await walked(one, new RecordedWorld(), { person });
    expect(view.steps[0]?.note).toBe('named, not verified: bob');
  });
});

test('a wait that says "every: 0s" asks five times a second at most', async () => {
  const world = failing();
  await walked('  - { wait: see, host: web1, every: 0s, timeout: 2s, on_fail: continue }\n', world);
  expect(world.asked).toHaveLength(11);
});

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RunEntry } from '../../src/playbook/run/events.ts';
import { Masking } from '../../src/playbook/run/masking.ts';
import { Memory } from '../../src/playbook/run/memory.ts';
import type { Answer } from '../../src/playbook/run/question.ts';
import { Run } from '../../src/playbook/run/run.ts';
import { shq } from '../../src/remote/quote.ts';
import { RecordedHands, RecordedWorld, runOf, ScriptedPerson } from './recorded-world.ts';
import { alone, out, resultOf, walked, yaml } from './walked.ts';

const change = (more: string): string => `  - { id: more, run: change, host: web1, timeout: 5s, undo: none, why: w${more} }\n`;

describe('signatures', () => {
  test('that are waited for are told after three minutes, as any question', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const world = new RecordedWorld();
    world.signers = [[]];
    const hands = new RecordedHands(world);
    Object.assign(hands, { sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) });
    const never = new ScriptedPerson();
    Object.assign(never, { ask: () => new Promise(() => {}) });
    const { run } = runOf({ playbook: yaml('  - { id: boss, approve: "Really?" }\n'), hands, person: never });
    await vi.advanceTimersByTimeAsync(170_000);
    expect(world.nudged).toEqual([expect.stringContaining('quarterdeck approve')]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(world.nudged).toEqual([expect.anything(), 'X: Really?']);
    run.leave();
    await vi.advanceTimersByTimeAsync(5000);
  });

  test('are withdrawn once they are complete, and asked for anew while they are not', async () => {
    const [asked, settled]: [number[], number[]] = [[], []];
    const world = new RecordedWorld();
    const hands = new RecordedHands(world);
    const signing = () => ({
      hash: 'ab'.repeat(32),
      ask: () => Promise.resolve((asked.push(world.now), null)),
      look: () => Promise.resolve({ signers: world.now < 1_700_000 ? [] : ['bob@a (uid 1)'], declined: null }),
      settle: () => Promise.resolve(void settled.push(world.now)),
    });
    Object.defineProperty(hands, 'signing', { value: signing });
    const { run } = runOf({ playbook: yaml('  - { id: boss, approve: "Really?" }\n'), hands, person: alone() });
    expect([resultOf(await run.done), asked.length, settled.length]).toEqual(['ok', 3, 1]);
  });

  test('that are only names are neither the operator’s own nor one twice', async () => {
    const page = '  - { id: boss, approve: "Really?", count: 2, on_fail: stop }\n';
    const names = (...who: string[]): ScriptedPerson =>
      new ScriptedPerson({}, true, (question): Answer | null =>
        question.kind === 'approve' ? { kind: 'approve', who: who.shift() ?? '' } : null,
      );
    const before = [{ event: { event: 'handover', from: 'x', console: {} }, who: 'ann@desk', at: 0 }] as const;
    for (const [who, result] of [
      [['bob', 'cid'], 'ok'],
      [['bob', 'bob'], 'failed'],
      [['bob', 'ann@desk'], 'failed'],
      [['bob', ''], 'failed'],
    ] as const)
      expect([who, (await walked(page, new RecordedWorld(), { person: names(...who), before })).result]).toEqual([who, result]);
  });
});

describe('a run', () => {
  test('stands still when its journal cannot be written, and has sent nothing that is not in it', async () => {
    for (let good = 0; good < 6; good += 1) {
      const world = new RecordedWorld();
      const kept: string[] = [];
      const run = new Run({
        id: 'run-1',
        playbook: yaml(out + change('')),
        others: new Map(),
        inputs: {},
        secrets: [],
        reason: null,
        hands: new RecordedHands(world),
        person: new ScriptedPerson(),
        memory: new Memory(),
        write: (event) => {
          if (kept.length >= good) throw new Error('the disk is full');
          kept.push(event.event);
          return { event, who: 'ann@desk', at: 0 };
        },
      });
      const { phase } = await run.done;
      expect([good, phase.phase, world.sent.length]).toEqual([good, 'paused', kept.filter((event) => event === 'intent').length]);
    }
  });

  test('that is paused is ended by a call to end, and gives its locks back', async () => {
    const released: unknown[] = [];
    const hands = new RecordedHands(new RecordedWorld(), 'run', () => run.pause());
    Object.assign(hands, { release: (locks?: unknown) => Promise.resolve(void released.push(locks)) });
    const { run } = runOf({ playbook: yaml(out + change('')), hands });
    setTimeout(() => run.abort('enough'), 30);
    expect([resultOf(await run.done), released]).toEqual(['undone', [undefined]]);
  });

  test('that begins under somebody’s lock fails, one that is taken up stands still', async () => {
    const page = yaml(change(''), 'lock: ["node:web1"]\n');
    const world = new RecordedWorld();
    world.holders.set('node:web1', 'bob');
    const begun = await walked(page, world);
    expect([begun.result, begun.message]).toEqual(['failed', 'bob holds node:web1']);
    const before: RunEntry[] = [{ event: { event: 'locks', locks: [], tokens: {} }, who: 'ann@desk', at: 0 }];
    expect((await walked(page, world, { before })).result).toBe('paused');
  });

  test('hides every secret that was typed, also one that another took the place of, in whatever form it is said', () => {
    const masking = new Masking((text) => text);
    for (const [name, secret] of [
      ['all#web-1/pin', 'hunter-a'],
      ['all#web_1/pin', "it's"],
      ['all#web-1/pin', 'hunter-b'],
      ['short', 'hunter'],
    ] as const)
      masking.hide(secret, name);
    expect(masking.mask(`hunter-a hunter-b hunter ${shq("it's")} it's`)).toBe('••• ••• ••• ••• •••');
    expect(masking.mask(shq("no, it's"))).toBe("'no, •••'");
    expect(masking.mask(JSON.stringify({ said: 'a"b' }))).toBe('{"said":"a\\"b"}');
    expect(Object.values(masking.secrets).toSorted()).toEqual(['hunter', 'hunter-b', "it's"]);
  });

  test('writes the end of a loop once, whoever takes it up', async () => {
    const page = '  - { id: all, each: { var: w, in: "[\'a\']" }, steps: [{ id: t, tell: "{{ w }}" }] }\n  - { id: b, tell: b }\n';
    const full = await walked(page);
    const again = await walked(page, new RecordedWorld(), { before: full.entries.slice(0, -1) });
    expect(again.entries.filter(({ event }) => event.event === 'outcome' && event.key === 'all')).toHaveLength(1);
  });

  test('says its end without its secrets', async () => {
    const page = yaml('  - { id: s, stop: "The key is {{ key }}", result: failed }\n', 'inputs: { key: { type: secret } }\n');
    const { message, entries, view } = await walked(page, new RecordedWorld(), { inputs: { key: 'hunter2' } });
    expect(message).toBe('The key is •••');
    expect(JSON.stringify([entries, view])).not.toContain('hunter2');
  });
});

import { describe, expect, test } from 'vitest';
import { Left } from '../../src/playbook/run/control.ts';
import type { RunEntry, RunEvent } from '../../src/playbook/run/events.ts';
import { Memory } from '../../src/playbook/run/memory.ts';
import type { Answer, Person } from '../../src/playbook/run/question.ts';
import { Run } from '../../src/playbook/run/run.ts';
import { gone, RecordedHands, RecordedWorld, runOf, said, ScriptedPerson, well } from './recorded-world.ts';
import { alone, confirmed, failing, inverse, messageOf, out, resultOf, see, walked, yaml } from './walked.ts';

const change = '  - { id: more, run: change, host: web1, timeout: 5s, undo: none, why: w }\n';
const changed = '  - { id: conf, run: change, host: web1, timeout: 5s, undo: { run: restore } }\n';
const pin = '  - { id: pin, ask: { word: { type: secret } } }\n';
const entryOf = (event: RunEvent): RunEntry => ({ event, who: 'ann@desk', at: 0 });
const aborted = entryOf({ event: 'abort', reason: 'enough' });

/** What a world knows of every change whose intent is in a journal. */
function after(entries: readonly RunEntry[], world = new RecordedWorld()): RecordedWorld {
  for (const { event } of entries) if (event.event === 'intent') world.done.set(event.actionId, well);
  world.actions = 100;
  return world;
}

describe('a run that was called off', () => {
  test('is so for whichever console takes it up, at whatever event the one before ended', async () => {
    const { run, entries } = runOf({
      playbook: yaml(out + change),
      hands: new RecordedHands(new RecordedWorld(), 'run', (words) => {
        if (words.startsWith('pool.depool')) run.abort('enough');
      }),
    });
    expect(resultOf(await run.done)).toBe('undone');
    const at = entries.findIndex(({ event }) => event.event === 'abort');
    expect(at).toBeGreaterThan(0);
    for (let end = at + 1; end < entries.length; end += 1) {
      const before = entries.slice(0, end);
      const again = await walked(out + change, after(before), { before });
      expect([end, again.result, again.message]).toEqual([end, 'undone', 'enough']);
      expect(again.world.sent.filter((words) => words === 'web1: change')).toEqual([]);
    }
  });

  test('is so though it leaves nothing and has no last steps', async () => {
    const again = await walked(change, new RecordedWorld(), { before: [aborted] });
    expect([again.result, again.message, again.world.sent]).toEqual(['aborted', 'enough', []]);
  });

  test('does not even look any more', async () => {
    const again = await walked(see('stop') + change, new RecordedWorld(), { before: [aborted] });
    expect([again.result, again.world.asked]).toEqual(['aborted', []]);
  });

  test('ends what runs on its host, of a change as of an undo', async () => {
    for (const words of ['pool.depool web web1', inverse]) {
      const world = new RecordedWorld();
      const { run } = runOf({
        playbook: yaml(out + see('undo')),
        hands: new RecordedHands(failing(), 'run', (sent) => {
          if (sent === words) run.abort('enough');
        }),
      });
      Object.assign(run.parts.hands, { cancel: (id: string) => Promise.resolve(world.cancelled.push(id)) });
      await run.done;
      expect([words, world.cancelled.length]).toEqual([words, 1]);
    }
  });

  test('sends nothing when it is called off between the answer and the sending', async () => {
    const world = new RecordedWorld();
    const person: Person = {
      who: 'ann@desk',
      attended: true,
      ask: () => {
        run.abort('enough');
        return Promise.resolve({ kind: 'go' });
      },
    };
    const { run, entries } = runOf({ playbook: yaml(change), hands: new RecordedHands(world), person });
    expect([resultOf(await run.done), world.sent, entries.some(({ event }) => event.event === 'intent')]).toEqual(['aborted', [], false]);
  });

  test('does not forget a change that was under way, though the walk does not come to it any more', async () => {
    const answers: Record<string, Answer> = { 'ask pin': { kind: 'values', values: { word: 'hunter2' } } };
    const full = await walked(pin + out, new RecordedWorld(), { person: new ScriptedPerson(answers) });
    const at = full.entries.findIndex(({ event }) => event.event === 'intent');
    const before = [...full.entries.slice(0, at + 1), aborted];
    const taken = await walked(pin + out, after(before), { before });
    expect([taken.result, taken.world.sent, taken.view.debts]).toEqual(['undone', ['inverse of action-0'], []]);
    const left = new ScriptedPerson({ 'undo out': { kind: 'skip', reason: 'later' } });
    const kept = await walked(pin + out, after(before), { before, person: left });
    expect([kept.result, kept.world.sent, kept.view.debts.map(({ id }) => id)]).toEqual(['aborted', [], ['out']]);
    const never = await walked(pin + out, new RecordedWorld(), { before });
    expect([never.result, never.world.sent, never.view.debts, never.state('out')]).toEqual(['aborted', [], [], 'cancelled']);
  });

  test('does the last steps of a playbook that it was playing', async () => {
    const other = yaml(change, 'finally:\n  - { id: last, tell: "the last word" }\n');
    const page = yaml('  - { id: p, play: y }\n');
    const again = await walked(page, new RecordedWorld(), { before: [aborted], others: [{ ...other, id: 'y' }] });
    expect([again.result, again.world.sent, again.world.told]).toEqual(['aborted', [], ['the last word']]);
  });
});

describe('a console that takes a run up', () => {
  test('holds the run’s locks for its last steps too, and stands still where somebody else does', async () => {
    const page = yaml(out, 'lock: ["node:web1"]\nfinally:\n  - { id: clean, run: clean, host: web1, timeout: 5s, undo: none, why: w }\n');
    const full = await walked(page, new RecordedWorld());
    const before = full.entries.slice(0, full.entries.findIndex(({ event }) => event.event === 'ending') + 1);
    const again = await walked(page, after(before), { before });
    expect([again.world.locks, again.world.sent]).toEqual([['+node:web1'], ['web1: clean']]);
    const theirs = after(before);
    theirs.holders.set('node:web1', 'bob');
    expect((await walked(page, theirs, { before })).result).toBe('paused');
    expect(theirs.sent).toEqual([]);
  });

  test('sends no undo again whose end the one before wrote, well or not', async () => {
    const page = out + changed + see('undo');
    const world = failing();
    world.ends.set('web1: restore', gone);
    const full = await walked(page, world, { person: confirmed() });
    expect([full.result, full.world.sent.slice(2)]).toEqual(['undo_failed', ['web1: restore', inverse]]);
    const before = full.entries.slice(0, full.entries.findIndex(({ event }) => event.event === 'undo-outcome') + 1);
    const again = await walked(page, after(before, failing()), { before, person: confirmed() });
    expect([again.result, again.world.sent, again.message]).toEqual(['undo_failed', ['inverse of action-0'], full.message]);
  });

  test('knows that what was kept without a secret is not what was said or answered', async () => {
    const use = (when: string): string => `  - { id: use, when: ${when}, run: use, host: web1, timeout: 5s, undo: none, why: w }\n`;
    const steps = `  - { id: s, check: see, host: web1, save: s }\n${use("s.out == 'xhunter2y'")}`;
    const world = new RecordedWorld();
    world.probes.set('see', said('xhunter2y'));
    const full = await walked(steps, world, { secrets: ['hunter2'] });
    expect(full.world.sent).toEqual(['web1: use']);
    const before = full.entries.slice(0, full.entries.findIndex(({ event }) => event.event === 'outcome') + 1);
    const again = await walked(steps, new RecordedWorld(), { before, secrets: ['hunter2'], person: alone() });
    expect([again.result, again.world.sent, again.message]).toEqual(['failed', [], expect.stringContaining('s.out is not known')]);

    const asks = `  - { id: q, ask: { word: { type: text } } }\n${use("word == 'xhunter2y'")}`;
    const answers: Record<string, Answer> = { 'ask q': { kind: 'values', values: { word: 'xhunter2y' } } };
    const asked = await walked(asks, new RecordedWorld(), { secrets: ['hunter2'], person: new ScriptedPerson(answers) });
    const kept = asked.entries.slice(0, asked.entries.findIndex(({ event }) => event.event === 'answer') + 1);
    const person = new ScriptedPerson(answers);
    const later = await walked(asks, new RecordedWorld(), { before: kept, secrets: ['hunter2'], person });
    expect([later.world.sent, person.questions[0]?.kind]).toEqual([['web1: use'], 'ask']);
  });

  test('does not wait again before a batch that had begun', async () => {
    const page =
      '  - { id: all, each: { var: w, in: "[\'web1\', \'web2\']", confirm: never, pause: 10m }, steps: [{ id: t, tell: "{{ w }}" }] }\n';
    const full = await walked(page);
    const again = await walked(page, new RecordedWorld(), { before: full.entries.slice(0, -1) });
    expect([full.world.now, again.world.now]).toEqual([1_600_000, 1_000_000]);
  });
});

describe('the limit of a run', () => {
  /** The journal of a run that began then, and is taken up now. */
  const opened = (at: number): RunEntry[] => [
    {
      event: {
        event: 'open',
        playbook: 'x',
        title: 'X',
        sources: {},
        sha256: '',
        file: '',
        inputs: {},
        secrets: [],
        level: 'run',
        operator: 'ann@desk',
        reason: null,
        console: {},
      },
      who: 'ann@desk',
      at,
    },
    entryOf({ event: 'handover', from: 'bob@desk', console: {} }),
  ];
  const page = yaml(change, 'limits: { timeout: 10m }\n');

  test('counts from the run’s start, not from when it was taken up', async () => {
    const waiting: Person = {
      who: 'ann@desk',
      attended: true,
      ask: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
    };
    const { run } = runOf({
      playbook: page,
      hands: new RecordedHands(new RecordedWorld()),
      person: waiting,
      before: opened(1_000_000 - 599_900),
    });
    expect(messageOf(await run.done)).toBe('the run took longer than 10m');
  });

  test('that is over is a person’s to go beyond, and nobody’s absence does', async () => {
    const before = opened(0);
    const said = (name: string) => new ScriptedPerson({ 'choose more': { kind: 'option', name } });
    const on = await walked(page, new RecordedWorld(), { before, person: said('go') });
    expect([on.result, on.world.sent]).toEqual(['ok', ['web1: change']]);
    for (const person of [said('end'), alone()]) {
      const ended = await walked(page, new RecordedWorld(), { before, person });
      expect([ended.result, ended.message, ended.world.sent]).toEqual(['aborted', 'the run took longer than 10m', []]);
    }
  });

  describe('of a playbook that is played', () => {
    const plays = yaml('  - { id: p, play: y }\n');
    const played = [{ ...yaml(change, 'limits: { timeout: 10m }\n'), id: 'y' }];
    /** The journal of a console that came to it then. */
    const comeTo = (at: number): RunEntry[] => [
      ...opened(1_000_000).slice(0, 1),
      { event: { event: 'play', key: 'p', playbook: 'y' }, who: 'ann@desk', at },
      entryOf({ event: 'handover', from: 'bob@desk', console: {} }),
    ];
    const said = (name: string) => new ScriptedPerson({ 'choose p': { kind: 'option', name } });

    test('counts from when the run came to it, whichever console has it', async () => {
      const first = await walked(plays, new RecordedWorld(), { others: played });
      expect(first.entries.filter(({ event }) => event.event === 'play')).toHaveLength(1);
      const waiting = new ScriptedPerson();
      Object.assign(waiting, {
        ask: (_: unknown, signal: AbortSignal) => new Promise((_done, no) => signal.addEventListener('abort', no)),
      });
      const late = await walked(plays, new RecordedWorld(), { others: played, before: comeTo(1_000_000 - 599_900), person: waiting });
      expect([late.result, late.message, late.world.sent]).toEqual(['aborted', 'y took longer than 10m', []]);
      expect(late.entries.filter(({ event }) => event.event === 'play')).toHaveLength(1);
    });

    test('that is over is a person’s to go beyond, and nobody’s absence does', async () => {
      const before = comeTo(0);
      const on = await walked(plays, new RecordedWorld(), { others: played, before, person: said('go') });
      expect([on.result, on.world.sent]).toEqual(['ok', ['web1: change']]);
      for (const person of [said('end'), alone()]) {
        const ended = await walked(plays, new RecordedWorld(), { others: played, before, person });
        expect([ended.result, ended.message, ended.world.sent]).toEqual(['aborted', 'y took longer than 10m', []]);
      }
    });
  });

  test('that is no duration ends the run before its first step', async () => {
    const { result, world } = await walked(yaml(change, 'vars: { most: soon }\nlimits: { timeout: "{{ most }}" }\n'));
    expect([result, world.sent]).toEqual(['failed', []]);
  });
});

test('a journal that fails under a pause, a note or a call to end lets the run stand still, and throws at nobody', async () => {
  for (const does of ['pause', 'note', 'abort'] as const) {
    const world = new RecordedWorld();
    let broken = false;
    const hands = new RecordedHands(world, 'run', () => {
      broken = true;
      run[does]('enough');
    });
    const run = new Run({
      id: 'run-1',
      playbook: yaml(out + change),
      others: new Map(),
      inputs: {},
      secrets: [],
      reason: null,
      hands,
      person: new ScriptedPerson(),
      memory: new Memory(),
      write: (event) => {
        if (broken) throw new Error('the disk is full');
        return entryOf(event);
      },
    });
    const view = await run.done;
    expect([does, view.phase.phase, world.sent]).toEqual([does, 'paused', ['pool.depool web web1']]);
    expect(run.signal.reason).toBeInstanceOf(Left);
  }
});

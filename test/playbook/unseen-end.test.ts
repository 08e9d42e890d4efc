import { describe, expect, test } from 'vitest';
import type { RunEntry } from '../../src/playbook/run/events.ts';
import type { Answer, Person, Question } from '../../src/playbook/run/question.ts';
import { bad, gone, RecordedHands, RecordedWorld, runOf, type RunOptions, ScriptedPerson, well } from './recorded-world.ts';
import { failing, inverse, out, see, walked, yaml } from './walked.ts';

const back = '  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out }\n';

/** Answers the end that nobody saw with these, one after another, and then no more; everything else goes on. */
class Patient implements Person {
  readonly who = 'ann@desk';
  readonly attended = true;
  readonly shown: string[] = [];
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  ask(question: Question, signal: AbortSignal): Promise<Answer> {
    if (question.kind !== 'unknown') return Promise.resolve({ kind: question.kind === 'failed' ? 'stop' : 'go' });
    this.shown.push(question.summary);
    const answer = this.#answers.shift();
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  }
}

const again: Answer = { kind: 'again' };

/** A host that is away for so many askings. */
class AwayHands extends RecordedHands {
  asked = 0;
  readonly #world: RecordedWorld;
  readonly #askings: number;
  readonly #then: Awaited<ReturnType<RecordedHands['recover']>>;

  constructor(world: RecordedWorld, askings: number, then: Awaited<ReturnType<RecordedHands['recover']>>) {
    super(world);
    this.#world = world;
    this.#askings = askings;
    this.#then = then;
  }

  override recover(id: string): ReturnType<RecordedHands['recover']> {
    this.asked += 1;
    if (this.asked <= this.#askings) return Promise.resolve(null);
    return Promise.resolve(this.#world.done.get(id) ?? this.#then);
  }
}

/** A run whose console ended behind the intent of its first change, taken up while its host is away. */
async function takenUp(
  person: Person,
  askings: number,
  then: Awaited<ReturnType<RecordedHands['recover']>>,
  more: Partial<RunOptions> = {},
) {
  const { entries } = await walked(out + back);
  const before: RunEntry[] = entries.slice(0, entries.findIndex(({ event }) => event.event === 'intent') + 1);
  const world = new RecordedWorld();
  world.actions = 100;
  const hands = new AwayHands(world, askings, then);
  const ended = await walked(out + back, world, { hands, person, before, ...more });
  return { ...ended, hands };
}

describe('an end that nobody saw, of a host that was away', () => {
  test('is asked for again by itself, and the question goes away once the host answers', async () => {
    const person = new Patient();
    const { result, state, world, view } = await takenUp(person, 3, well);
    expect([result, state('out'), world.sent, view.debts]).toEqual(['ok', 'ok', ['pool.repool web web1'], []]);
    expect(person.shown).toEqual(['its host cannot be asked what became of it']);
  });

  test('is asked for again when the person wants it, and the question says that it was', async () => {
    const person = new Patient(again, again);
    const world = new RecordedWorld();
    world.actions = 100;
    const hands = new (class extends AwayHands {
      // The person is faster than the clock.
      override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
        return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
      }
    })(world, 2, well);
    const { result, entries } = await takenUp(person, 2, well, { hands });
    expect([result, person.shown]).toEqual([
      'ok',
      ['its host cannot be asked what became of it', 'asked again: its host cannot be asked what became of it'],
    ]);
    expect(entries.some(({ event }) => event.event === 'answer' && event.question === 'unknown')).toBe(false);
  });

  test('is begun anew when it never began, and owes nothing twice', async () => {
    const { result, world, view } = await takenUp(new Patient(again), 1, 'never-began');
    expect([result, world.sent, view.debts]).toEqual(['ok', ['pool.depool web web1', 'pool.repool web web1'], []]);
  });

  test('leaves neither undo nor debt when it failed', async () => {
    const { result, state, view, world } = await takenUp(new Patient(again), 1, bad);
    expect([result, state('out'), view.debts, world.sent]).toEqual(['failed', 'failed', [], []]);
  });

  test('stays a question, in other words, when the host does not know either', async () => {
    const person = new Patient();
    const said = new ScriptedPerson({}, true, (question) =>
      question.kind === 'unknown' && question.away !== true ? { kind: 'happened', outcome: 'ok', reason: 'I looked' } : null,
    );
    const both: Person = {
      who: 'ann@desk',
      attended: true,
      ask: (question, signal) =>
        question.kind === 'unknown' && question.away === true ? person.ask(question, signal) : said.ask(question),
    };
    const { result, world, state } = await takenUp(both, 3, 'ask');
    expect([result, state('out'), world.settled]).toEqual(['ok', 'ok', ['action-0 ok']]);
    expect(said.questions.find(({ kind }) => kind === 'unknown')).toMatchObject({ summary: 'nothing shows what became of it' });
  });

  test('of an undo is asked for again too, and it is not sent twice', async () => {
    const page = yaml(out + see('undo'));
    const { run, entries } = runOf({
      playbook: page,
      hands: new RecordedHands(failing(), 'run', (words) => {
        if (words === inverse) run.leave();
      }),
    });
    await run.done;
    const before = entries.slice(0, entries.findIndex(({ event }) => event.event === 'undo-start') + 1);
    const world = new RecordedWorld();
    const person = new Patient();
    const taken = await walked(page, world, { hands: new AwayHands(world, 3, well), person, before });
    expect([taken.result, world.sent, person.shown.length]).toEqual(['undone', [], 1]);
  });
});

test('an end that the sending console did not see is asked for again as one of another console is', async () => {
  const world = new RecordedWorld();
  world.ends.set('pool.depool web web1', gone);
  const hands = new (class extends RecordedHands {
    override recover(): ReturnType<RecordedHands['recover']> {
      return Promise.resolve(well);
    }
  })(world);
  const { result, state } = await walked(out + back, world, { hands, person: new Patient(again) });
  expect([result, state('out')]).toEqual(['ok', 'ok']);
});

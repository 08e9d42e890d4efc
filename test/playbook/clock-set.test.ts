import { describe, expect, test } from 'vitest';
import type { AskedProbe } from '../../src/playbook/run/hands.ts';
import { RecordedHands, RecordedWorld, said } from './recorded-world.ts';
import { walked } from './walked.ts';

const dayMs = 86_400_000;
const steps = '  - { id: up, wait: see, host: web1, every: 1s, hold: 10s, timeout: 60s }\n';

/** A console whose clock somebody sets by so much after the first look. */
function setBy(ms: number, answers: readonly number[]): { readonly world: RecordedWorld; readonly hands: RecordedHands } {
  const world = new RecordedWorld();
  world.probes.set(
    'see',
    answers.map((exit) => said('', exit)),
  );
  class Hands extends RecordedHands {
    override probe(...asked: Parameters<RecordedHands['probe']>): ReturnType<RecordedHands['probe']> {
      const found = super.probe(...asked);
      if (world.asked.length === 1) world.clockSetBy = ms;
      return found;
    }
  }
  return { world, hands: new Hands(world) };
}

describe.each([
  ['back', -dayMs],
  ['ahead', dayMs],
])('a clock that is set %s by a day while a run waits', (_how, ms) => {
  test('neither shortens nor stretches what must hold', async () => {
    const { world, hands } = setBy(ms, [0]);
    const { result } = await walked(steps, world, { hands });
    expect([result, world.asked.length, world.now - 1_000_000]).toEqual(['ok', 11, 10_000]);
  });

  test('neither ends the wait nor makes it endless', async () => {
    const { world, hands } = setBy(ms, [1]);
    const { view } = await walked(`${steps.replace(' }\n', '')}, on_fail: continue }\n`, world, { hands });
    expect([view.steps[0]?.state, world.now - 1_000_000]).toEqual(['timeout', 60_000]);
  });
});

test('a look has a deadline in whole tenths of a second, though the clock counts finer', async () => {
  const { world } = setBy(0, [1]);
  const deadlines: number[] = [];
  class Hands extends RecordedHands {
    override readonly elapsed = (): number => world.now + 0.123_456_789;
    override probe(asked: AskedProbe, _key = '', deadlineMs = 0): ReturnType<RecordedHands['probe']> {
      deadlines.push(deadlineMs);
      world.now += 7.000_000_1;
      return super.probe(asked);
    }
  }
  await walked(`${steps.replace(' }\n', '')}, on_fail: continue }\n`, world, { hands: new Hands(world) });
  expect(deadlines.length).toBeGreaterThan(40);
  expect(deadlines.filter((ms) => ms % 100 !== 0)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { routineEntry, routinesState } from '../../src/journal/routines.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { ownDir } from './fixture.ts';

const hour = 3_600_000;
/** A Sunday. */
const sunday = Date.UTC(2026, 10, 22, 9);
const routines = { daily: ['check quota requests'], weekly: ['release and deploy'] };

function book() {
  const clock = { now: sunday };
  const journal = openJournal(ownDir(), () => new Date(clock.now));
  const tick = (period: 'daily' | 'weekly', text: string, state: 'done' | 'skipped' | 'undone', note: string | null = null): void =>
    void journal.append(routineEntry({ fleet: 'codalab', who: 'kim@desk', period, text, state, note }));
  const state = (at: number, offset = 0) => routinesState(routines, journal.ofKinds(['routine']), 'codalab', at, offset);
  return { clock, tick, state };
}

describe('regular duties', () => {
  test('are due until somebody did them, and due again the next day, the next Monday', () => {
    const { clock, tick, state } = book();
    expect(state(sunday).map(({ due }) => due)).toEqual([true, true]);
    tick('daily', 'check quota requests', 'done');
    tick('weekly', 'release and deploy', 'skipped', 'freeze');
    expect(state(sunday + 14 * hour).map(({ due }) => due)).toEqual([false, false]);
    expect(state(sunday)[1]?.done).toEqual({ at: sunday, who: 'kim@desk', state: 'skipped', note: 'freeze' });
    clock.now = sunday + 15 * hour;
    expect(state(clock.now).map(({ due }) => due)).toEqual([true, true]);
    expect(state(clock.now)[0]?.done?.who).toBe('kim@desk');
  });

  test('a day begins at the person’s own midnight', () => {
    const { tick, state } = book();
    tick('daily', 'check quota requests', 'done');
    // 22:30 UTC is Monday already two hours east.
    expect(state(sunday + 13.5 * hour, 0)[0]?.due).toBe(false);
    expect(state(sunday + 13.5 * hour, 120)[0]?.due).toBe(true);
    expect(state(sunday + 13.5 * hour, 120)[1]?.since).toBe(Date.UTC(2026, 10, 22, 22));
  });

  test('what was ticked by mistake can be taken back; what the fleet file does not name any more is gone', () => {
    const { tick, state } = book();
    tick('daily', 'check quota requests', 'done');
    tick('daily', 'check quota requests', 'undone');
    tick('daily', 'water the plants', 'done');
    expect(state(sunday)).toMatchObject([{ text: 'check quota requests', due: true, done: null }, { text: 'release and deploy' }]);
  });
});

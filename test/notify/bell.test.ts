import { beforeEach, describe, expect, test, vi, onTestFinished } from 'vitest';
import { AttentionBell, takesNotices } from '../../src/notify/attention-bell.ts';

let now = 0;
let written: string[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  now = 0;
  written = [];
});

function bellFor(options: { bell?: boolean; notices?: boolean } = {}): AttentionBell {
  return new AttentionBell({
    now: () => now,
    write: (bytes) => void written.push(bytes),
    bell: () => options.bell ?? true,
    notices: options.notices ?? true,
  });
}

function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

describe('the bell', () => {
  test('rings at once, and what comes within ten seconds is one ring after them', () => {
    const bell = bellFor();
    bell.attend({ kind: 'alerts', crit: 1, warn: 0 });
    expect(written).toEqual(['\u001b]9;quarterdeck: 1 critical\u0007']);
    pass(1000);
    for (let each = 0; each < 50; each += 1) bell.attend({ kind: 'alerts', crit: 2, warn: 0 });
    bell.attend({ kind: 'run-ended', well: false });
    bell.attend({ kind: 'run-ended', well: true });
    expect(written).toHaveLength(1);
    pass(9000);
    expect(written.slice(1)).toEqual(['\u001b]9;quarterdeck: 100 critical; a run has ended and needs a look\u0007']);
  });

  test('a storm of alerts rings six times in ten minutes; a question still gets through', () => {
    const bell = bellFor();
    for (let each = 0; each < 40; each += 1) {
      bell.attend({ kind: 'alerts', crit: 1, warn: 0 });
      pass(11_000);
    }
    expect(written).toHaveLength(6);
    bell.attend({ kind: 'question', waitedMs: 180_000 });
    expect(written.at(-1)).toBe('\u001b]9;quarterdeck: a run waits for an answer for 3 min\u0007');
    pass(600_000);
    bell.attend({ kind: 'alerts', crit: 1, warn: 0 });
    expect(written).toHaveLength(8);
  });

  test('the fleet file can turn it off, and a terminal that would print a notice only rings', () => {
    const silent = bellFor({ bell: false });
    silent.attend({ kind: 'debt', count: 2 });
    expect(written).toEqual([]);
    bellFor({ notices: false }).attend({ kind: 'debt', count: 2 });
    expect(written).toEqual(['\u0007']);
    expect(['linux', 'dumb', 'vt220', undefined].map(takesNotices)).toEqual([false, false, false, false]);
    expect(['xterm-256color', 'tmux-256color', 'xterm-kitty'].map(takesNotices)).toEqual([true, true, true]);
  });

  test('nothing is written after its end', () => {
    const bell = bellFor();
    bell.attend({ kind: 'debt', count: 1 });
    bell.attend({ kind: 'debt', count: 1 });
    bell.stop();
    pass(60_000);
    expect(written).toHaveLength(1);
  });
});

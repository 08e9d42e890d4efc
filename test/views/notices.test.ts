import { describe, expect, test } from 'vitest';
import type { NotifierStatus } from '../../src/notify/notifier.ts';
import { noticeWords } from '../../views/notice-words.ts';
import { drive, type Driver } from './drive.ts';
import { pencilFleet, start, testConsole } from './fixture.ts';

const fine: NotifierStatus = {
  waiting: 0,
  dead: [],
  problem: null,
  channels: [{ name: 'webhook', problem: null, sentAt: start - 60_000, nextAt: 0 }],
};
const down: NotifierStatus = {
  ...fine,
  waiting: 2,
  dead: [{ at: start, channel: 'mail', text: 'END (ok) restart', problem: 'it answered 404' }],
  channels: [{ name: 'webhook', problem: 'no answer within 10 s', sentAt: null, nextAt: 0 }],
};

function shown(status: NotifierStatus | null): Driver {
  return drive({ ...testConsole(pencilFleet()), notices: () => status });
}

const sources = (driver: Driver): string => {
  driver.press(':');
  driver.type('sources');
  driver.press('enter');
  return driver.frame().join('\n');
};

describe('what people are not told', () => {
  test('is said on the line above the footer, and nothing is while all goes out', () => {
    expect(shown(fine).frame().join('\n')).not.toContain('go out');
    expect(shown(null).frame().join('\n')).not.toContain('go out');
    expect(shown(down).frame(120).at(-2)).toContain('▲ webhook does not go out (no answer');
    for (const columns of [40, 80, 200])
      expect(
        shown(down)
          .frame(columns, 24)
          .every((line) => [...line].length <= columns),
      ).toBe(true);
  });

  test('stands in full on the screen of the sources, with what was given up', () => {
    const screen = sources(shown(down));
    expect(screen).toContain('▲ notices  do not go out');
    expect(screen).toContain('webhook does not go out (no answer within 10 s), 2 notices wait');
    expect(screen).toContain('1 notice given up; the last: it answered 404: END (ok) restart');
    expect(sources(shown(fine))).toContain('● notices  ok  webhook sent');
    expect(sources(shown({ ...fine, channels: [] }))).toContain('only the local ops log');
  });

  test('a disk that takes no line comes first', () => {
    expect(noticeWords({ ...down, problem: 'ops.log could not be written (ENOSPC)' })).toBe('ops.log could not be written (ENOSPC)');
  });
});

describe('the playbook of an alert', () => {
  test('stands on the bar with the key that opens it', () => {
    expect(drive(testConsole(pencilFleet())).frame(160).join('\n')).toContain('→ playbook nfs-slow <p>');
  });
});

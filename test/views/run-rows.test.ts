import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/journal/entry.ts';
import { eventDetail, type RunEvent } from '../../src/playbook/run/events.ts';
import { journalRows } from '../../views/journal-rows.ts';
import { drive } from './drive.ts';
import { pencilFleet, start, testConsole } from './fixture.ts';

const begin = start - 60_000;

/** Entries as a run writes them, a second apart. */
function written(events: readonly RunEvent[]): readonly Entry[] {
  return events.map((event, index) => ({
    kind: 'run',
    seq: index + 1,
    at: new Date(begin + index * 1000).toISOString(),
    actionId: 'run-1',
    who: 'kim@desk',
    env: 'prod',
    targets: ['web-node-pencils-down'],
    command: event.event === 'intent' ? event.commands.join('\n') : null,
    outcome: event.event,
    detail: eventDetail(event),
    prev: '',
    hash: String(index).padStart(64, '0'),
  }));
}

const intent = (attempt: number): RunEvent => ({
  event: 'intent',
  key: 'restart',
  host: 'web2',
  hostId: 'static/web2',
  commands: ['sudo service pencils restart'],
  attempt,
  actionId: `command-${attempt}`,
  undo: null,
  owes: null,
});

const outcome = (key: string, what: 'ok' | 'failed' | 'skipped', summary: string, tolerated = false): RunEvent => ({
  event: 'outcome',
  key,
  outcome: what,
  summary,
  evidence: ['Did not start.'],
  ...(tolerated ? { tolerated } : {}),
  saved: null,
  startedAt: begin,
  endedAt: begin + 3000,
});

const said = (events: readonly RunEvent[]): readonly string[] =>
  journalRows(written(events))
    .toReversed()
    .map((row) => `${row.health} ${row.outcome} | ${row.what}`);

describe('a run of a playbook in the command log', () => {
  test('a look that says no where the page goes on anyway is no failure', () => {
    expect(said([outcome('nfs', 'failed', 'exit 124', true), outcome('up', 'failed', 'closed')])).toEqual([
      'stopped said no | nfs: exit 124; the playbook goes on',
      'crit failed | up: closed',
    ]);
  });

  test('a step is named with what came of it, each attempt by itself', () => {
    expect(
      said([
        outcome('others', 'ok', '1 of 1 healthy'),
        intent(1),
        outcome('restart', 'failed', 'exit 3'),
        intent(2),
        outcome('restart', 'ok', 'exit 0'),
        outcome('drain', 'skipped', 'not needed'),
      ]),
    ).toEqual([
      'ok ok | others: 1 of 1 healthy',
      'crit failed | restart: sudo service pencils restart: exit 3',
      'ok ok | restart: sudo service pencils restart',
      'stopped skipped | drain: not needed',
    ]);
  });

  test('a change whose end was not written is unknown, not ok', () => {
    expect(said([intent(1)])).toEqual(['unknown no outcome | restart: sudo service pencils restart']);
  });

  test('answers, debts, undos and the end are told in words', () => {
    expect(
      said([
        { event: 'locks', locks: [{ hostId: 'a', hostName: 'lb1', lock: 'pool-web', needed: true }], tokens: {} },
        { event: 'debt-open', key: 'depool', what: 'Take web2 out of pool web', hostId: null, leave: null },
        {
          event: 'answer',
          key: 'seen',
          question: 'choose',
          text: 'What do users see?',
          answer: { kind: 'option', name: 'hung' },
          seconds: 4,
        },
        { event: 'undo-start', key: 'depool', actionId: 'repool-1' },
        { event: 'undo-outcome', key: 'depool', outcome: 'ok', summary: 'web2 is in pool web again' },
        { event: 'debt-settled', key: 'depool', by: 'repool' },
        { event: 'close', result: 'undo_failed', message: 'one undo failed' },
      ]),
    ).toEqual([
      'stopped locked | holds pool-web on lb1',
      'warn owed | depool: Take web2 out of pool web',
      'stopped answered | seen: What do users see? → hung',
      'ok ok | depool taken back: web2 is in pool web again',
      'ok settled | depool, by repool',
      'crit undo failed | the run ends: one undo failed',
    ]);
  });

  test('an opened step shows what it saw', () => {
    const driver = drive(testConsole(pencilFleet(), { entries: written([intent(1), outcome('restart', 'failed', 'exit 3')]) }));
    driver.press('@', 'enter');
    const screen = driver.frame(100, 30).join('\n');
    for (const text of ['restart: sudo service pencils restart: exit 3', '■ failed', 'run-1', 'Did not start.'])
      expect(screen).toContain(text);
  });
});

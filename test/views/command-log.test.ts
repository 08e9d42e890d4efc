import { describe, expect, test } from 'vitest';
import { journalRows } from '../../views/journal-rows.ts';
import { drive, type Driver } from './drive.ts';
import { pencilFleet, testConsole } from './fixture.ts';
import { command, entries } from './journal-fixture.ts';

function atLog(): Driver {
  const driver = drive(testConsole(pencilFleet(), { entries }));
  driver.press('@');
  return driver;
}

const shown = (driver: Driver, columns = 120, lines = 30): string => driver.frame(columns, lines).join('\n');

describe('lines of the command log', () => {
  test('an intent and its outcome are one line, newest first, with how long it took', () => {
    const rows = journalRows(entries);
    expect(rows.map((row) => [row.kind, row.outcome, row.tookMs])).toEqual([
      ['bulk', 'aborted', 3000],
      ['intent', 'no outcome', null],
      ['refused', 'lock', null],
      ['intent', 'ok', 12_000],
      ['arm', 'armed', null],
    ]);
  });

  test('an intent without an outcome is unknown, not ok', () => {
    expect(journalRows(entries)[1]?.health).toBe('unknown');
  });
});

describe('the command log', () => {
  test('shows time, outcome, target, command, who and the cost of the console at 80 by 24', () => {
    const screen = shown(atLog(), 80, 24);
    for (const text of [
      'command log',
      '14:06:41Z',
      '● ok',
      'web1/nginx',
      'sudo -n systemctl',
      'kim@desk',
      '? no outcome',
      '▲ lock',
      'CPU 2.3%',
      '4 connections',
    ])
      expect(screen).toContain(text);
  });

  test('keeps only the lines that hold every word of the filter, and escape brings them back', () => {
    const driver = atLog();
    driver.press('/');
    driver.type('lee !lock');
    expect(shown(driver)).toContain('1 of 5 lines');
    expect(shown(driver)).toContain('reboot');
    driver.press('escape');
    expect(shown(driver)).toContain('5 lines');
    expect(driver.session.ui.getState().filter).toBe('');
  });

  test('opens the line under the cursor in full: reason, command, exit, output, evidence, plan and hash', () => {
    const driver = atLog();
    driver.press('j', 'j', 'j', 'enter');
    const screen = shown(driver, 100, 50);
    for (const text of [
      'restart nginx on web1',
      'it hangs',
      command,
      'exit 0',
      'done here',
      'port 80 listens',
      'cannot be taken back',
      'hash 0000',
    ])
      expect(screen).toContain(text);
    driver.press('escape');
    expect(shown(driver)).toContain('command log');
  });

  test('saves what the filter shows, an entry a line', () => {
    const driver = atLog();
    driver.press('/');
    driver.type('systemctl ok');
    driver.press('enter', 'ctrl-s');
    expect(driver.console.calls.saved.map((text) => [JSON.parse(text).kind, JSON.parse(text).actionId])).toEqual([
      ['intent', 'a1'],
      ['outcome', 'a1'],
    ]);
    expect(shown(driver)).toContain('/state/journal-1.jsonl');
  });

  test('copies the exact command of the line', () => {
    const driver = atLog();
    driver.press('G', 'k', 'c');
    expect(driver.copied).toEqual([command]);
  });

  test('an empty journal says so', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('@', 'enter', 'c');
    expect(shown(driver)).toContain('Nothing was recorded yet.');
    expect(driver.copied).toEqual([]);
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { journalOnScreen } from '../../src/commands/journal-on-screen.ts';
import type { NewEntry } from '../../src/journal/entry.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';

const note: NewEntry = { kind: 'note', actionId: null, who: 'kim@desk', env: null, targets: [], command: null, outcome: null, detail: {} };

let dir = '';
let now = 0;
const clock = { wallMs: () => Date.UTC(2026, 2, 2) + now, monoMs: () => now };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quarterdeck-screen-'));
  now = 0;
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the journal for the screens', () => {
  test('gives the same array until a second has passed and something was added', () => {
    const journal = openJournal(dir, () => new Date(clock.wallMs()));
    const shown = journalOnScreen(journal, () => dir, clock);
    journal.append(note);
    const first = shown.tail(10);
    expect(first).toHaveLength(1);
    now = 1500;
    expect(shown.tail(10)).toBe(first);
    journal.append(note);
    expect(shown.tail(10)).toBe(first);
    now = 3000;
    expect(shown.tail(10)).toHaveLength(2);
    journal.close();
  });

  test('is empty, not an error, when it cannot be read', () => {
    const journal = openJournal(dir, () => new Date(clock.wallMs()));
    journal.close();
    expect(journalOnScreen(journal, () => dir, clock).tail(10)).toEqual([]);
  });

  test('saves to a new file for its owner only, and never over one that is there', () => {
    const journal = openJournal(dir, () => new Date(clock.wallMs()));
    const shown = journalOnScreen(journal, () => dir, clock);
    const path = shown.save(['{"seq":1}', '{"seq":2}']);
    expect(path).toBe(join(dir, 'journal-20260302T000000Z.jsonl'));
    expect(readFileSync(path, 'utf8')).toBe('{"seq":1}\n{"seq":2}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => shown.save(['other'])).toThrow('is there already');
    expect(readFileSync(path, 'utf8')).not.toContain('other');
    journal.close();
  });
});

import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/journal/entry.ts';
import { readJournal } from '../../src/journal/reader.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { clock, newEntry, ownDir } from './fixture.ts';

const count = 80;

/** A closed journal of 80 entries. */
function written(): { dir: string; file: string; entries: readonly Entry[] } {
  const dir = ownDir();
  const journal = openJournal(dir, clock);
  for (let index = 1; index <= count; index += 1) journal.append(newEntry({ actionId: `action-${index}` }));
  const entries = journal.tail(count);
  journal.close();
  return { dir, file: join(dir, 'journal.sqlite'), entries };
}

/** Runs SQL with the triggers out of the way and puts them back, as someone who knows the program would. */
function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const trigger of triggers) database.exec(`DROP TRIGGER ${String(trigger['name'])}`);
  database.exec(sql);
  for (const trigger of triggers) database.exec(String(trigger['sql']));
  database.close();
}

/** mulberry32: the same places every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('edited by hand', () => {
  test.each([
    [
      'a changed text',
      "UPDATE entry SET body = replace(body, 'prod', 'test') WHERE seq = 7",
      7,
      'entry 7 was changed: its hash does not match its text',
    ],
    ['a deleted entry', 'DELETE FROM entry WHERE seq = 7', 7, 'entry 7 is missing'],
    ['several deleted entries', 'DELETE FROM entry WHERE seq BETWEEN 7 AND 9', 7, 'entries 7 to 9 are missing'],
    ['a cut beginning', 'DELETE FROM entry WHERE seq < 4', 1, 'entries 1 to 3 are missing'],
    ['a cut end', 'DELETE FROM entry WHERE seq > 78', 79, 'entries 79 to 80 are missing at the end'],
    ['an emptied journal', 'DELETE FROM entry', 1, 'entries 1 to 80 are missing at the end'],
    [
      'two exchanged entries',
      'UPDATE entry SET seq = 1000 WHERE seq = 7; UPDATE entry SET seq = 7 WHERE seq = 8; UPDATE entry SET seq = 8 WHERE seq = 1000',
      7,
      'entry 7 says it is entry 8',
    ],
  ])('%s is named', (_what, sql, seq, problem) => {
    const { dir, file } = written();
    tamper(file, sql);
    expect(verifyJournal(dir)).toEqual({ ok: false, entries: seq - 1, seq, problem });
  });

  test('an entry rewritten with its hash breaks the chain after it', () => {
    const { dir, file, entries } = written();
    const other = openJournal(ownDir(), clock);
    for (const entry of entries.slice(0, 6)) other.append(newEntry({ actionId: entry.actionId }));
    const forged = other.append(newEntry({ actionId: 'forged' }));
    other.close();
    const { hash, ...rest } = forged;
    const body = JSON.stringify(Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))));
    tamper(file, `UPDATE entry SET body = '${body.replaceAll("'", "''")}', hash = '${hash}' WHERE seq = 7`);
    expect(verifyJournal(dir)).toMatchObject({ seq: 8, problem: 'entry 8 does not follow entry 7: the chain is broken' });
  });

  test('a missing trigger is seen', () => {
    const { dir, file } = written();
    const database = new DatabaseSync(file);
    database.exec('DROP TRIGGER entry_no_update');
    database.close();
    expect(verifyJournal(dir)).toMatchObject({
      ok: false,
      seq: null,
      problem: 'the journal file is damaged: its part entry_no_update is missing',
    });
  });

  test('a head noted earlier must be in the chain', () => {
    const { dir, entries } = written();
    expect(verifyJournal(dir, entries[40]?.hash ?? '')).toMatchObject({ ok: true, entries: count, head: entries.at(-1)?.hash });
    expect(verifyJournal(dir, 'f'.repeat(64))).toMatchObject({ ok: false, problem: `no entry has the expected hash ${'f'.repeat(64)}` });
  });

  test('a journal that is gone is not a good one', () => {
    const { dir, file } = written();
    rmSync(file);
    expect(verifyJournal(dir)).toMatchObject({ ok: false, problem: `there is no journal in ${dir}, though entry 80 was written` });
  });

  test('a cut end is not built upon', () => {
    const { dir, file } = written();
    tamper(file, 'DELETE FROM entry WHERE seq > 78');
    const journal = openJournal(dir, clock);
    expect(journal.failure).toContain('it ends at entry 78, but entry 80 was written');
    expect(() => journal.append(newEntry())).toThrow('is damaged');
    expect(journal.tail(1)[0]?.seq).toBe(78);
    journal.close();
  });
});

describe('damaged', () => {
  test('a byte flipped in the text of an entry names that entry', () => {
    const { dir, file } = written();
    const good = readFileSync(file);
    for (const seq of [1, 2, 17, 41, count]) {
      // SQLite leaves copies of moved rows in unused space: all are hit, the living one among them.
      const bad = Buffer.from(good);
      const text = `{"actionId":"action-${seq}"`;
      let copies = 0;
      for (let place = good.indexOf(text); place !== -1; place = good.indexOf(text, place + 1)) {
        bad[place + 20] = (bad[place + 20] ?? 0) ^ 1;
        copies += 1;
      }
      expect(copies).toBeGreaterThan(0);
      writeFileSync(file, bad);
      expect(verifyJournal(dir)).toMatchObject({ ok: false, seq });
    }
  });

  test('a byte flipped anywhere is told, unless every entry still reads as it was written', () => {
    const { dir, file, entries } = written();
    const good = readFileSync(file);
    const next = random(20261101);
    let told = 0;
    const places = Array.from({ length: 150 }, () => Math.floor(next() * good.length));
    for (const place of places) {
      const bad = Buffer.from(good);
      bad[place] = (bad[place] ?? 0) ^ (1 << Math.floor(next() * 8));
      for (const side of ['-wal', '-shm']) rmSync(file + side, { force: true });
      writeFileSync(file, bad);
      const result = verifyJournal(dir);
      if (!result.ok) {
        expect(result.problem).not.toBe('');
        told += 1;
        continue;
      }
      // The byte lay where no entry is: unused space of a page, a counter.
      const reader = readJournal(dir);
      expect([place, reader?.tail(count + 1)]).toEqual([place, entries]);
      reader?.close();
    }
    expect(told).toBeGreaterThan(places.length / 2);
  });

  test('a page of zeros names the first entry that was on it', () => {
    const { dir, file } = written();
    const bad = readFileSync(file);
    const page = Math.floor(bad.indexOf('{"actionId":"action-50"') / 4096);
    const first = Math.min(
      ...[
        ...bad
          .subarray(page * 4096, (page + 1) * 4096)
          .toString('latin1')
          .matchAll(/\{"actionId":"action-(\d+)"/g),
      ].map((hit) => Number(hit[1])),
    );
    bad.fill(0, page * 4096, (page + 1) * 4096);
    writeFileSync(file, bad);
    const result = verifyJournal(dir);
    expect(result).toMatchObject({ ok: false });
    // An entry may begin on the page before, so the first bad one can be one earlier.
    if (!result.ok) expect([first, first - 1]).toContain(result.seq);
  });

  test('a file cut short anywhere in its last pages is told, and never built upon', () => {
    const { dir, file } = written();
    const whole = join(dir, 'whole');
    copyFileSync(file, whole);
    const size = statSync(file).size;
    for (const cut of [1, 17, 900, 2048, 4095, 4096, 4097, 6000, 8192, 9001]) {
      for (const side of ['-wal', '-shm']) rmSync(file + side, { force: true });
      copyFileSync(whole, file);
      truncateSync(file, size - cut);
      expect([cut, verifyJournal(dir)]).toMatchObject([cut, { ok: false }]);
      const journal = openJournal(dir, clock);
      if (journal.failure === null) {
        // The end was whole, so what was cut was of no entry: the append must be good, too.
        journal.append(newEntry());
        expect(journal.tail(1)[0]?.seq).toBe(count + 1);
      }
      journal.close();
    }
  });

  test('a write-ahead log cut short loses its end, and that is told', () => {
    const { dir, file } = written();
    const journal = openJournal(dir, clock);
    for (let index = 0; index < 5; index += 1) journal.append(newEntry());
    const copy = ownDir();
    for (const name of ['journal.sqlite', 'journal.sqlite-wal', 'journal.head']) copyFileSync(join(dir, name), join(copy, name));
    journal.close();
    const wal = join(copy, 'journal.sqlite-wal');
    truncateSync(wal, statSync(wal).size - 100);
    expect(existsSync(file)).toBe(true);
    expect(verifyJournal(copy)).toMatchObject({ ok: false, entries: 84, seq: 85, problem: 'entry 85 is missing at the end' });
    expect(openJournal(copy, clock).failure).toContain('it ends at entry 84, but entry 85 was written');
  });
});

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { redactionOf } from '../../src/config/pattern.ts';
import { Secret } from '../../src/fleet/secret.ts';
import { readJournal } from '../../src/journal/reader.ts';
import { redactor } from '../../src/journal/redact.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { clock, newEntry, ownDir } from './fixture.ts';

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return Array.isArray(value) ? value.map(sorted) : value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

describe('append', () => {
  test('an entry comes back as it was given, with its place in the chain', () => {
    const dir = ownDir();
    const journal = openJournal(dir, clock);
    const first = journal.append(newEntry());
    const second = journal.append(newEntry({ kind: 'outcome', outcome: 'ok' }));
    expect(first).toMatchObject({ ...newEntry(), seq: 1, at: '2026-11-01T14:07:31.250Z', prev: '0'.repeat(64) });
    expect(second).toMatchObject({ seq: 2, prev: first.hash });
    expect(journal.tail(10)).toEqual([first, second]);
    journal.close();
    const again = openJournal(dir, clock);
    expect(again.tail(1)).toEqual([second]);
    expect(again.append(newEntry()).prev).toBe(second.hash);
    again.close();
    expect(verifyJournal(dir)).toMatchObject({ ok: true, entries: 3 });
  });

  test('the hash is SHA-256 over the printed entry without it, with sorted keys and no spaces', () => {
    const journal = openJournal(ownDir(), clock);
    const { hash, ...rest } = journal.append(newEntry({ detail: { z: { b: 1, a: 'ä\u2028"\ud800' }, A: [] } }));
    const text = JSON.stringify(sorted(JSON.parse(JSON.stringify(rest))));
    expect(hash).toBe(createHash('sha256').update(text).digest('hex'));
    journal.close();
  });

  test('intents without an outcome are open, and an action finds its entries', () => {
    const journal = openJournal(ownDir(), clock);
    journal.append(newEntry({ actionId: 'a' }));
    journal.append(newEntry({ actionId: 'b' }));
    journal.append(newEntry({ actionId: 'a', kind: 'outcome', outcome: 'ok' }));
    journal.append(newEntry({ actionId: null, kind: 'note' }));
    expect(journal.open().map((entry) => entry.actionId)).toEqual(['b']);
    expect(journal.ofAction('a').map((entry) => entry.kind)).toEqual(['intent', 'outcome']);
    journal.close();
  });

  test('a number that JSON cannot say is refused, and the journal goes on', () => {
    const journal = openJournal(ownDir(), clock);
    expect(() => journal.append(newEntry({ detail: { ms: Number.NaN } }))).toThrow(
      'The journal cannot keep the number NaN: unknown is null.',
    );
    expect(journal.failure).toBe(null);
    expect(journal.append(newEntry()).seq).toBe(1);
    journal.close();
  });

  test('secrets are gone before anything is stored', () => {
    const dir = ownDir();
    const redact = redactor([redactionOf('PASSWORD=\\S+')], [new Secret('hunter2-hunter2')]);
    const journal = openJournal(dir, clock, { redact });
    journal.append(newEntry({ command: 'env PASSWORD=abc run', detail: { out: ['token hunter2-hunter2'], 'hunter2-hunter2': 1 } }));
    const text = JSON.stringify(journal.tail(1));
    expect(text).not.toMatch(/hunter2|abc/);
    expect(text).toContain('env [redacted] run');
    journal.close();
  });

  test('an entry can be neither changed nor deleted, even by SQL', () => {
    const dir = ownDir();
    const journal = openJournal(dir, clock);
    journal.append(newEntry());
    journal.close();
    const database = new DatabaseSync(join(dir, 'journal.sqlite'));
    expect(() => database.exec("UPDATE entry SET body = '{}'")).toThrow('append-only');
    expect(() => database.exec('DELETE FROM entry')).toThrow('append-only');
    database.close();
  });
});

describe('the files', () => {
  test('directory and files are for their owner alone', () => {
    const dir = join(ownDir(), 'state');
    const journal = openJournal(dir, clock);
    journal.append(newEntry());
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of ['journal.sqlite', 'journal.sqlite-wal', 'journal.sqlite-shm', 'journal.head']) {
      expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    journal.close();
  });

  test('a file others could read is closed to them', () => {
    const dir = ownDir();
    openJournal(dir, clock).close();
    chmodSync(join(dir, 'journal.sqlite'), 0o644);
    openJournal(dir, clock).close();
    expect(statSync(join(dir, 'journal.sqlite')).mode & 0o777).toBe(0o600);
  });

  test('a file that is no database makes a journal that says so and takes nothing', () => {
    const dir = ownDir();
    writeFileSync(join(dir, 'journal.sqlite'), 'not a database '.repeat(400));
    const journal = openJournal(dir, clock);
    expect(journal.failure).toMatch(/^The journal .*journal\.sqlite is damaged: file is not a database; run quarterdeck journal verify/);
    expect(() => journal.append(newEntry())).toThrow('is damaged');
    expect(() => journal.tail(1)).toThrow('is damaged');
    journal.close();
  });

  test('a database of another program is left alone', () => {
    const dir = ownDir();
    const database = new DatabaseSync(join(dir, 'journal.sqlite'));
    database.exec('CREATE TABLE mine (x)');
    database.close();
    expect(openJournal(dir, clock).failure).toBe('The journal file is a database of another program.');
  });

  test('a journal of a newer version is not written', () => {
    const dir = ownDir();
    openJournal(dir, clock).close();
    const database = new DatabaseSync(join(dir, 'journal.sqlite'));
    database.exec('PRAGMA user_version = 7');
    database.close();
    expect(openJournal(dir, clock).failure).toContain('written by a newer quarterdeck');
  });

  test('a link in the place of the file is not followed', () => {
    const dir = ownDir();
    const elsewhere = join(dir, 'elsewhere');
    writeFileSync(elsewhere, '');
    mkdirSync(join(dir, 'state'));
    symlinkSync(elsewhere, join(dir, 'state', 'journal.sqlite'));
    expect(openJournal(join(dir, 'state'), clock).failure).not.toBe(null);
    expect(statSync(elsewhere).size).toBe(0);
  });

  test('a directory that cannot be made is a sentence, not a throw', () => {
    const dir = ownDir();
    writeFileSync(join(dir, 'file'), '');
    expect(openJournal(join(dir, 'file', 'state'), clock).failure).toMatch(/^The journal .* cannot be/);
  });

  test('after closing nothing is taken any more', () => {
    const journal = openJournal(ownDir(), clock);
    journal.close();
    expect(() => journal.append(newEntry())).toThrow('The journal is closed.');
  });
});

describe('reading', () => {
  test('there is nothing to read where no journal is, and none is made', () => {
    const dir = join(ownDir(), 'none');
    expect(readJournal(dir)).toBe(null);
    expect(() => statSync(dir)).toThrow();
  });

  test('a reader follows a writer', () => {
    const dir = ownDir();
    const journal = openJournal(dir, clock);
    journal.append(newEntry());
    const reader = readJournal(dir);
    expect(reader?.tail(5).map((entry) => entry.seq)).toEqual([1]);
    journal.append(newEntry({ actionId: 'a2' }));
    expect(reader?.after(1, 10).map((entry) => entry.actionId)).toEqual(['a2']);
    expect(reader?.open()).toHaveLength(2);
    reader?.close();
    journal.close();
  });
});

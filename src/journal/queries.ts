import type { DatabaseSync } from 'node:sqlite';
import type { Entry, EntryKind } from './entry.ts';
import { JournalError } from './journal-error.ts';
import { parseEntry, storedRow } from './stored-entry.ts';

/** The newest `count`, oldest first. */
export function tailOf(database: DatabaseSync, count: number): readonly Entry[] {
  const rows = database.prepare('SELECT seq, body, hash FROM entry ORDER BY seq DESC LIMIT ?').all(Math.max(0, Math.floor(count)));
  return entries(rows).toReversed();
}

/** Entries after a seq, oldest first. */
export function entriesAfter(database: DatabaseSync, seq: number, count: number): readonly Entry[] {
  return entries(database.prepare('SELECT seq, body, hash FROM entry WHERE seq > ? ORDER BY seq LIMIT ?').all(seq, count));
}

/** Entries of one action, oldest first. */
export function ofActionIn(database: DatabaseSync, actionId: string): readonly Entry[] {
  return entries(database.prepare('SELECT seq, body, hash FROM entry WHERE action_id = ? ORDER BY seq').all(actionId));
}

/** Intents without an outcome after them, oldest first. A refusal closes nothing: the same plan confirmed twice is refused while it runs. */
export function openIn(database: DatabaseSync): readonly Entry[] {
  const rows = database
    .prepare(
      `SELECT seq, body, hash FROM entry AS intent WHERE kind = 'intent' AND action_id IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM entry AS outcome WHERE outcome.action_id = intent.action_id AND outcome.kind = 'outcome' AND outcome.seq > intent.seq)
ORDER BY seq`,
    )
    .all();
  return entries(rows);
}

/** Entries of these kinds that belong to an action, oldest first. By the index, so that no body of another kind is parsed. */
export function ofKindsIn(database: DatabaseSync, kinds: readonly EntryKind[]): readonly Entry[] {
  const marks = kinds.map(() => '?').join(', ');
  const text = `SELECT seq, body, hash FROM entry INDEXED BY entry_action WHERE action_id IS NOT NULL AND kind IN (${marks}) ORDER BY seq`;
  return entries(database.prepare(text).all(...kinds));
}

/**
 * Number of the first entry written at or after a time (ISO 8601 UTC); one more than the last when there is none. Where the clock was set
 * back between two entries it may be off by these.
 */
export function firstSeqSince(database: DatabaseSync, at: string): number {
  const time = database.prepare("SELECT json_extract(body, '$.at') AS at FROM entry WHERE seq = ?");
  let low = 1;
  let high = Number(database.prepare('SELECT max(seq) AS seq FROM entry').get()?.['seq'] ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (String(time.get(middle)?.['at'] ?? '') < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function entries(rows: readonly unknown[]): readonly Entry[] {
  return rows.map((row) => {
    const stored = storedRow(row);
    const entry = stored === null ? null : parseEntry(stored);
    if (entry === null) {
      throw new JournalError(
        'damaged',
        `The journal's entry ${stored?.seq ?? ''} cannot be read; run quarterdeck journal verify.`.replace('  ', ' '),
      );
    }
    return entry;
  });
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry, EntryKind } from './entry.ts';
import { journalErrorOf } from './journal-error.ts';
import { entriesAfter, firstSeqSince, ofActionIn, ofKindsIn, openIn, tailOf } from './queries.ts';
import { journalFile } from './schema.ts';
import { openDatabase } from './sqlite.ts';

/** A journal that is only read: nothing is made and nothing written. Every method throws a JournalError when the file is damaged. */
export interface JournalReader {
  /** The newest `count`, oldest first. */
  tail(count: number): readonly Entry[];
  ofAction(actionId: string): readonly Entry[];
  open(): readonly Entry[];
  ofKinds(kinds: readonly EntryKind[]): readonly Entry[];
  /** Up to `count` entries after a seq, oldest first: for following and export. */
  after(seq: number, count: number): readonly Entry[];
  /** Up to `count` entries written at or after a time (ISO 8601 UTC), oldest first. */
  since(at: string, count: number): readonly Entry[];
  close(): void;
}

/** Opens the journal of a state directory for reading; `null` when there is none yet. Throws a JournalError. */
export function readJournal(dir: string, busyMs = 5000): JournalReader | null {
  const path = join(dir, journalFile);
  if (!existsSync(path)) return null;
  const worded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw journalErrorOf(error, path);
    }
  };
  const database = worded(() => openDatabase(path, { readOnly: true, busyMs }));
  return {
    tail: (count) => worded(() => tailOf(database, count)),
    ofAction: (actionId) => worded(() => ofActionIn(database, actionId)),
    open: () => worded(() => openIn(database)),
    ofKinds: (kinds) => worded(() => ofKindsIn(database, kinds)),
    after: (seq, count) => worded(() => entriesAfter(database, seq, count)),
    since: (at, count) => worded(() => entriesAfter(database, firstSeqSince(database, at) - 1, count)),
    close: () => database.close(),
  };
}

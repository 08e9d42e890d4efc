import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { bodyOf, firstPrev, hashOf } from './chain.ts';
import { readHead } from './head-record.ts';
import { headFile, journalFile, schemaProblem } from './schema.ts';
import { openDatabase } from './sqlite.ts';
import { parseEntry, storedRow } from './stored-entry.ts';

/** `ok` means that every entry reads as it was written and follows the one before it. */
export type VerifyResult =
  | { readonly ok: true; readonly entries: number; readonly head: string | null }
  | {
      readonly ok: false;
      /** Good entries before the first bad place. */
      readonly entries: number;
      /** The first bad entry, `null` when the fault is not in one. */
      readonly seq: number | null;
      /** One plain sentence. */
      readonly problem: string;
    };

interface Bad {
  readonly seq: number | null;
  readonly problem: string;
}

/**
 * Checks the journal of a state directory and names the first bad entry. Reads what can be read of a damaged file; writes nothing.
 * `expectedHead` is a hash noted earlier (shown when the console ends): a chain that does not hold it was replaced or cut off.
 */
export function verifyJournal(dir: string, expectedHead: string | null = null): VerifyResult {
  const path = join(dir, journalFile);
  // Before the entries are read: other consoles may append, and the record may then only lag behind.
  const record = readHead(dir);
  if (!existsSync(path)) {
    const lost = typeof record === 'string' ? '' : `, though entry ${record.seq} was written`;
    return { ok: false, entries: 0, seq: null, problem: `there is no journal in ${dir}${lost}` };
  }
  const wanted = [
    ...(typeof record === 'string' ? [] : [{ seq: record.seq, hash: record.hash }]),
    ...(expectedHead === null ? [] : [{ seq: null, hash: expectedHead }]),
  ];
  const walk = new Walk(wanted);
  const bad = inDatabase(path, (database) => walk.run(database) ?? wholeFileProblem(path, database));
  const unreadable: Bad | null = record === 'unreadable' ? { seq: null, problem: `the record ${headFile} is damaged` } : null;
  const first = bad ?? walk.missed() ?? unreadable;
  if (first !== null) return { ok: false, entries: walk.good, ...first };
  return { ok: true, entries: walk.good, head: walk.good === 0 ? null : walk.head };
}

/** The chain from its first entry on. */
class Walk {
  good = 0;
  head = firstPrev;
  #wanted: readonly { readonly seq: number | null; readonly hash: string }[];

  constructor(wanted: readonly { readonly seq: number | null; readonly hash: string }[]) {
    this.#wanted = wanted;
  }

  run(database: DatabaseSync): Bad | null {
    const next = database.prepare('SELECT seq, body, hash FROM entry WHERE seq > ? ORDER BY seq LIMIT 1');
    for (;;) {
      const seq = this.good + 1;
      let row: unknown;
      try {
        row = next.get(this.good);
      } catch (error) {
        return { seq, problem: `entry ${seq} cannot be read (${textOf(error)})` };
      }
      if (row === undefined) return null;
      const problem = this.#check(seq, row);
      if (problem !== null) return { seq, problem };
    }
  }

  /** A head that was noted and is not in the chain. */
  missed(): Bad | null {
    const [lost] = this.#wanted;
    if (lost === undefined) return null;
    if (lost.seq === null) return { seq: null, problem: `no entry has the expected hash ${lost.hash}` };
    if (lost.seq > this.good) {
      const which = lost.seq === this.good + 1 ? `entry ${lost.seq} is` : `entries ${this.good + 1} to ${lost.seq} are`;
      return { seq: this.good + 1, problem: `${which} missing at the end` };
    }
    return { seq: lost.seq, problem: `entry ${lost.seq} is not the one that was written (its hash differs from ${headFile})` };
  }

  #check(seq: number, row: unknown): string | null {
    const stored = storedRow(row);
    if (stored === null) return `entry ${seq} is damaged`;
    if (stored.seq !== seq) return stored.seq === seq + 1 ? `entry ${seq} is missing` : `entries ${seq} to ${stored.seq - 1} are missing`;
    if (hashOf(stored.body) !== stored.hash) return `entry ${seq} was changed: its hash does not match its text`;
    const entry = parseEntry(stored);
    if (entry === null || bodyOf(entry) !== stored.body) return `entry ${seq} is not written as an entry`;
    if (entry.seq !== seq) return `entry ${seq} says it is entry ${entry.seq}`;
    if (entry.prev !== this.head) return `entry ${seq} does not follow entry ${seq - 1}: the chain is broken`;
    this.good = seq;
    this.head = stored.hash;
    this.#wanted = this.#wanted.filter((each) => each.hash !== stored.hash || (each.seq !== null && each.seq !== seq));
    return null;
  }
}

function inDatabase(path: string, work: (database: DatabaseSync) => Bad | null): Bad | null {
  let database: DatabaseSync | null = null;
  try {
    database = openDatabase(path, { readOnly: true, busyMs: 5000 });
    readThoughShort(database);
    const problem = schemaProblem(database);
    if (problem !== null) return { seq: null, problem: `the journal file is damaged: ${problem}` };
    return work(database);
  } catch (error) {
    return { seq: null, problem: `the journal file is damaged: ${textOf(error)}` };
  } finally {
    database?.close();
  }
}

/** SQLite refuses every page of a file shorter than its header says, unless `writable_schema` is on; this connection cannot write anyway. */
function readThoughShort(database: DatabaseSync): void {
  // Newer versions of Node open in defensive mode, which overrules the pragma.
  if ('enableDefensive' in database) database.enableDefensive(false);
  database.exec('PRAGMA writable_schema = ON');
}

/** What SQLite finds in its own structures, and a file longer or shorter than it says. */
function wholeFileProblem(path: string, database: DatabaseSync): Bad | null {
  const found = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
  if (found !== 'ok') return { seq: null, problem: `the journal file is damaged: ${String(found).replaceAll('\n', ' ')}` };
  const wal = `${path}-wal`;
  // While a write-ahead log holds pages, the file itself may lag.
  if (existsSync(wal) && statSync(wal).size > 0) return null;
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  const bytes = pages * Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const size = statSync(path).size;
  return size === bytes ? null : { seq: null, problem: `the journal file is damaged: it has ${size} bytes and should have ${bytes}` };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

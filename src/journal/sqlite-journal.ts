import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { hashOf, linkEntry } from './chain.ts';
import type { Entry, EntryKind, Journal, NewEntry } from './entry.ts';
import { type Head, readHead, writeHead } from './head-record.ts';
import { isMendable, isPassing, JournalError, journalErrorOf } from './journal-error.ts';
import { ofActionIn, ofKindsIn, openIn, tailOf } from './queries.ts';
import { redactEntry } from './redact.ts';
import { ensureSchema, headFile, journalFile } from './schema.ts';
import { openDatabase } from './sqlite.ts';
import { storedRow } from './stored-entry.ts';

export interface JournalOptions {
  /** Applied to every string before it is stored. */
  readonly redact?: (text: string) => string;
  /** How long an append waits for other consoles, ms. */
  readonly busyMs?: number;
}

/**
 * Opens the journal of a state directory, making both when they are not there. Never throws: a journal that cannot write
 * says so in `failure`, so that watching goes on while changes are refused. Several consoles may have it open.
 */
export function openJournal(dir: string, clock: () => Date, options: JournalOptions = {}): Journal {
  return new SqliteJournal(dir, clock, { redact: options.redact ?? ((text) => text), busyMs: options.busyMs ?? 5000 });
}

class SqliteJournal implements Journal {
  readonly #dir: string;
  readonly #path: string;
  readonly #clock: () => Date;
  readonly #redact: (text: string) => string;
  #database: DatabaseSync | null = null;
  #failure: JournalError | null = null;
  /** Whether the disk itself showed why it could not be written; where it did not (a quota), only an append tells that it can be again. */
  #seenUnwell = false;

  constructor(dir: string, clock: () => Date, options: Required<JournalOptions>) {
    this.#dir = dir;
    this.#path = join(dir, journalFile);
    this.#clock = clock;
    this.#redact = options.redact;
    try {
      this.#database = openForWriting(dir, this.#path, options.busyMs);
      checkEnd(dir, this.#path, this.#database);
    } catch (error) {
      this.#failure = journalErrorOf(error, this.#path);
    }
  }

  get failure(): string | null {
    // Who waits for it appends nothing meanwhile, and would never hear that it can be written again.
    if (this.#seenUnwell && isMended(this.#dir)) {
      this.#failure = null;
      this.#seenUnwell = false;
    }
    return this.#failure?.message ?? null;
  }

  append(entry: NewEntry): Entry {
    // A disk that was full or read-only may be well again; after any other fault what is on disk is not known (fsync must not be retried).
    if (this.#failure !== null && !isMendable(this.#failure.fault)) throw this.#failure;
    const database = this.#open();
    try {
      const written = insert(database, redactEntry(entry, this.#redact), this.#clock());
      writeHead(this.#dir, written);
      this.#failure = null;
      return written;
    } catch (error) {
      const fault = journalErrorOf(error, this.#path);
      if (!isPassing(fault.fault)) this.#failure = fault;
      this.#seenUnwell = isMendable(fault.fault) && !isMended(this.#dir);
      throw fault;
    }
  }

  tail(count: number): readonly Entry[] {
    return this.#read((database) => tailOf(database, count));
  }

  ofAction(actionId: string): readonly Entry[] {
    return this.#read((database) => ofActionIn(database, actionId));
  }

  open(): readonly Entry[] {
    return this.#read(openIn);
  }

  ofKinds(kinds: readonly EntryKind[]): readonly Entry[] {
    return this.#read((database) => ofKindsIn(database, kinds));
  }

  close(): void {
    try {
      this.#database?.close();
    } catch {
      // What was acknowledged is on disk already; closing only tidies.
    }
    this.#database = null;
    this.#failure ??= new JournalError('closed', 'The journal is closed.');
  }

  #open(): DatabaseSync {
    if (this.#database === null) throw this.#failure ?? new JournalError('closed', 'The journal is closed.');
    return this.#database;
  }

  #read<T>(query: (database: DatabaseSync) => T): T {
    const database = this.#open();
    try {
      return query(database);
    } catch (error) {
      throw journalErrorOf(error, this.#path);
    }
  }
}

/** What an entry may take with the pages around it, bytes. */
const roomNeeded = 96 * 1024;

/** Whether the disk seems to have room and to be writable; only an append proves it. */
function isMended(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK);
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize >= roomNeeded;
  } catch {
    return false;
  }
}

function openForWriting(dir: string, path: string, busyMs: number): DatabaseSync {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // SQLite gives its side files the mode of the file; a link could lead outside the directory.
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  chmodSync(path, 0o600);
  const database = openDatabase(path, { readOnly: false, busyMs });
  try {
    setDurable(database, busyMs);
    ensureSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** WAL with a sync at every commit. Where WAL is not to be had, the rollback journal with EXTRA is as durable. */
function setDurable(database: DatabaseSync, busyMs: number): void {
  const mode = retryWhileBusy(busyMs, () => database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']);
  database.exec(`PRAGMA synchronous = ${mode === 'wal' ? 'FULL' : 'EXTRA'}`);
}

/** Turning WAL on does not wait for the busy timeout when another process does the same. */
function retryWhileBusy<T>(busyMs: number, attempt: () => T): T {
  const pauseMs = 20;
  for (let waited = 0; ; waited += pauseMs) {
    try {
      return attempt();
    } catch (error) {
      if (waited >= busyMs || journalErrorOf(error, '').fault !== 'busy') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

/** An end that is damaged or cut off must not be built upon, nor its traces overwritten. */
function checkEnd(dir: string, path: string, database: DatabaseSync): void {
  // In this order: another console may append in between, so the record may lag behind the end, never lead.
  const head = readHead(dir);
  const row = database.prepare('SELECT seq, body, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
  const last = row === undefined ? null : storedRow(row);
  const damaged = (what: string): JournalError =>
    new JournalError(
      'damaged',
      `The journal ${path} is damaged: ${what}; run quarterdeck journal verify, then move it and ${headFile} away.`,
    );
  if (row !== undefined && (last === null || hashOf(last.body) !== last.hash)) throw damaged('its last entry was changed');
  if (head === 'none' || head === 'unreadable') return;
  const seq = last?.seq ?? 0;
  if (head.seq > seq) throw damaged(`it ends at entry ${seq}, but entry ${head.seq} was written`);
}

function insert(database: DatabaseSync, entry: NewEntry, at: Date): Entry {
  database.exec('BEGIN IMMEDIATE');
  try {
    const linked = linkEntry(entry, at, lastOf(database));
    database.prepare('INSERT INTO entry (seq, body, hash) VALUES (?, ?, ?)').run(linked.entry.seq, linked.body, linked.entry.hash);
    database.exec('COMMIT');
    return linked.entry;
  } catch (error) {
    rollback(database);
    throw error;
  }
}

function lastOf(database: DatabaseSync): Head | null {
  const row = database.prepare('SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? null : { seq: Number(row['seq']), hash: String(row['hash']) };
}

/** Some faults have rolled back already; then this one says so, which is no news. */
function rollback(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // The error that brought us here is the one to tell.
  }
}

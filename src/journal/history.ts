import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './sqlite.ts';

/**
 * How the hosts fared, one row a host a minute, beside the journal: for charts of a period that is over. It is neither durable nor part of
 * the record. Nothing waits for it and nothing fails by it: where it cannot be kept there are no charts.
 */
export interface HistoryRow {
  readonly host: string;
  /** Epoch ms, at a whole minute. */
  readonly at: number;
  readonly cpuPct: number | null;
  readonly iowaitPct: number | null;
  readonly memoryPct: number | null;
  readonly nfsIops: number | null;
  readonly nfsMs: number | null;
  readonly diskPct: number | null;
  readonly health: string;
}

const historyFile = 'history.sqlite';
/** Rows older than this are dropped, ms. */
export const keptMs = 14 * 24 * 3_600_000;
/** Fourteen days of about 250 hosts; beyond that the oldest minutes go first. */
const mostBytes = 256 * 1024 * 1024;
const pageBytes = 4096;
const busyMs = 20;
/** Rows dropped at a time, so that no single statement takes long. */
const droppedAtOnce = 20_000;

const table = `CREATE TABLE IF NOT EXISTS sample (
  fleet TEXT NOT NULL, at INTEGER NOT NULL, host TEXT NOT NULL,
  cpu REAL, iowait REAL, memory REAL, nfs_iops REAL, nfs_ms REAL, disk REAL, health TEXT NOT NULL,
  PRIMARY KEY (fleet, at, host)
) STRICT, WITHOUT ROWID`;

export class History {
  readonly #fleet: string;
  readonly #path: string;
  #database: DatabaseSync | null = null;
  #failure: string | null = null;

  /** Opens it, making it when it is not there. Never throws; see `failure`. */
  constructor(dir: string, fleet: string, readOnly = false) {
    this.#fleet = fleet;
    this.#path = join(dir, historyFile);
    try {
      this.#database = readOnly ? openDatabase(this.#path, { readOnly, busyMs }) : openForWriting(this.#path);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Why it is not kept, in words; `null` while it is. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Keeps rows of one minute; the same minute again replaces them. */
  record(rows: readonly HistoryRow[]): void {
    this.#try((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const insert = database.prepare('INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
        for (const { at, host, cpuPct, iowaitPct, memoryPct, nfsIops, nfsMs, diskPct, health } of rows)
          insert.run(this.#fleet, at, host, cpuPct, iowaitPct, memoryPct, nfsIops, nfsMs, diskPct, health);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Drops what is too old, and the oldest tenth when the file is nearly full. */
  prune(now: number): void {
    this.#try((database) => {
      const limit = (before: number): void =>
        void database
          .prepare('DELETE FROM sample WHERE (fleet, at, host) IN (SELECT fleet, at, host FROM sample WHERE at < ? LIMIT ?)')
          .run(before, droppedAtOnce);
      limit(now - keptMs);
      const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'] ?? 0);
      const free = Number(database.prepare('PRAGMA freelist_count').get()?.['freelist_count'] ?? 0);
      if ((pages - free) * pageBytes < 0.9 * mostBytes) return;
      const row = database.prepare('SELECT min(at) AS first, max(at) AS last FROM sample').get();
      const first = Number(row?.['first'] ?? 0);
      limit(first + Math.max(1, Number(row?.['last'] ?? 0) - first) / 10);
    });
  }

  /** Rows of these hosts (all when null) from a time to another, epoch ms, oldest first. Empty when there is nothing to read. */
  range(hosts: readonly string[] | null, from: number, to: number): readonly HistoryRow[] {
    let rows: readonly HistoryRow[] = [];
    this.#try((database) => {
      const found = database
        .prepare('SELECT * FROM sample WHERE fleet = ? AND at BETWEEN ? AND ? ORDER BY at, host LIMIT 500000')
        .all(this.#fleet, Math.floor(from), Math.ceil(to));
      const wanted = hosts === null ? null : new Set(hosts);
      rows = found.flatMap((row) => (wanted === null || wanted.has(String(row['host'])) ? [rowOf(row)] : []));
    });
    return rows;
  }

  /** Every host of the fleet that it has rows of. */
  hosts(): readonly string[] {
    let names: readonly string[] = [];
    this.#try((database) => {
      names = database
        .prepare('SELECT DISTINCT host FROM sample WHERE fleet = ?')
        .all(this.#fleet)
        .map((row) => String(row['host']));
    });
    return names;
  }

  close(): void {
    try {
      this.#database?.close();
    } catch {
      // Nothing in it is missed.
    }
    this.#database = null;
  }

  #try(work: (database: DatabaseSync) => void): void {
    if (this.#database === null) return;
    try {
      work(this.#database);
      this.#failure = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure = `${this.#path} cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}

function openForWriting(path: string): DatabaseSync {
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  chmodSync(path, 0o600);
  const database = openDatabase(path, { readOnly: false, busyMs });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA max_page_count = ${mostBytes / pageBytes}`);
    database.exec(table);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function rowOf(row: Readonly<Record<string, unknown>>): HistoryRow {
  const number = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null);
  return {
    host: String(row['host']),
    at: Number(row['at']),
    cpuPct: number('cpu'),
    iowaitPct: number('iowait'),
    memoryPct: number('memory'),
    nfsIops: number('nfs_iops'),
    nfsMs: number('nfs_ms'),
    diskPct: number('disk'),
    health: String(row['health']),
  };
}

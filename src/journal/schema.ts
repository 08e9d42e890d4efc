import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';

/** Name of the journal's file in the state directory. */
export const journalFile = 'journal.sqlite';

/** Name of the file that repeats the head of the chain (see `head-record.ts`). */
export const headFile = 'journal.head';

export const schemaVersion = 1;

/** "QDJN": tells this file from any other SQLite database. */
export const applicationId = 0x51444a4e;

const objects: readonly (readonly [string, string])[] = [
  [
    'entry',
    `CREATE TABLE entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  action_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.actionId')) VIRTUAL,
  kind TEXT GENERATED ALWAYS AS (json_extract(body, '$.kind')) VIRTUAL
) STRICT`,
  ],
  ['entry_action', 'CREATE INDEX entry_action ON entry (action_id, kind) WHERE action_id IS NOT NULL'],
  ['entry_no_update', `CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`],
  ['entry_no_delete', `CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`],
];

/** Makes the tables of an empty database, and refuses one that is not ours. Several processes may come at once. */
export function ensureSchema(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    if (versionOf(database) === 0) {
      const found = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
      if (found !== 0) throw new JournalError('damaged', 'The journal file is a database of another program.');
      for (const [, text] of objects) database.exec(text);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) {
    throw new JournalError(
      'newer',
      `The journal was written by a newer quarterdeck (its version is ${version}, this one knows ${schemaVersion}).`,
    );
  }
  return version;
}

/** What in the schema is not as this program made it, in words; `null` when all is. */
export function schemaProblem(database: DatabaseSync): string | null {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== applicationId) return 'it is not marked as a journal of quarterdeck';
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== schemaVersion) return `its version is ${String(version)}, this program knows ${schemaVersion}`;
  const rows = database.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").all();
  const found = new Map(rows.map((row) => [String(row['name']), String(row['sql'])]));
  for (const [name, text] of objects) {
    if (!found.has(name)) return `its part ${name} is missing`;
    if (found.get(name) !== text) return `its part ${name} was changed`;
  }
  return found.size === objects.length ? null : 'it has parts that this program did not make';
}

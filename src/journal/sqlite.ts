import process from 'node:process';
import type { DatabaseSync } from 'node:sqlite';

type Sqlite = typeof import('node:sqlite');
let loaded: Sqlite | null = null;

/**
 * `node:sqlite`, loaded when first used. Node before 24 prints an ExperimentalWarning at that moment, which would land on the screen;
 * that one warning is dropped, every other goes its way.
 */
export function sqlite(): Sqlite {
  if (loaded !== null) return loaded;
  const emit = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes('SQLite is an experimental feature')) return;
    Reflect.apply(emit, process, [warning, ...rest]);
  };
  try {
    loaded = process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
  return loaded;
}

/** Opens a database; every statement waits at most `busyMs` for another process. */
export function openDatabase(path: string, options: { readonly readOnly: boolean; readonly busyMs: number }): DatabaseSync {
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(path, { readOnly: options.readOnly });
  try {
    database.exec(`PRAGMA busy_timeout = ${Math.round(options.busyMs)}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

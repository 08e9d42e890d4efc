import type { Entry, EntryKind, JsonValue } from './entry.ts';

/** One row as SQLite gives it. */
export interface StoredRow {
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

/** `null` when the row has not the shape this program writes. */
export function storedRow(row: unknown): StoredRow | null {
  if (!isRecord(row)) return null;
  const { seq, body, hash } = row;
  return typeof seq === 'number' && typeof body === 'string' && typeof hash === 'string' ? { seq, body, hash } : null;
}

/** An entry from its row; `null` when its text is not one. Kinds this version does not know are kept as they are. */
export function parseEntry(row: StoredRow): Entry | null {
  const value = parseJson(row.body);
  if (!isRecord(value)) return null;
  const { seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev } = value;
  if (typeof seq !== 'number' || typeof at !== 'string' || !isKind(kind) || typeof who !== 'string' || typeof prev !== 'string')
    return null;
  if (!isText(actionId) || !isText(env) || !isText(command) || !isText(outcome)) return null;
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string') || !isDetail(detail)) return null;
  return { seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev, hash: row.hash };
}

/** Readers accept kinds of later versions (see `EntryKind`), which the type cannot name. */
function isKind(value: unknown): value is EntryKind {
  return typeof value === 'string' && value !== '';
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDetail(value: unknown): value is Readonly<Record<string, JsonValue>> {
  // It was parsed from JSON, so all that is in it is.
  return isRecord(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Entry, NewEntry } from './entry.ts';

/** `prev` of the first entry. */
export const firstPrev = '0'.repeat(64);

/** Text that an entry's hash is taken over, and that is stored. */
export function bodyOf(entry: Omit<Entry, 'hash'>): string {
  const { seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev } = entry;
  return canonicalJson({ seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev });
}

/** SHA-256 in lower-case hex. */
export function hashOf(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}

/** The entry that follows `last` in the chain; `null` when there is none before it. */
export function linkEntry(
  entry: NewEntry,
  at: Date,
  last: { readonly seq: number; readonly hash: string } | null,
): { entry: Entry; body: string } {
  const open = { ...entry, seq: (last?.seq ?? 0) + 1, at: at.toISOString(), prev: last?.hash ?? firstPrev };
  const body = bodyOf(open);
  return { entry: { ...open, hash: hashOf(body) }, body };
}

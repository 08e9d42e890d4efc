import { sanitizeLine } from '../remote/sanitize.ts';

/** Enough for every mount, device and state word of a large fleet. */
const keptAtMost = 20_000;
const kept = new Map<string, string>();

/**
 * Outside text as samples hold it: safe for the terminal, and one string for equal texts. A piece cut out of a round would keep
 * the whole round in memory for as long as the sample lives; names that come again every two seconds are kept once instead.
 */
export function shown(text: string, maxLength = 500): string {
  const clean = sanitizeLine(text, maxLength);
  const known = kept.get(clean);
  if (known !== undefined) return known;
  if (kept.size >= keptAtMost) kept.clear();
  const copy = Buffer.from(clean, 'utf8').toString('utf8');
  kept.set(copy, copy);
  return copy;
}

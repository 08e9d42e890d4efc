import { visible } from './visible.ts';

/**
 * Edits between two words, a swap of neighbours counting as one (optimal string alignment, Damerau 1964);
 * stops counting above `limit` and returns `limit + 1`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? limit + 1, limit + 1);
}

/** The known word most like `word`, or `null` when none is near enough to be meant. Case does not count, nor `-` against `_`. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const plain = normal(word);
  if (plain.length > 80) return null;
  const limit = plain.length <= 2 ? 0 : plain.length <= 4 ? 1 : plain.length <= 7 ? 2 : 3;
  let found: string | null = null;
  let distance = limit + 1;
  for (const candidate of known) {
    const edits = editDistance(plain, normal(candidate), limit);
    if (edits < distance && edits < Math.max(plain.length, candidate.length)) {
      found = candidate;
      distance = edits;
    }
  }
  return found;
}

/** The remedy for a misspelt word, or `null` when none is near. */
export function didYouMean(word: string, known: Iterable<string>): string | null {
  const near = nearest(word, known);
  return near === null ? null : `Did you mean "${visible(near)}"?`;
}

/** The remedy for an unknown word: the nearest right one, else all of them when they are few. */
export function suggestion(word: string, known: Iterable<string>, what: string): string | null {
  const words = [...known];
  const near = didYouMean(word, words);
  if (near !== null) return near;
  if (words.length === 0) return null;
  const shown = words.length > 24 ? [...words.slice(0, 24), '…'] : words;
  return `${what}: ${shown.join(', ')}.`;
}

function normal(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}

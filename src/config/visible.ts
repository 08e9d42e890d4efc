/** C0 and C1 controls, line and paragraph separators, and the direction marks that make text read differently than it runs (UTR 36, 3.1). */
const hidden = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/gu;
const longest = 60;

/** Text fit for a terminal line: each hidden character becomes one `·`, a tab one space, so that columns keep. */
export function visible(text: string): string {
  return text.replace(hidden, (char) => (char === '\t' ? ' ' : '·'));
}

/** A name or value in quotation marks, cut when long. */
export function quoted(text: string): string {
  return text.length > longest ? `"${visible(text.slice(0, longest - 1))}…"` : `"${visible(text)}"`;
}

/** A value of the file in words, for the end of "…, not X". */
export function valueInWords(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return value === '' ? 'an empty text' : quoted(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a map of keys';
}

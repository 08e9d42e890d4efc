import { isUtf8 } from 'node:buffer';

/** Text of printable ASCII, tab and newline needs no work: nearly all output of nearly all hosts. */
const notPlain = /[^\t\n\x20-\x7e]/;
const notPlainLine = /[^\x20-\x7e]/;

/**
 * What must not reach a terminal as it is: control characters (C0 but tab and newline, DEL, C1), every format character (bidi,
 * zero-width, tags), line and paragraph separators, lone surrogates, and what fonts draw as nothing (Hangul fillers, variation selectors).
 * @see Unicode 17 §23 (Default_Ignorable_Code_Point), CVE-2021-42574
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Makes outside text safe for the terminal: whatever could move the cursor, change modes, hide or reorder text is shown as `\x1b` or
 * `\u{202e}`. Tabs stay, newlines stay unless `keepNewlines` is false; a carriage return is always shown (CVE-2021-25743).
 * Colour is for the caller to add afterwards.
 */
export function sanitizeText(text: string, options: { readonly keepNewlines?: boolean } = {}): string {
  const keepNewlines = options.keepNewlines ?? true;
  if (!notPlain.test(text)) return keepNewlines ? text : text.replaceAll('\n', '\\x0a');
  return text.replace(hidden, (character) => {
    if (character === '\t' || (character === '\n' && keepNewlines)) return character;
    return visible(character);
  });
}

/** For single-line places: the edges trimmed, tabs become spaces, inner newlines visible, cut with `…` at `maxLength` UTF-16 units. */
export function sanitizeLine(text: string, maxLength = 500): string {
  // Cut first: an error text of a gigabyte must not be escaped as a whole. Escapes only make text longer.
  const trimmed = text.slice(0, maxLength * 2 + 100).trim();
  const clean = notPlainLine.test(trimmed) ? sanitizeText(trimmed, { keepNewlines: false }).replaceAll('\t', ' ') : trimmed;
  if (clean.length <= maxLength) return clean;
  return `${clean.slice(0, Math.max(0, maxLength - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Bytes from outside as sanitized text, newlines kept; bytes that are not UTF-8 are shown as `\xNN`. */
export function decodeOutput(bytes: Buffer): string {
  if (isUtf8(bytes)) return sanitizeText(bytes.toString('utf8'));
  let text = '';
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += `${bytes.toString('utf8', from, at)}\\x${(bytes[at] ?? 0).toString(16)}`;
    at += 1;
    from = at;
  }
  return sanitizeText(text + bytes.toString('utf8', from));
}

/** Bytes of the well-formed sequence that begins at `at`, 0 when none does. See Unicode 17, table 3-7. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** A host name as the person must see it: everything outside visible ASCII is escaped, so that no look-alike letter passes for another host. */
export function visibleName(name: string): string {
  if (/^[\x21-\x7e]*$/.test(name)) return name;
  return Array.from(name, (character) => (/^[\x21-\x7e]$/.test(character) ? character : visible(character))).join('');
}

/** Whether a name holds anything outside visible ASCII and deserves a badge. */
export function isLookalikeRisk(name: string): boolean {
  return !/^[\x21-\x7e]*$/.test(name);
}

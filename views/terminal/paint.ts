import type { Theme, Token } from '../theme.ts';
import { toAscii } from './ascii.ts';
import { clipLine, type Line } from './line.ts';

// C0, DEL, C1, line and paragraph separators, bidirectional controls, and the invisible characters that string-width counts as nothing.
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}]/gu;

/**
 * The last guard before the terminal: text from outside was sanitized where it came in (`remote/sanitize`), and here nothing but our own
 * styling may carry a control character.
 */
export function printable(text: string): string {
  return text.replace(unprintable, '·');
}

/** A line as bytes for the terminal, at most `columns` wide. `over` paints all of it in one token (the cursor's row). */
export function paint(theme: Theme, spans: Line, columns: number, over: Token | null = null): string {
  const clean = spans.map(({ text, token }) => ({ text: printable(text), token: over ?? token }));
  const cut = clipLine(clean, columns);
  let out = '';
  let index = 0;
  while (index < cut.length) {
    const token = cut[index]?.token ?? 'text';
    let text = '';
    while (index < cut.length && cut[index]?.token === token) {
      text += cut[index]?.text ?? '';
      index += 1;
    }
    const style = theme.styles[token];
    const shown = theme.ascii ? toAscii(text) : text;
    out += style === null ? shown : style.open + shown + style.close;
  }
  return out;
}

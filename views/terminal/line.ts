import type { Token } from '../theme.ts';
import { head, widthOf } from './width.ts';

/** A run of text in one style. */
export interface Span {
  readonly text: string;
  readonly token: Token;
}

/** One row of the screen before it becomes bytes. */
export type Line = readonly Span[];

export const blank: Line = [];

export function span(text: string, token: Token = 'text'): Span {
  return { text, token };
}

export function line(text: string, token: Token = 'text'): Line {
  return [{ text, token }];
}

/** Joins lines with plain text between them; empty ones are left out. */
export function join(parts: readonly Line[], between: string): Line {
  const out: Span[] = [];
  for (const part of parts) {
    if (part.length === 0) continue;
    if (out.length > 0) out.push(span(between));
    out.push(...part);
  }
  return out;
}

export function lineWidth(spans: Line): number {
  let width = 0;
  for (const { text } of spans) width += widthOf(text);
  return width;
}

export function plainText(spans: Line): string {
  return spans.map(({ text }) => text).join('');
}

/** At most `columns` wide, with an ellipsis where it was cut. */
export function clipLine(spans: Line, columns: number): Line {
  let left = columns;
  const out: Span[] = [];
  for (const [index, part] of spans.entries()) {
    const width = widthOf(part.text);
    if (width < left || (width === left && index === spans.length - 1)) {
      out.push(part);
      left -= width;
      continue;
    }
    const rest = lineWidth(spans.slice(index));
    if (rest <= left) {
      out.push(...spans.slice(index));
      return out;
    }
    if (left > 0) out.push({ text: width < left ? part.text : `${head(part.text, left - 1)}…`, token: part.token });
    return out;
  }
  return out;
}

/** Exactly `columns` wide. */
export function fitLine(spans: Line, columns: number, align: 'left' | 'right' = 'left'): Line {
  const cut = clipLine(spans, columns);
  const missing = columns - lineWidth(cut);
  if (missing <= 0) return cut;
  const pad = span(' '.repeat(missing));
  return align === 'left' ? [...cut, pad] : [pad, ...cut];
}

/** `left` at the left edge and `right` at the right one; the left gives way. */
export function justify(left: Line, right: Line, columns: number): Line {
  const rightWidth = lineWidth(right);
  if (rightWidth === 0) return clipLine(left, columns);
  if (rightWidth + 1 >= columns) return clipLine(right, columns);
  return [...fitLine(left, columns - rightWidth), ...right];
}

import { type Line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import type { Token } from '../theme.ts';

const labelWidth = 10;

/** A label and its text, wrapped under itself. */
export function field(label: string, text: string, width: number, token: Token = 'text'): Line[] {
  return wrap(text, width - labelWidth).map((part, index) => [
    span((index === 0 ? label : '').padEnd(labelWidth), 'dim'),
    span(part, token),
  ]);
}

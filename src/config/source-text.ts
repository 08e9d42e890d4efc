import stringWidth from 'string-width';
import { visible } from './visible.ts';

/** A part of the text, in UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const widest = 110;
const before = 60;

/** A file's text with its lines, to turn offsets into places a person can find. */
export class SourceText {
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Line and column of an offset, both from 1. */
  positionAt(offset: number): { line: number; column: number } {
    const inside = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: inside - (this.#starts[low] ?? 0) + 1 };
  }

  /** The line in which the span begins, and carets under the span; a long line is cut to a window around the place. */
  excerpt(span: Span): string {
    const { line, column } = this.positionAt(span.start);
    const whole = this.#line(line);
    const from = whole.length > widest ? Math.max(0, column - 1 - before) : 0;
    const shown = whole.slice(from, from + widest);
    const at = Math.min(column - 1 - from, shown.length);
    const length = Math.max(0, Math.min(span.end - span.start, shown.length - at));
    const number = String(line).padStart(4);
    const cut = from > 0 ? '…' : '';
    const pad = stringWidth(cut + visible(shown.slice(0, at)));
    const carets = Math.max(1, stringWidth(visible(shown.slice(at, at + length))));
    const rest = from + widest < whole.length ? '…' : '';
    return `${number} | ${cut}${visible(shown)}${rest}\n     | ${' '.repeat(pad)}${'^'.repeat(carets)}`;
  }

  #line(line: number): string {
    const start = this.#starts[line - 1] ?? 0;
    const next = this.#starts[line];
    return this.text.slice(start, next === undefined ? this.text.length : next - 1).replace(/\r$/, '');
  }
}

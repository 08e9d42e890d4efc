import { type Line, span, type Span } from '../terminal/line.ts';
import type { Token } from '../theme.ts';

export interface ChartSpec {
  /** Oldest first; two values share a column. */
  readonly values: readonly (number | null)[];
  /** Columns, scale labels included. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Value at the upper edge; `null` takes the next round number above all values and the limit. */
  readonly top: number | null;
  /** Drawn as a line of dashes; what lies above it is painted `warn`. */
  readonly limit: number | null;
  readonly label: (value: number) => string;
}

const labelWidth = 6;
// Bits of the left and right dot columns from the lowest row up (Unicode chart U+2800).
const left = [0x40, 0x04, 0x02, 0x01];
const right = [0x80, 0x20, 0x10, 0x08];

/** The next of 1, 2, 5 × 10ⁿ that is not below `value`. */
export function roundTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

/** How many values a chart of this width shows. */
export function chartCapacity(width: number): number {
  return Math.max(1, width - labelWidth - 1) * 2;
}

/** A line chart of `height` rows; gaps stay empty, lone points and jumps are joined vertically. */
export function brailleChart(spec: ChartSpec): Line[] {
  const columns = Math.max(1, spec.width - labelWidth - 1);
  const shown = spec.values.slice(-columns * 2);
  let largest = spec.limit ?? 0;
  for (const value of shown) if (value !== null && value > largest) largest = value;
  const top = spec.top ?? roundTop(largest);
  const dotsHigh = spec.height * 4;
  const cells = Array.from({ length: spec.height }, () => new Uint8Array(columns));
  const offset = columns * 2 - shown.length;

  const dotOf = (value: number): number => Math.round((Math.min(Math.max(value, 0), top) / top) * (dotsHigh - 1));
  const set = (x: number, dot: number): void => {
    const row = cells[spec.height - 1 - Math.floor(dot / 4)];
    const column = Math.floor(x / 2);
    const bits = (x % 2 === 0 ? left : right)[dot % 4] ?? 0;
    if (row !== undefined) row[column] = (row[column] ?? 0) | bits;
  };

  let previous: number | null = null;
  for (const [index, value] of shown.entries()) {
    if (value === null) {
      previous = null;
      continue;
    }
    const dot = dotOf(value);
    const from = previous === null ? dot : previous < dot ? previous + 1 : previous > dot ? previous - 1 : dot;
    for (let at = Math.min(from, dot); at <= Math.max(from, dot); at += 1) set(index + offset, at);
    previous = dot;
  }

  const limitRow = spec.limit === null || spec.limit > top ? -1 : spec.height - 1 - Math.floor(dotOf(spec.limit) / 4);
  return cells.map((row, index) => {
    const label = index === 0 ? spec.label(top) : index === spec.height - 1 ? spec.label(0) : '';
    const token: Token = index < limitRow ? 'warn' : 'chart';
    return [span(`${label.slice(0, labelWidth).padStart(labelWidth)} `, 'dim'), ...rowSpans(row, token, index === limitRow)];
  });
}

function rowSpans(row: Uint8Array, token: Token, isLimit: boolean): Span[] {
  const out: Span[] = [];
  for (const bits of row) {
    const empty = bits === 0;
    const text = empty ? (isLimit ? '╌' : ' ') : String.fromCharCode(0x2800 + bits);
    const style: Token = empty ? 'dim' : token;
    const last = out.at(-1);
    if (last !== undefined && last.token === style) out[out.length - 1] = span(last.text + text, style);
    else out.push(span(text, style));
  }
  return out;
}

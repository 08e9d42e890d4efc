const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * One character a value, right-aligned in `width` columns; a value not measured is a gap.
 * `top` is what fills a character; `null` scales to the largest value shown, and then at least 1, so that noise around zero stays low.
 */
export function sparkline(values: readonly (number | null)[], width: number, top: number | null): string {
  const shown = values.slice(-width);
  let largest = top ?? 1;
  if (top === null) for (const value of shown) if (value !== null && value > largest) largest = value;
  let out = ' '.repeat(Math.max(0, width - shown.length));
  for (const value of shown) {
    if (value === null) {
      out += ' ';
      continue;
    }
    const level = Math.round((Math.min(Math.max(value, 0), largest) / largest) * (levels.length - 1));
    out += levels[level] ?? '█';
  }
  return out;
}

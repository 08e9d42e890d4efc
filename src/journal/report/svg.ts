import { escapeHtml } from './escape.ts';
import type { ReportChart } from './report.ts';

/** Okabe and Ito's colours for colour-blind readers, without the black that text has; lines differ by their dashes as well. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00', '#8C6D1F', '#666666'] as const;
const dashes = ['', '6 3', '2 2', '8 3 2 3', '4 4', '1 3', '10 4', '3 1'] as const;

const width = 720;
const height = 160;
const left = 56;
const right = 12;
const top = 12;
const bottom = 28;
/** Rows are a minute apart; a longer silence is drawn as a gap. */
const gapMs = 150_000;

/** One chart as inline SVG, its period from `from` to `to`, epoch ms, what it is about (`shaded`) behind its lines. No script, no style from outside, every text escaped. */
export function svgChart(chart: ReportChart, from: number, to: number, shaded: readonly [number, number] | null = null): string {
  const values = chart.lines.flatMap((line) => line.points.flatMap(([, value]) => (value === null ? [] : [value])));
  const most = chart.top ?? roundUp(values.reduce((peak, value) => Math.max(peak, value), 0));
  const x = (at: number): number => left + ((at - from) / Math.max(1, to - from)) * (width - left - right);
  const y = (value: number): number => height - bottom - (Math.min(value, most) / most) * (height - top - bottom);
  const grid = [0, most / 2, most].map(
    (value) =>
      `<line x1="${left}" x2="${width - right}" y1="${n(y(value))}" y2="${n(y(value))}" stroke="#ccc"/><text x="${left - 6}" y="${n(y(value) + 4)}" text-anchor="end">${escapeHtml(label(value))}</text>`,
  );
  const times = [from, (from + to) / 2, to].map(
    (at, index) =>
      `<text x="${n(x(at))}" y="${height - 8}" text-anchor="${['start', 'middle', 'end'][index] ?? 'middle'}">${escapeHtml(new Date(at).toISOString().slice(11, 16))}</text>`,
  );
  const band =
    shaded === null
      ? ''
      : `<rect x="${n(x(shaded[0]))}" y="${top}" width="${n(Math.max(1, x(shaded[1]) - x(shaded[0])))}" height="${height - top - bottom}" fill="#D55E00" fill-opacity="0.1"/>`;
  const lines = chart.lines.map((line, index) => {
    const dash = dashes[index % dashes.length] ?? '';
    const colour = colours[index % colours.length] ?? colours[0];
    const inside = line.points.filter(([at]) => at >= from - gapMs && at <= to + gapMs);
    return `<path d="${path(inside, x, y)}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-dasharray="${dash}"/>`;
  });
  const key = chart.lines.map((line, index) => {
    const colour = colours[index % colours.length] ?? colours[0];
    const dash = dashes[index % dashes.length] ?? '';
    return `<span class="key"><svg width="28" height="8" aria-hidden="true"><line x1="0" x2="28" y1="4" y2="4" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/></svg> ${escapeHtml(line.name)}</span>`;
  });
  const title = `${chart.title}, ${chart.unit}`;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">${band}${grid.join('')}${times.join('')}${lines.join('')}</svg><p>${key.join(' ')}</p></figure>`;
}

function path(points: readonly (readonly [number, number | null])[], x: (at: number) => number, y: (value: number) => number): string {
  let drawn = '';
  let last: number | null = null;
  for (const [at, value] of points) {
    if (value === null) {
      last = null;
      continue;
    }
    const joins = last !== null && at - last <= gapMs;
    // A measure alone between two gaps is a dot.
    drawn += joins ? `L${n(x(at))} ${n(y(value))}` : `M${n(x(at))} ${n(y(value))}h0.5`;
    last = at;
  }
  return drawn;
}

/** The next of 1, 2, 5 × 10ⁿ that is not below a value. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function label(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

function n(value: number): string {
  return value.toFixed(1);
}

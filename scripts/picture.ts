// Renders the real fleet screen of the demo, in a real terminal, to docs/fleet.svg: npm run picture
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { spawn } from '@lydell/node-pty';

const columns = 112;
const rows = 22;
const watchedMs = 75_000;
const cell = { width: 8.4, height: 18 };
const palette = [
  '#1e1e2e',
  '#f38ba8',
  '#a6e3a1',
  '#f9e2af',
  '#89b4fa',
  '#cba6f7',
  '#94e2d5',
  '#cdd6f4',
  '#6c7086',
  '#f38ba8',
  '#a6e3a1',
  '#f9e2af',
  '#89b4fa',
  '#cba6f7',
  '#94e2d5',
  '#ffffff',
];
const paper = '#1e1e2e';
const ink = '#cdd6f4';

const state = mkdtempSync(join(tmpdir(), 'quarterdeck-picture-'));
const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
const { NO_COLOR: _, ...withoutNoColor } = process.env;
const shown = spawn(process.execPath, ['dist/main.js', '--state-dir', state, 'demo', '--scenario', 'pencils-down'], {
  name: 'xterm-256color',
  cols: columns,
  rows,
  env: { ...withoutNoColor, COLORTERM: 'truecolor' },
});
shown.onData((data) => terminal.write(data));
await new Promise((resolve) => setTimeout(resolve, watchedMs));
writeFileSync('docs/fleet.svg', svg());
shown.kill('SIGTERM');
rmSync(state, { recursive: true, force: true });
process.exit(0);

function svg(): string {
  const width = Math.ceil(columns * cell.width + 24);
  const height = rows * cell.height + 24;
  const lines = Array.from({ length: rows }, (_, row) => drawRow(row)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The fleet screen of Quarterdeck's demo: one web server's service is down, and the line above says why">
<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${lines}
</g>
</svg>
`;
}

/** Runs of one style as one text each; backgrounds as boxes behind them. */
function drawRow(row: number): string {
  const line = terminal.buffer.active.getLine(row);
  if (line === undefined) return '';
  const out: string[] = [];
  const y = 12 + row * cell.height;
  let at = 0;
  while (at < columns) {
    const first = line.getCell(at);
    if (first === undefined) break;
    const style = styleOf(first);
    let text = '';
    const start = at;
    for (; at < columns; at += 1) {
      const each = line.getCell(at);
      if (each === undefined || styleOf(each) !== style) break;
      if (each.getWidth() > 0) text += each.getChars() === '' ? ' ' : each.getChars();
    }
    out.push(drawRun(text, start, at - start, y, style));
  }
  return out.join('');
}

function drawRun(text: string, column: number, cells: number, y: number, style: string): string {
  const [fg = ink, bg = '', weight = ''] = style.split('|');
  const x = 12 + column * cell.width;
  const box =
    bg === '' ? '' : `<rect x="${x.toFixed(1)}" y="${y}" width="${(cells * cell.width).toFixed(1)}" height="${cell.height}" fill="${bg}"/>`;
  if (text.trim() === '') return box;
  const bold = weight === 'bold' ? ' font-weight="bold"' : '';
  return `${box}<text x="${x.toFixed(1)}" y="${y + 14}" fill="${fg}"${bold} textLength="${(cells * cell.width).toFixed(1)}">${escaped(text)}</text>`;
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<typeof terminal.buffer.active.getLine>>['getCell']>>;

function styleOf(each: Cell): string {
  const fg = each.isFgDefault() ? ink : colour(each.getFgColor(), each.isFgRGB());
  const bg = each.isBgDefault() ? '' : colour(each.getBgColor(), each.isBgRGB());
  const dim = each.isDim() !== 0 && each.isFgDefault() ? '#7f849c' : fg;
  const [front, back] = each.isInverse() === 0 ? [dim, bg] : [bg === '' ? paper : bg, fg];
  return `${front}|${back}|${each.isBold() === 0 ? '' : 'bold'}`;
}

function colour(value: number, rgb: boolean): string {
  if (rgb) return `#${value.toString(16).padStart(6, '0')}`;
  const named = palette[value];
  if (named !== undefined) return named;
  if (value >= 232) return `#${(8 + (value - 232) * 10).toString(16).padStart(2, '0').repeat(3)}`;
  const step = (part: number): string => (part === 0 ? 0 : 55 + part * 40).toString(16).padStart(2, '0');
  const cube = value - 16;
  return `#${step(Math.floor(cube / 36))}${step(Math.floor(cube / 6) % 6)}${step(cube % 6)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

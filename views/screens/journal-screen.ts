import { formatClock } from '../../src/fleet/duration.ts';
import type { ConsoleCost } from '../console.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { bytes, duration, plural } from '../format.ts';
import { allRows, lookBack, rowIndex, shownRows } from '../journal-flow.ts';
import type { JournalRow } from '../journal-rows.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { clipLine, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { glyphOf, type Token } from '../theme.ts';
import { longest, numberColumn, textColumn } from './small-table.ts';

const gap = 2;

/** What was run, by whom, and what came of it; newest first. */
export function journalScreen(scene: Scene, screen: Extract<ScreenEntry, { kind: 'journal' }>, height: number): string[] {
  const { columns: width, theme, viewport, console } = scene;
  const entries = console.journal.tail(lookBack);
  const rows = shownRows(entries, screen);
  const all = allRows(entries).length;
  const foot = costLines(console.cost());
  const bodyRows = Math.max(1, height - 2 - foot.length);
  const at = rowIndex(rows, screen);
  viewport.maxTop = Math.max(0, rows.length - bodyRows);
  viewport.top = Math.max(Math.min(viewport.top, viewport.maxTop, at), at - bodyRows + 1, 0);
  viewport.bodyRows = bodyRows;
  const placed = layOut(columnsFor(rows, scene.now), width - 2, gap);
  const draw = (spans: Line, isCursor = false): string => paint(theme, [span(' '), ...spans], width, isCursor ? 'cursor' : null);
  const body =
    rows.length === 0
      ? [draw(line(all === 0 ? emptyWords(scene) : 'No line matches the filter.', 'dim'))]
      : rows
          .slice(viewport.top, viewport.top + bodyRows)
          .map((row, index) => draw(tableRow(placed, row, gap), viewport.top + index === at));
  while (body.length < bodyRows) body.push('');
  return [
    draw(titleLine(screen.filter, rows.length, all)),
    draw(tableHeader(placed, gap)),
    ...body,
    ...foot.map((spans) => draw(clipLine(spans, width - 2))),
  ];
}

function emptyWords({ console }: Scene): string {
  return console.journalFailure() === null ? 'Nothing was recorded yet.' : 'The journal cannot be read.';
}

function titleLine(filter: string, shown: number, all: number): Line {
  const amount = filter === '' ? plural(all, 'line') : `${shown} of ${plural(all, 'line')}`;
  return [span('command log  ', 'strong'), span(amount, 'dim'), ...(filter === '' ? [] : [span('  '), span(` ${filter} `, 'chip')])];
}

const dayMs = 86_400_000;

/** Time of day within the last day, else the date too. */
function whenWords(at: number, now: number): string {
  return now - at < dayMs ? formatClock(at) : `${new Date(at).toISOString().slice(5, 16).replace('T', ' ')}Z`;
}

/** Cut at its end: what it is about stands in the column before. */
const whatColumn: Column<JournalRow> = {
  id: 'what',
  title: () => 'COMMAND',
  min: 16,
  ideal: 400,
  max: 400,
  priority: 9,
  align: 'left',
  cell: (row) => [span(row.what)],
};

function columnsFor(rows: readonly JournalRow[], now: number): Column<JournalRow>[] {
  const token = (row: JournalRow): Token => (row.health === 'stopped' ? 'dim' : row.health);
  const width = (texts: readonly string[], least: number, most: number): number => longest(texts, least, most);
  return [
    textColumn(
      'when',
      'TIME',
      width(
        rows.map((row) => whenWords(row.at, now)),
        9,
        12,
      ),
      12,
      9,
      (row) => whenWords(row.at, now),
      () => 'dim',
    ),
    textColumn(
      'outcome',
      'OUTCOME',
      width(
        rows.map((row) => row.outcome),
        7,
        12,
      ) + 2,
      14,
      8,
      (row) => `${glyphOf(row.health)} ${row.outcome}`,
      token,
    ),
    textColumn(
      'targets',
      'TARGET',
      width(
        rows.map((row) => row.targets),
        6,
        16,
      ),
      24,
      7,
      (row) => row.targets,
      () => 'strong',
    ),
    whatColumn,
    numberColumn(
      'took',
      'TOOK',
      6,
      4,
      (row) => (row.tookMs === null ? '' : duration(row.tookMs)),
      () => 'dim',
    ),
    textColumn(
      'who',
      'WHO',
      width(
        rows.map((row) => row.who),
        6,
        14,
      ),
      24,
      5,
      (row) => row.who,
      () => 'dim',
    ),
  ];
}

/** What the console itself costs its own machine. */
function costLines(cost: ConsoleCost | null): Line[] {
  if (cost === null) return [];
  const { cpuPct, rssBytes, connections, received, sent } = cost;
  const cpu = cpuPct === null ? '' : `CPU ${cpuPct.toFixed(1)}%   `;
  return [
    [
      span('this console   ', 'dim'),
      span(`${cpu}memory ${bytes(rssBytes)}   ${plural(connections, 'connection')}   ${bytes(received)} in   ${bytes(sent)} out`),
    ],
  ];
}

import { sev } from '../../src/journal/incident/event-words.ts';
import { holderOf, type Incident, spanOf } from '../../src/journal/incident/incident.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { duration, shortTime } from '../format.ts';
import { incidentIndex, listed } from '../incident-flow.ts';
import { isOpen } from '../incident-state.ts';
import type { Scene } from '../scene.ts';
import { type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import type { Token } from '../theme.ts';
import { longest, textColumn } from './small-table.ts';

const gap = 2;

/** Incidents of this fleet, the open ones first, newest first. */
export function incidentsScreen(scene: Scene, cursor: string | null, height: number): string[] {
  const { columns: width, theme, viewport, console, now } = scene;
  const rows = listed(console.incidents.list());
  const at = incidentIndex(rows, cursor);
  const bodyRows = Math.max(1, height - 2);
  viewport.maxTop = Math.max(0, rows.length - bodyRows);
  viewport.top = Math.max(Math.min(viewport.top, viewport.maxTop, at), at - bodyRows + 1, 0);
  viewport.bodyRows = bodyRows;
  const draw = (spans: Line, isCursor = false): string => paint(theme, [span(' '), ...spans], width, isCursor ? 'cursor' : null);
  const open = rows.filter(isOpen).length;
  const title: Line = [span('incidents  ', 'strong'), span(`${open} open, ${rows.length - open} closed`, 'dim')];
  if (rows.length === 0) return [draw(title), draw(line('No incident was ever started here: n starts one.', 'dim'))];
  const placed = layOut(columnsFor(rows, now), width - 2, gap);
  const body = rows
    .slice(viewport.top, viewport.top + bodyRows)
    .map((row, index) => draw(tableRow(placed, row, gap), viewport.top + index === at));
  return [draw(title), draw(tableHeader(placed, gap)), ...body];
}

const titleColumn: Column<Incident> = {
  id: 'title',
  title: () => 'WHAT',
  min: 16,
  ideal: 400,
  max: 400,
  priority: 9,
  align: 'left',
  cell: (row) => [span(row.title)],
};

function columnsFor(rows: readonly Incident[], now: number): Column<Incident>[] {
  const stands = (row: Incident): Token => (isOpen(row) ? 'warn' : 'dim');
  const lasted = (row: Incident): string => {
    const { from, to } = spanOf(row);
    return duration((to ?? now) - from);
  };
  return [
    textColumn(
      'id',
      'ID',
      longest(
        rows.map((row) => row.id),
        5,
        9,
      ),
      9,
      12,
      (row) => row.id,
      () => 'strong',
    ),
    textColumn('severity', 'SEV', 5, 5, 11, (row) => sev(row.severity), stands),
    textColumn('status', 'STATUS', 9, 9, 10, (row) => row.status, stands),
    titleColumn,
    textColumn(
      'began',
      'BEGAN',
      12,
      13,
      8,
      (row) => shortTime(spanOf(row).from, now),
      () => 'dim',
    ),
    textColumn('lasted', 'FOR', 6, 7, 7, lasted, () => 'dim'),
    textColumn(
      'commander',
      'COMMANDER',
      9,
      14,
      5,
      (row) => holderOf(row, 'commander') ?? 'nobody',
      () => 'dim',
    ),
  ];
}

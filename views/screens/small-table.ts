import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { blank, type Line, span } from '../terminal/line.ts';
import { clipMiddle, widthOf } from '../terminal/width.ts';
import type { Token } from '../theme.ts';

const gap = 2;

/** A column of words, cut in the middle where it is too narrow. */
export function textColumn<Row>(
  id: string,
  title: string,
  min: number,
  max: number,
  priority: number,
  text: (row: Row) => string,
  token: (row: Row) => Token = () => 'text',
): Column<Row> {
  return {
    id,
    title: () => title,
    min,
    ideal: min,
    max,
    priority,
    align: 'left',
    cell: (row, width) => [span(clipMiddle(text(row), width), token(row))],
  };
}

/** A column of numbers of fixed width. */
export function numberColumn<Row>(
  id: string,
  title: string,
  width: number,
  priority: number,
  text: (row: Row) => string,
  token: (row: Row) => Token = () => 'text',
): Column<Row> {
  return {
    id,
    title: () => title,
    min: width,
    ideal: width,
    max: width,
    priority,
    align: 'right',
    cell: (row) => [span(text(row), token(row))],
  };
}

/** A titled table and the blank line after it. */
export function drawTable<Row>(title: Line, columns: readonly Column<Row>[], rows: readonly Row[], width: number): Line[] {
  const placed = layOut(columns, width, gap);
  return [title, tableHeader(placed, gap), ...rows.map((row) => tableRow(placed, row, gap)), blank];
}

/** Width of the widest text, held between two bounds. */
export function longest(texts: readonly string[], least: number, most: number): number {
  return Math.min(most, Math.max(least, ...texts.map(widthOf)));
}

import { fitLine, type Line, span, type Span } from '../terminal/line.ts';

/** One column of a table, as data. Widths are terminal columns. */
export interface Column<Row> {
  readonly id: string;
  title(width: number): string;
  readonly min: number;
  /** Wanted width: reached in order of priority before anything grows beyond it. */
  readonly ideal: number;
  readonly max: number;
  /** Higher stays longer when the terminal is narrow. */
  readonly priority: number;
  /** Shown only when every other column has its ideal width. */
  readonly optional?: boolean;
  readonly align: 'left' | 'right';
  cell(row: Row, width: number): Line;
}

export interface PlacedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/** Columns with their widths, in their own order: the least wanted are dropped until the rest fits, then the rest grows. */
export function layOut<Row>(columns: readonly Column<Row>[], width: number, gap: number): PlacedColumn<Row>[] {
  const byPriority = [...columns].sort((a, b) => b.priority - a.priority);
  const kept: Column<Row>[] = [];
  let used = 0;
  let ideal = 0;
  for (const column of [...byPriority.filter((one) => one.optional !== true), ...byPriority.filter((one) => one.optional === true)]) {
    const between = kept.length === 0 ? 0 : gap;
    const needed = column.optional === true ? ideal : used;
    if (needed + column.min + between > width && kept.length > 0) continue;
    kept.push(column);
    used += column.min + between;
    ideal += column.ideal + between;
  }
  const widths = new Map(kept.map((column) => [column.id, Math.min(column.min, width)]));
  let left = width - used;
  for (const limit of ['ideal', 'max'] as const) {
    for (const column of kept) {
      const has = widths.get(column.id) ?? column.min;
      const more = Math.max(0, Math.min(left, column[limit] - has));
      widths.set(column.id, has + more);
      left -= more;
    }
  }
  return columns.flatMap((column) => {
    const placed = widths.get(column.id);
    return placed === undefined ? [] : [{ column, width: placed }];
  });
}

export function tableHeader<Row>(placed: readonly PlacedColumn<Row>[], gap: number): Line {
  return joinCells(
    placed.map(({ column, width }) => fitLine([span(column.title(width), 'dim')], width, column.align)),
    gap,
  );
}

export function tableRow<Row>(placed: readonly PlacedColumn<Row>[], row: Row, gap: number): Line {
  return joinCells(
    placed.map(({ column, width }) => fitLine(column.cell(row, width), width, column.align)),
    gap,
  );
}

function joinCells(cells: readonly Line[], gap: number): Line {
  const out: Span[] = [];
  for (const [index, cell] of cells.entries()) {
    if (index > 0) out.push(span(' '.repeat(gap)));
    out.push(...cell);
  }
  return out;
}

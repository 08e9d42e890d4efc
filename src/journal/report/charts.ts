import type { HistoryRow } from '../history.ts';
import type { ReportChart } from './report.ts';

/** More lines than these cannot be told apart: the hosts with the highest peaks are drawn. */
const mostLines = 8;

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly top: number | null;
  readonly of: (row: HistoryRow) => number | null;
}

const measures: readonly Measure[] = [
  { title: 'CPU', unit: '%', top: 100, of: (row) => row.cpuPct },
  { title: 'CPU waiting for disks', unit: '%', top: 100, of: (row) => row.iowaitPct },
  { title: 'Memory', unit: '%', top: 100, of: (row) => row.memoryPct },
  { title: 'NFS operations', unit: '/s', top: null, of: (row) => row.nfsIops },
  { title: 'NFS latency', unit: 'ms', top: null, of: (row) => row.nfsMs },
  { title: 'Fullest disk', unit: '%', top: 100, of: (row) => row.diskPct },
];

/** One chart a measure that was measured at all. */
export function chartsOf(history: readonly HistoryRow[]): readonly ReportChart[] {
  const byHost = Map.groupBy(history, (row) => row.host);
  return measures.flatMap(({ title, unit, top, of }) => {
    const lines = [...byHost].flatMap(([name, rows]) => {
      const points = rows.map((row) => [row.at, rounded(of(row))] as const);
      const known = points.flatMap(([, value]) => (value === null ? [] : [value]));
      return known.length === 0 ? [] : [{ name, points, peak: known.reduce((most, value) => Math.max(most, value), 0) }];
    });
    if (lines.length === 0) return [];
    const shown = lines.toSorted((a, b) => b.peak - a.peak).slice(0, mostLines);
    return [{ title, unit, top, lines: shown.map(({ name, points }) => ({ name, points })) }];
  });
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}

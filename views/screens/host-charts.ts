import type { Limit } from '../../src/fleet/definition.ts';
import type { Series } from '../../src/fleet/series.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { brailleChart, chartCapacity } from '../components/braille-chart.ts';
import type { Console } from '../console.ts';
import { count, milliseconds, percent } from '../format.ts';
import { latest, usesNfs, worstDiskPct } from '../host-figures.ts';
import { blank, fitLine, type Line, span } from '../terminal/line.ts';
import { limitToken } from './figure-spans.ts';

/** Columns a chart takes at least, the gap beside it included. */
const leastChart = 37;

interface Figure {
  readonly title: string;
  readonly series: Series;
  /** `null`: scaled to what is shown. */
  readonly top: number | null;
  readonly limit: Limit | null;
  readonly words: (value: number | null) => string;
  readonly scale: (value: number) => string;
  readonly note: string;
}

const rate = (value: number | null): string => `${count(value)}/s`;

/** What is charted of a host, in the order of importance; what it has never measured is left out. */
export function hostFigures(view: HostView, limits: Console['limits']): Figure[] {
  const { sample, series } = view;
  const cpu = sample?.cpu ?? null;
  const load = cpu?.load1 == null ? '' : `load ${cpu.load1.toFixed(2)}`;
  const steal = cpu?.stealPct != null && cpu.stealPct >= 1 ? ` steal ${percent(cpu.stealPct)}` : '';
  const swap = sample?.memory?.swapUsedPct != null && sample.memory.swapUsedPct > 0 ? `swap ${percent(sample.memory.swapUsedPct)}` : '';
  const fullest = worstDiskPct(view);
  const busiest = sample?.io?.utilPct == null ? '' : `busy ${percent(sample.io.utilPct)}`;
  const shown: Figure[] = [
    { title: 'CPU used', series: series.cpuPct, top: 100, limit: limits?.cpu ?? null, words: percent, scale: percent, note: load + steal },
    { title: 'CPU iowait', series: series.iowaitPct, top: 100, limit: limits?.iowait ?? null, words: percent, scale: percent, note: '' },
    { title: 'memory', series: series.memoryPct, top: 100, limit: limits?.memory ?? null, words: percent, scale: percent, note: swap },
  ];
  if (usesNfs(view)) {
    shown.push(
      { title: 'NFS ops', series: series.nfsIops, top: null, limit: null, words: rate, scale: count, note: '' },
      {
        title: 'NFS time',
        series: series.nfsMs,
        top: null,
        limit: limits?.nfsMs ?? null,
        words: (value) => `${milliseconds(value)} ms`,
        scale: (value) => `${count(value)}ms`,
        note: '',
      },
    );
  }
  shown.push(
    { title: 'disk ops', series: series.ioIops, top: null, limit: null, words: rate, scale: count, note: busiest },
    {
      title: 'disk full',
      series: series.diskPct,
      top: 100,
      limit: limits?.disk ?? null,
      words: percent,
      scale: percent,
      note: view.sample?.disks?.find((disk) => disk.usedPct === fullest)?.mount ?? '',
    },
  );
  return shown.filter((figure) => figure.series.tail(figure.series.length).some((value) => value !== null));
}

/** How many charts stand side by side in `width`. */
export function chartsAcross(width: number, figures: number): number {
  return Math.max(1, Math.min(figures, Math.floor((width + 2) / leastChart)));
}

/** Charts side by side, as many as fit `width`; each `height` rows under its title. */
export function chartGrid(figures: readonly Figure[], width: number, height: number): Line[] {
  const across = chartsAcross(width, figures.length);
  const each = Math.floor((width - (across - 1) * 2) / across);
  const out: Line[] = [];
  for (let first = 0; first < figures.length; first += across) {
    const row = figures.slice(first, first + across).map((figure) => chartBlock(figure, each, height));
    for (let index = 0; index <= height; index += 1) {
      out.push(row.flatMap((block, column) => [...(column === 0 ? [] : [span('  ')]), ...fitLine(block[index] ?? blank, each)]));
    }
  }
  return out;
}

function chartBlock(figure: Figure, width: number, height: number): Line[] {
  const now = latest(figure.series);
  const limit = figure.limit?.warn ?? null;
  const title: Line = [
    span(`${figure.title} `, 'dim'),
    span(figure.words(now), limitToken(now, figure.limit) === 'text' ? 'strong' : limitToken(now, figure.limit)),
    span(limit === null ? '' : `  limit ${figure.scale(limit)}`, 'dim'),
    span(figure.note === '' ? '' : `  ${figure.note}`, 'dim'),
  ];
  return [
    title,
    ...brailleChart({ values: figure.series.tail(chartCapacity(width)), width, height, top: figure.top, limit, label: figure.scale }),
  ];
}

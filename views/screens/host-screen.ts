import type { HostView } from '../../src/fleet/view.ts';
import { chosenService } from '../host-figures.ts';
import type { Scene } from '../scene.ts';
import { blank, fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { chartGrid, chartsAcross, hostFigures } from './host-charts.ts';
import { backupLines, poolLines } from './host-pools.ts';
import { checkTable, diskTable, gapLines, nfsTable } from './host-tables.ts';
import { chosenServiceWords, servicesAt, serviceTable } from './service-table.ts';
import { outOfBandLines } from './out-of-band.ts';
import { hostTitle, hostWords } from './host-words.ts';

/** From this width on charts and tables stand side by side. */
const besideFromColumns = 132;

/** All of one host, scrolled so that the chosen service can be seen. `height` painted lines. */
export function hostScreen(
  scene: Scene,
  view: HostView | null,
  place: { service: number | null; scroll: number | null },
  height: number,
): string[] {
  const { columns, theme, viewport } = scene;
  if (view === null) return [paint(theme, line(' This host is not known any more.', 'unknown'), columns)];
  const width = columns - 2;
  const head = [hostTitle(scene, view, width), ...hostWords(scene, view, width), blank, ...outOfBandLines(scene, view, width)];
  const wide = columns >= besideFromColumns;
  const leftWidth = wide ? Math.floor(width * 0.46) : width;
  const rightWidth = wide ? width - leftWidth - 4 : width;

  const figures = hostFigures(view, scene.console.limits);
  const chartLines = Math.ceil(figures.length / chartsAcross(leftWidth, figures.length));
  const room = wide ? height - head.length : Math.floor(height * 0.45);
  const charts = chartGrid(figures, leftWidth, Math.max(3, Math.min(8, Math.floor(room / chartLines) - 1)));

  const chosen = chosenService(view, place.service);
  const cursorOn = view.services.length === 0 ? -1 : servicesAt + chosen;
  const actedOn = [
    ...serviceTable(view, rightWidth).map(
      (spans, index): Line => (index === cursorOn ? [span(plainText(fitLine(spans, rightWidth)), 'cursor')] : spans),
    ),
    ...chosenServiceWords(view, chosen, rightWidth),
    ...poolLines(scene, view, rightWidth),
    ...backupLines(scene, view, rightWidth),
  ];
  const tables = [
    ...nfsTable(view, scene.console.limits, rightWidth),
    ...checkTable(view.checks, scene.now, rightWidth),
    ...diskTable(view, scene.console.limits, rightWidth),
    ...gapLines(view),
  ];
  // On a small screen what can be acted on comes before what can be looked at.
  const body = wide ? besides(charts, [...actedOn, ...tables], leftWidth) : [...actedOn, ...charts, blank, ...tables];
  const all = [...head, ...body];
  const cursorLine = cursorOn < 0 ? 0 : head.length + cursorOn;

  while (all.length > 0 && plainText(all.at(-1) ?? blank) === '') all.pop();
  const maxTop = Math.max(0, all.length - height);
  const top = place.scroll === null ? followed(viewport.top, cursorLine, height, maxTop) : Math.min(place.scroll, maxTop);
  viewport.top = top;
  viewport.maxTop = maxTop;
  viewport.bodyRows = height;
  return all.slice(top, top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

/** The first service shows the whole top of the screen; a later one scrolls no further than needed. */
function followed(from: number, cursorLine: number, height: number, maxTop: number): number {
  if (cursorLine < height - 1) return 0;
  const top = Math.max(from, cursorLine - height + 2);
  return Math.min(maxTop, Math.min(top, cursorLine));
}

function besides(left: readonly Line[], right: readonly Line[], leftWidth: number): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [
    ...fitLine(left[index] ?? blank, leftWidth),
    span('    '),
    ...(right[index] ?? blank),
  ]);
}

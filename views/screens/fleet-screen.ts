import type { HostView } from '../../src/fleet/view.ts';
import { layOut, type PlacedColumn, tableHeader, tableRow } from '../components/table.ts';
import { milliseconds, plural } from '../format.ts';
import type { Scene } from '../scene.ts';
import { cursorIndex } from '../state.ts';
import { blank, fitLine, join, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { glyphOf } from '../theme.ts';
import { alertBar } from './alert-bar.ts';
import { demoHint } from './demo-hint.ts';
import { fleetColumns, fleetRow, type FleetRow, poolCell } from './fleet-columns.ts';
import { detailPane } from './detail-pane.ts';

/** From this width on the selected host is shown beside the table. */
export const detailFromColumns = 140;

/** Lines worth having below the table: a rule, the title, a reason and two services. */
const leastPaneBelow = 6;

function paneBelow(scene: Scene, view: HostView, height: number): Line[] {
  const width = scene.columns - 2;
  const shown = detailPane(scene, view, width, height - 1).map((spans): Line => [span(' '), ...spans]);
  return [line('─'.repeat(scene.columns), 'dim'), ...Array.from({ length: height - 1 }, (_, index) => shown[index] ?? blank)];
}

/** Painted rows, kept while nothing that shows in them changes. One for each theme. */
export type RowCache = WeakMap<HostView, { readonly key: string; readonly text: string }>;

/** The lines between header and status line, `height` of them, painted. */
export function fleetScreen(scene: Scene, height: number, cache: RowCache): string[] {
  const { columns: width, theme, rows, ui, viewport } = scene;
  const draw = (spans: Line): string => paint(theme, spans, width);
  const wrong = alertBar(scene, height >= 40 ? 8 : height >= 26 ? 5 : 3);
  const alerts = wrong.length === 0 && height >= 12 ? demoHint(scene) : wrong;
  const checks = ownChecks(scene);
  const room = Math.max(1, height - alerts.length - 1 - checks.length);
  // A short table leaves room below for the host under the cursor; a wide one beside it.
  const paneWidth = width >= detailFromColumns && scene.selected !== null ? Math.min(76, Math.floor(width * 0.36)) : 0;
  const belowHeight = paneWidth === 0 && scene.selected !== null ? room - rows.length - 1 : 0;
  const below = belowHeight >= leastPaneBelow && scene.selected !== null ? paneBelow(scene, scene.selected, belowHeight) : [];
  const bodyRows = room - below.length;
  const tableWidth = width - 2 - (paneWidth === 0 ? 0 : paneWidth + 3);
  const gap = tableWidth >= 96 ? 2 : 1;
  const placed = layOut(fleetColumns(scene.console, scene.fleet, ui.sort), tableWidth, gap);

  const ids = rows.map((view) => view.host.id);
  const at = cursorIndex(ui, ids);
  follow(viewport, at, rows.length, bodyRows);
  const shown = rows.slice(viewport.top, viewport.top + bodyRows);
  const body =
    rows.length === 0
      ? emptyTable(scene, bodyRows).map(draw)
      : shown.map((view, index) => rowText(scene, cache, { placed, gap, view, tableWidth, isCursor: viewport.top + index === at }));
  while (body.length < bodyRows) body.push('');

  const head = paint(theme, [span(' '), ...tableHeader(placed, gap)], width);
  const table = [rows.length === 0 ? '' : head, ...body];
  const pane = paneWidth === 0 || scene.selected === null ? [] : detailPane(scene, scene.selected, paneWidth, table.length);
  const beside = pane.map((spans) => paint(theme, spans, paneWidth));
  const painted = table.map((text, index) => {
    const right = beside[index] ?? '';
    if (right === '') return text;
    return text === '' ? ' '.repeat(tableWidth + 4) + right : `${text}   ${right}`;
  });
  return [...alerts.map(draw), ...painted, ...below.map(draw), ...checks.map(draw)];
}

interface RowSpec {
  readonly placed: readonly PlacedColumn<FleetRow>[];
  readonly gap: number;
  readonly view: HostView;
  readonly tableWidth: number;
  readonly isCursor: boolean;
}

/** A row from the cache, or painted anew when its host, width, place or age changed. Padded to the table's width. */
function rowText(scene: Scene, cache: RowCache, spec: RowSpec): string {
  const { view, isCursor } = spec;
  const marked = scene.ui.marked.has(view.host.id);
  const row = fleetRow(scene.fleet, view, marked, scene.now, scene.console.staleMs);
  // A host out of reach tells for how long, which changes with the clock.
  const moving = view.reach.reach === 'ok' && view.goneSince === null ? 0 : Math.floor(scene.now / 1000);
  const key = [
    isCursor,
    marked,
    row.stale,
    row.age,
    moving,
    plainText(poolCell(row)),
    ...spec.placed.map(({ column, width }) => `${column.id}${width}`),
  ].join();
  const known = cache.get(view);
  if (known?.key === key) return known.text;
  const sign = marked ? span('✓', 'accent') : span(' ');
  const spans = fitLine([sign, ...tableRow(spec.placed, row, spec.gap)], spec.tableWidth + 1);
  const text = paint(scene.theme, spans, scene.columns, isCursor ? 'cursor' : null);
  cache.set(view, { key, text });
  return text;
}

/** Scrolls no further than needed to keep the cursor on the screen. */
function follow(viewport: Scene['viewport'], at: number, count: number, bodyRows: number): void {
  const maxTop = Math.max(0, count - bodyRows);
  let top = Math.min(viewport.top, maxTop);
  if (at >= 0 && at < top) top = at;
  if (at >= top + bodyRows) top = at - bodyRows + 1;
  viewport.bodyRows = bodyRows;
  viewport.top = top;
  viewport.maxTop = maxTop;
}

/** What stands in place of rows, so that an empty screen says why it is empty. */
function emptyTable(scene: Scene, height: number): Line[] {
  const { fleet, ui } = scene;
  const words: Line[] = [];
  if (fleet.hosts.length > 0) {
    const all = ui.filter === '' && ui.onlyWrong;
    words.push(
      all
        ? [span(`${glyphOf('ok')} `, 'ok'), span('Nothing is wrong.')]
        : line(`No host matches. ${plural(fleet.hosts.length, 'host')} ${fleet.hosts.length === 1 ? 'is' : 'are'} hidden.`),
      line('Escape shows all of them again.', 'dim'),
    );
  } else if (fleet.sources.length === 0 || fleet.sources.some((source) => source.error === null && source.listedAt === null)) {
    words.push(
      ...(fleet.demo
        ? [line('Starting the demo fleet…'), line('A few SSH servers on this machine only, gone again when you quit.', 'dim')]
        : [line('Looking for hosts…'), line('The inventory has not answered yet.', 'dim')]),
    );
  } else if (fleet.sources.some((source) => !source.ok)) {
    words.push(
      line('No host is known yet: the inventory could not be listed.', 'unknown'),
      line('It is tried again; the reason is above.', 'dim'),
    );
  } else {
    words.push(line('The inventory lists no host.'), line('The fleet file’s sources and filters say what is looked for.', 'dim'));
  }
  const above = Math.max(0, Math.floor((height - words.length) / 3));
  return [...Array.from({ length: above }, () => blank), ...words.map((text) => [span('   '), ...text])].slice(0, height);
}

/** Checks that this console asks itself, in one line. */
function ownChecks({ fleet, columns }: Scene): Line[] {
  if (fleet.checksHere.length === 0) return [];
  const parts = fleet.checksHere.map((check): Line => {
    const words = check.health === 'ok' ? (check.ms === null ? '' : ` ${milliseconds(check.ms)} ms`) : ` ${check.detail}`;
    return [span(`${check.name} `), span(`${glyphOf(check.health)}${words}`, check.health === 'ok' ? 'ok' : check.health)];
  });
  return [fitLine([span(' seen from here  ', 'dim'), ...join(parts, '   ')], columns)];
}

import { alertIndex, type AlertRow, alertRows, type AlertsScreen } from '../alert-rows.ts';
import { layOut, tableHeader, tableRow } from '../components/table.ts';
import { episodes } from '../episodes.ts';
import { chipText, parseFilter } from '../filter.ts';
import { plural } from '../format.ts';
import type { Scene } from '../scene.ts';
import { blank, fitLine, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { glyphOf } from '../theme.ts';
import { alertColumns } from './alert-columns.ts';
import { alertDetail } from './alert-detail.ts';
import { gapCount, gapLines, standingWords } from './alert-gaps.ts';
import { detailFromColumns } from './fleet-screen.ts';
import { drawListed, headLine, type ListedLine, rowLine } from './listed-lines.ts';

const gap = 2;
const indent = 5;
/** Under a line of the list no more of what it explains is said; unfolded all of it. */
const childrenUnder = 6;

/** Every root cause that stands, what was held back, and what ended within the hour; of the chosen one all that is known. */
export function alertsScreen(scene: Scene, screen: AlertsScreen, height: number): string[] {
  const { columns } = scene;
  const rows = alertRows({ console: scene.console, fleet: () => scene.fleet, now: () => scene.now }, screen);
  const at = alertIndex(rows, screen.cursor);
  const chosen = rows[at] ?? null;
  const beside = columns >= detailFromColumns && chosen !== null;
  const paneWidth = beside ? Math.min(76, Math.floor(columns * 0.42)) : 0;
  const listWidth = beside ? columns - paneWidth - 2 : columns;
  const placed = layOut(alertColumns(scene, rows), listWidth - 2, gap);

  const standing = rows.some((row) => row.kind !== 'ended');
  const heads = [titleLine(scene, screen), ...(standing ? [[span(' '), ...tableHeader(placed, gap)]] : [])];
  const lines: ListedLine[] = [];
  const add = (key: string | null, spans: Line): void => void lines.push({ spans, key, heads: false });
  if (!standing) for (const spans of emptyLines(scene, screen, listWidth - 2)) add(null, spans);
  let part: Part = 'roots';
  for (const [index, row] of rows.entries()) {
    const next = partOf(row, part);
    if (next !== part) lines.push(...(index === 0 ? [] : [blank]).map(headLine), headLine(line(` ${next}`, 'dim')));
    part = next;
    lines.push(rowLine(row.key, () => fitLine([span(' '), ...tableRow(placed, row, gap)], listWidth)));
    if (index !== at || beside) continue;
    const detail = alertDetail(scene, row, listWidth - indent - 1, {
      children: screen.unfolded === row.key ? 0 : childrenUnder,
      whole: false,
      said: placed.find(({ column }) => column.id === 'what')?.width ?? 0,
    });
    for (const spans of detail) add(row.key, [span(' '.repeat(indent)), ...spans]);
  }
  const unknown = standing ? gapLines(scene, listWidth - 2) : [];
  // They belong to the last line, so that they are in sight when the cursor is there.
  if (unknown.length > 0) for (const spans of [blank, ...unknown]) add(rows.at(-1)?.key ?? null, [span(' '), ...spans]);

  const list = { ...scene, columns: listWidth };
  const painted = [
    ...heads.map((spans) => paint(scene.theme, fitLine(spans, listWidth), listWidth)),
    ...drawListed(
      list,
      beside ? lines.map((one) => padded(one, listWidth)) : lines,
      chosen?.key ?? null,
      Math.max(1, height - heads.length),
    ),
  ];
  if (!beside) return painted;
  const pane = alertDetail(scene, chosen, paneWidth, { children: Math.max(3, height - 16), whole: true, said: 0 });
  return Array.from({ length: height }, (_, index) => {
    const right = pane[index] ?? blank;
    const left = painted[index] ?? ' '.repeat(listWidth);
    return right.length === 0 ? left : `${left}  ${paint(scene.theme, right, paneWidth)}`;
  });
}

type Part = 'roots' | 'held back' | 'ended within the hour';

/** What speaks for itself, what is held back, and what is over; what a root explains stands with it. */
function partOf(row: AlertRow, before: Part): Part {
  if (row.kind === 'ended') return 'ended within the hour';
  return row.kind === 'root' ? (row.heldBack ? 'held back' : 'roots') : before;
}

function padded(one: ListedLine, width: number): ListedLine {
  const { spans } = one;
  return { ...one, spans: typeof spans === 'function' ? spans : fitLine(spans, width) };
}

function titleLine(scene: Scene, { filter, onlyStanding }: AlertsScreen): Line {
  const roots = episodes(scene.fleet.alerts);
  const explained = scene.fleet.alerts.length - roots.length;
  const unknown = gapCount(scene);
  const chips = [...parseFilter(filter).map(chipText), ...(onlyStanding ? ['only standing'] : [])];
  return [
    span(' alerts  ', 'strong'),
    span(`${plural(roots.length, 'root cause')}${explained === 0 ? '' : `, ${explained} explained`}`, 'dim'),
    ...(unknown === 0 ? [] : [span(`   ${glyphOf('unknown')} not all is known`, 'unknown')]),
    ...chips.flatMap((text) => [span('  '), span(` ${text} `, 'chip')]),
  ];
}

function emptyLines(scene: Scene, { filter, onlyStanding }: AlertsScreen, width: number): Line[] {
  const { length } = scene.fleet.alerts;
  if (length > 0) {
    const by = filter === '' && onlyStanding ? '! shows it.' : '/ changes the filter.';
    return [blank, line(` No line is shown: ${plural(length, 'alert')} ${length === 1 ? 'is' : 'are'} hidden. ${by}`, 'warn')];
  }
  return [blank, ...[...standingWords(scene, width), ...gapLines(scene, width)].map((spans): Line => [span(' '), ...spans]), blank];
}

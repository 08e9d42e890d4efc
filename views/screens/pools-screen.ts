import type { PoolMember, PoolState } from '../../src/fleet/pool.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { ago, count, shortTime } from '../format.ts';
import { keyIndex, type PoolsScreen } from '../list-rows.ts';
import { debtOf, type PoolRow, poolRows, standingsOf } from '../pool-figures.ts';
import { absenceWords, membershipHealth, membershipWord, poolSummary } from '../pool-words.ts';
import type { Scene } from '../scene.ts';
import { blank, fitLine, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { clipMiddle } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { drawListed, headLine, type ListedLine, noteLines, rowLine } from './listed-lines.ts';
import { longest, numberColumn, textColumn } from './small-table.ts';

/** One member as its row shows it. */
interface MemberRow {
  readonly member: PoolMember;
  readonly name: string;
  readonly view: HostView | null;
}

const gap = 2;

/** Every pool of the fleet file as its balancer was last read: who is in, who is not, since when, by whom and owed by whom. */
export function poolsScreen(scene: Scene, screen: PoolsScreen, height: number): string[] {
  const { fleet, columns, theme } = scene;
  const rows = poolRows(fleet);
  if (rows.length === 0) return [paint(theme, line(' The fleet file names no pool.', 'dim'), columns)];
  const width = columns - 2;
  const memberRow = (member: PoolMember): MemberRow => {
    const view = fleet.byId.get(member.hostId) ?? null;
    return { member, view, name: view?.host.name ?? member.hostId };
  };
  const members = rows.flatMap(({ member }) => (member === null ? [] : [memberRow(member)]));
  const placed = layOut(columnsFor(members), width - 1, gap);
  const lines: ListedLine[] = [];
  for (const [pool, own] of Map.groupBy(rows, (row) => row.pool)) {
    const spec = scene.console.catalogue?.pools.find((one) => one.name === pool.name);
    const all = spec === undefined ? [] : standingsOf({ fleet, staleMs: scene.console.staleMs, now: scene.now }, spec, pool);
    if (lines.length > 0) lines.push(headLine(blank));
    lines.push(
      ...poolHead(scene, pool, spec === undefined || pool.readAt === null ? null : poolSummary(spec, all), width).map((spans) =>
        headLine([span(' '), ...spans]),
      ),
    );
    if (pool.members.length > 0) lines.push(headLine([span('  '), ...tableHeader(placed, gap)]));
    for (const row of own) {
      const why = pool.error === null ? (all.find((each) => each.hostId === row.member?.hostId)?.why ?? null) : null;
      lines.push(...rowLines(scene, row, why, (member) => tableRow(placed, memberRow(member), gap), width));
    }
  }
  return drawListed(scene, lines, rows[keyIndex(rows, screen.cursor)]?.key ?? null, height);
}

/** `why` a member does not count is said where it is in: of one that is out the state says it. */
function rowLines(
  scene: Scene,
  { key, pool, member }: PoolRow,
  why: string | null,
  draw: (member: PoolMember) => Line,
  width: number,
): ListedLine[] {
  if (member === null) {
    const why = pool.readAt === null ? 'no member is known yet' : 'no member: the inventory lists no host of its roles';
    return [rowLine(key, line(`   ${why}`, 'dim'))];
  }
  const sign = scene.ui.marked.has(member.hostId) ? span('✓', 'accent') : span(' ');
  const uncounted = why === null || member.state !== 'in' ? [] : [`does not count for the floor: ${why}`];
  const notes = [...uncounted, ...absenceWords(member, debtOf(scene.fleet, member.hostId, pool.name), scene.now)];
  return [
    rowLine(key, fitLine([sign, span(' '), ...draw(member)], width + 1)),
    ...notes.flatMap((text) => noteLines(text, 5, width, 'warn').map((spans) => rowLine(key, spans))),
  ];
}

/** Name, kind, floor and age of the reading; then why it could not be read, and what to know before a change. */
function poolHead(scene: Scene, pool: PoolState, known: ReturnType<typeof poolSummary> | null, width: number): Line[] {
  const { now } = scene;
  const summary = pool.members.length === 0 ? null : known;
  const read = pool.readAt === null ? 'not read yet' : `read ${ago(now - pool.readAt)}`;
  const title: Line = [
    span(pool.name, 'strong'),
    span(`  ${pool.kind}  `, 'dim'),
    ...(summary === null ? [] : [span(`${glyphOf(summary.health)} ${summary.text}`, summary.health), span('  ')]),
  ];
  const freshness = span(read, pool.error === null ? 'dim' : 'warn');
  const since = pool.readAt === null ? '' : `, what follows is as of ${shortTime(pool.readAt, now)}`;
  return [
    [...title, freshness],
    ...(pool.error === null ? [] : noteLines(`? ${pool.error}${since}`, 0, width, 'unknown')),
    ...pool.warnings.flatMap((warning) => noteLines(`${glyphOf('warn')} ${warning}`, 0, width, 'warn')),
  ];
}

const lbTokens = { up: 'ok', down: 'crit', unknown: 'unknown' } as const satisfies Record<PoolMember['health'], Token>;

function columnsFor(rows: readonly MemberRow[]): Column<MemberRow>[] {
  const name = longest(
    rows.map((row) => row.name),
    4,
    40,
  );
  const stateWidth = longest(
    rows.map(({ member }) => membershipWord(member)),
    8,
    16,
  );
  const health = ({ member }: MemberRow): ReturnType<typeof membershipHealth> => membershipHealth(member, member.takenOutBy !== null);
  const hostWord = ({ view }: MemberRow): string =>
    view === null ? 'gone' : view.reach.reach === 'ok' ? view.verdict.health : view.reach.reach;
  return [
    {
      id: 'host',
      title: () => '  HOST',
      min: Math.min(name, 12) + 2,
      ideal: Math.min(name, 24) + 2,
      max: name + 2,
      priority: 100,
      align: 'left',
      cell: (row, room) => [span(`${glyphOf(health(row))} `, health(row)), span(clipMiddle(row.name, room - 2), 'strong')],
    },
    textColumn('state', 'STATE', stateWidth, stateWidth, 99, ({ member }) => membershipWord(member), health),
    textColumn(
      'balancer',
      'HEALTH',
      7,
      7,
      90,
      ({ member }) => member.health,
      ({ member }) => lbTokens[member.health],
    ),
    numberColumn('connections', 'CONN', 5, 95, ({ member }) => count(member.connections)),
    numberColumn(
      'weight',
      'WEIGHT',
      6,
      60,
      ({ member }) => count(member.weight),
      () => 'dim',
    ),
    {
      id: 'host-health',
      title: () => 'HOST IS',
      min: 9,
      ideal: 13,
      max: 13,
      priority: 85,
      align: 'left',
      cell: (row) => {
        const judged = row.view?.verdict.health ?? 'unknown';
        return [span(`${glyphOf(judged)} ${hostWord(row)}`, judged)];
      },
    },
    {
      id: 'says',
      title: () => 'BALANCER SAYS',
      min: 10,
      ideal: 24,
      max: 200,
      priority: 80,
      align: 'left',
      cell: ({ member }) => [span([member.text ?? '–', member.server].filter((part) => part !== null).join('  '), 'dim')],
    },
  ];
}

import { formatClock } from '../../src/fleet/duration.ts';
import type { Alert } from '../../src/fleet/alert.ts';
import type { AlertRow } from '../alert-rows.ts';
import type { Column } from '../components/table.ts';
import { duration, withoutHost } from '../format.ts';
import type { Scene } from '../scene.ts';
import { type Line, span } from '../terminal/line.ts';
import { clip, clipMiddle, widthOf } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { endedPlace, hostWord } from './alert-detail.ts';
import { longest, numberColumn, textColumn } from './small-table.ts';

const unconfirmed = ' (unconfirmed)';

/** Columns of the list, as wide as its rows ask for. */
export function alertColumns(scene: Scene, rows: readonly AlertRow[]): Column<AlertRow>[] {
  const hosts = longest(rows.map(hostOf), 4, 30);
  const taken = rows.some((row) => row.kind !== 'ended' && row.alert.ackedBy !== null);
  const explains = rows.some((row) => explainsOf(row) > 0);
  const columns: Column<AlertRow>[] = [
    { id: 'severity', title: () => '  IS', min: 9, ideal: 9, max: 9, priority: 100, align: 'left', cell: severityCell },
    {
      id: 'host',
      title: () => 'HOST',
      min: Math.min(hosts, 10),
      ideal: Math.min(hosts, 18),
      max: hosts,
      priority: 98,
      align: 'left',
      cell: (row, width) => [span(clipMiddle(hostOf(row), width), row.kind === 'root' ? 'strong' : 'dim')],
    },
    {
      id: 'what',
      title: () => 'WHAT',
      min: 14,
      ideal: 34,
      max: 400,
      priority: 99,
      align: 'left',
      cell: (row, width) => [span(clipWhat(whatOf(row), width), whatToken(row))],
    },
    numberColumn('for', 'FOR', 6, 97, (row) => forOf(row, scene.fleet.at), dimUnlessRoot),
    textColumn(
      'since',
      'SINCE',
      9,
      9,
      50,
      (row) => formatClock(row.kind === 'ended' ? row.ended.since : row.alert.since),
      () => 'dim',
    ),
  ];
  if (explains)
    columns.push(numberColumn('explains', 'EXPL', 4, 96, (row) => (explainsOf(row) === 0 ? '' : String(explainsOf(row))), dimUnlessRoot));
  if (taken)
    columns.push(
      textColumn(
        'taken',
        'TAKEN BY',
        8,
        14,
        60,
        (row) => (row.kind === 'ended' ? '' : (row.alert.ackedBy ?? '')),
        () => 'dim',
      ),
    );
  columns.push({
    id: 'playbook',
    title: () => 'PLAYBOOK',
    min: 8,
    ideal: longest(rows.map(playbookOf), 8, 22),
    max: 30,
    priority: 90,
    align: 'left',
    cell: (row, width) => [span(clip(playbookOf(row), width), row.kind === 'root' ? 'accent' : 'dim')],
  });
  return columns.map((column) => (column.id === 'since' ? { ...column, optional: true } : column));
}

const dimUnlessRoot = (row: AlertRow): Token => (row.kind === 'root' ? 'text' : 'dim');
const explainsOf = (row: AlertRow): number => (row.kind === 'root' ? row.explains.length : row.kind === 'ended' ? row.others : 0);
const playbookOf = (row: AlertRow): string => (row.kind === 'ended' ? '' : (row.alert.playbooks[0] ?? ''));

function hostOf(row: AlertRow): string {
  if (row.kind === 'ended') return endedPlace(row.ended);
  return `${row.kind === 'explained' ? '  ' : ''}${hostWord(row.alert)}`;
}

function whatOf(row: AlertRow): string {
  return row.kind === 'ended' ? withoutHost(row.ended.what, row.ended.host) : withoutHost(row.alert.what, row.alert.hostName);
}

/** Cut at its end, but for the word that nothing says whether it still holds. */
function clipWhat(what: string, width: number): string {
  const doubt = what.indexOf(' (not confirmed for ');
  if (doubt === -1 || widthOf(what) <= width) return clip(what, width);
  return `${clip(what.slice(0, doubt), width - widthOf(unconfirmed))}${unconfirmed}`;
}

function whatToken(row: AlertRow): Token {
  return row.kind === 'root' && !row.heldBack ? row.alert.severity : 'dim';
}

function forOf(row: AlertRow, at: number): string {
  return duration(row.kind === 'ended' ? row.endedAt - row.ended.since : at - row.alert.since);
}

function severityCell(row: AlertRow): Line {
  if (row.kind === 'ended') return [span(`${glyphOf('stopped')} ended`, 'dim')];
  const { severity }: Alert = row.alert;
  return [span(`${glyphOf(severity)} ${severity}`, severity)];
}

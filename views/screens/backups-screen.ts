import { backupAgeMs, type BackupRow, backupRows, backupWord, newestOf } from '../backup-figures.ts';
import { ageOfLimit, verifiedWords, whereWords } from '../backup-words.ts';
import { bar } from '../components/bar.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { bytes } from '../format.ts';
import { type BackupsScreen, keyIndex } from '../list-rows.ts';
import type { Scene } from '../scene.ts';
import { fitLine, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { clipMiddle } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { backupFacts, copyLines, failureLines, progressLine, unreadLines } from './backup-lines.ts';
import { drawListed, headLine, type ListedLine, rowLine } from './listed-lines.ts';
import { longest, numberColumn, textColumn } from './small-table.ts';

const indent = '     ';

/** Every backup of the fleet file on every host of its roles: its age against its limit, and how far one under way is. The chosen one unfolds. */
export function backupsScreen(scene: Scene, screen: BackupsScreen, height: number): string[] {
  const { fleet, columns, theme, now } = scene;
  const rows = backupRows(fleet);
  if (rows.length === 0) {
    const named = (scene.console.catalogue?.backups.length ?? 0) > 0;
    const why = named ? 'No host of the roles that are backed up is known yet.' : 'The fleet file names no backup.';
    return [paint(theme, line(` ${why}`, 'dim'), columns)];
  }
  const width = columns - 2;
  const gap = width >= 96 ? 2 : 1;
  const placed = layOut(columnsFor(scene, rows), width, gap);
  const chosen = rows[keyIndex(rows, screen.cursor)]?.key ?? null;
  const lines: ListedLine[] = [headLine([span(' '), ...tableHeader(placed, gap)])];
  for (const row of rows) {
    const { key, backup } = row;
    const own = width - indent.length;
    const under: Line[] = [
      ...(backup.running === null ? [] : [progressLine(backup.running, now)]),
      ...failureLines(backup, now, own),
      ...unreadLines(backup, now, own),
      ...(key === chosen ? unfolded(row, now) : []),
    ];
    lines.push(rowLine(key, fitLine([span(' '), ...tableRow(placed, row, gap)], width + 1)));
    lines.push(...under.map((spans) => rowLine(key, [span(indent), ...spans])));
  }
  return drawListed(scene, lines, chosen, height);
}

function unfolded({ backup }: BackupRow, now: number): Line[] {
  return [line(backupFacts(backup), 'dim'), ...copyLines(backup.artifacts, now)];
}

function columnsFor(scene: Scene, rows: readonly BackupRow[]): Column<BackupRow>[] {
  const { now, fleet } = scene;
  const hostName = ({ backup }: BackupRow): string => fleet.byId.get(backup.hostId)?.host.name ?? backup.hostId;
  const word = ({ backup }: BackupRow): ReturnType<typeof backupWord> => backupWord(backup, now);
  const fitting = (texts: readonly string[], least: number, most: number): number => longest(texts, least, most);
  const name = fitting(
    rows.map(({ backup }) => backup.name),
    6,
    24,
  );
  const host = fitting(rows.map(hostName), 4, 30);
  const kind = fitting(
    rows.map(({ backup }) => backup.kind),
    4,
    14,
  );
  const ages = fitting(
    rows.map(({ backup }) => ageOfLimit(backup, now)),
    10,
    14,
  );
  return [
    {
      id: 'name',
      title: () => '  BACKUP',
      min: Math.min(name, 10) + 2,
      ideal: name + 2,
      max: name + 2,
      priority: 100,
      align: 'left',
      cell: (row, room) => [span(`${glyphOf(word(row).health)} `, word(row).health), span(clipMiddle(row.backup.name, room - 2), 'strong')],
    },
    textColumn('host', 'HOST', Math.min(host, 10), host, 95, hostName),
    textColumn(
      'kind',
      'KIND',
      kind,
      kind,
      55,
      ({ backup }) => backup.kind,
      () => 'dim',
    ),
    textColumn('age', 'AGE', ages, ages, 98, ({ backup }) => ageOfLimit(backup, now)),
    {
      id: 'bar',
      title: () => '',
      min: 6,
      ideal: 8,
      max: 16,
      priority: 80,
      align: 'left',
      cell: (row, room) => {
        const ageMs = backupAgeMs(row.backup, now);
        return [...bar(ageMs === null ? null : ageMs / row.backup.maxAgeMs, room, word(row).health)];
      },
    },
    textColumn(
      'word',
      'STATE',
      8,
      8,
      99,
      (row) => word(row).word,
      (row) => word(row).health,
    ),
    numberColumn('size', 'SIZE', 5, 90, ({ backup }) => bytes(newestOf(backup)?.bytes ?? null)),
    textColumn('where', 'WHERE', 9, 9, 70, whereOf, ({ backup }) => (backup.sameHost ? 'warn' : 'text')),
    textColumn(
      'verified',
      'VERIFIED',
      8,
      8,
      75,
      ({ backup }) => verifiedWords(newestOf(backup)?.verified ?? null),
      ({ backup }) => (newestOf(backup)?.verified === false ? 'warn' : 'text'),
    ),
  ];
}

const whereOf = ({ backup }: BackupRow): string => whereWords(backup);

import type { CheckSample, DiskSample, NfsMountSample } from '../../src/fleet/sample.ts';
import type { HostView } from '../../src/fleet/view.ts';
import type { Column } from '../components/table.ts';
import type { Console } from '../console.ts';
import { bytes, count, duration, milliseconds, percent } from '../format.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { clipMiddle } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { limitToken } from './figure-spans.ts';
import { heading } from './host-words.ts';
import { drawTable, longest, numberColumn, textColumn } from './small-table.ts';

export function checkTable(checks: readonly CheckSample[], now: number, width: number): Line[] {
  if (checks.length === 0) return [];
  const name = longest(
    checks.map((one) => one.name),
    5,
    22,
  );
  const columns: Column<CheckSample>[] = [
    {
      id: 'name',
      title: () => '  CHECK',
      min: name + 2,
      ideal: name + 2,
      max: name + 2,
      priority: 100,
      align: 'left',
      cell: (one, room) => [span(`${glyphOf(one.health)} `, one.health), span(clipMiddle(one.name, room - 2))],
    },
    textColumn(
      'kind',
      'KIND',
      9,
      9,
      40,
      (one) => one.kind,
      () => 'dim',
    ),
    numberColumn('ms', 'ms', 6, 80, (one) => milliseconds(one.ms)),
    numberColumn(
      'age',
      'AGE',
      6,
      30,
      (one) => duration(now - one.at),
      () => 'dim',
    ),
    textColumn(
      'detail',
      'ANSWER',
      12,
      200,
      90,
      (one) => one.detail,
      (one) => (one.health === 'ok' ? 'dim' : one.health),
    ),
  ];
  return drawTable(heading('checks'), columns, checks, width);
}

export function diskTable(view: HostView, limits: Console['limits'], width: number): Line[] {
  const disks = view.sample?.disks;
  if (disks == null) return [heading('disks', 'not measured'), blank];
  const mount = longest(
    disks.map((one) => one.mount),
    5,
    28,
  );
  const columns: Column<DiskSample>[] = [
    textColumn('mount', 'MOUNT', mount, mount, 100, (one) => one.mount),
    numberColumn(
      'used',
      'USED',
      5,
      90,
      (one) => percent(one.usedPct),
      (one) => limitToken(one.usedPct, limits?.disk),
    ),
    numberColumn('free', 'FREE', 6, 80, (one) => bytes(one.availableBytes)),
    numberColumn(
      'size',
      'SIZE',
      6,
      60,
      (one) => bytes(one.sizeBytes),
      () => 'dim',
    ),
    numberColumn(
      'inodes',
      'INODES',
      6,
      70,
      (one) => percent(one.inodesUsedPct),
      (one) => limitToken(one.inodesUsedPct, limits?.inodes),
    ),
    textColumn(
      'device',
      'DEVICE',
      8,
      30,
      20,
      (one) => `${one.device} ${one.fstype}`,
      () => 'dim',
    ),
  ];
  return drawTable(heading('disks'), columns, disks, width);
}

const mountTokens = { ok: 'ok', idle: 'dim', hung: 'crit', refused: 'crit', unknown: 'unknown' } as const satisfies Record<
  NfsMountSample['state'],
  Token
>;

export function nfsTable(view: HostView, limits: Console['limits'], width: number): Line[] {
  const out: Line[] = [];
  const server = view.sample?.nfsServer;
  if (server != null) {
    out.push(heading('NFS server'));
    out.push(
      line(
        `${count(server.iops)} op/s   read ${count(server.readOps)}/s   write ${count(server.writeOps)}/s   threads ${count(server.threads)}   bad calls ${count(server.badCalls)}/s`,
      ),
    );
    out.push(blank);
  }
  const mounts = view.sample?.nfsMounts ?? [];
  if (mounts.length === 0) return out;
  const mount = longest(
    mounts.map((one) => one.mount),
    5,
    24,
  );
  const columns: Column<NfsMountSample>[] = [
    textColumn('mount', 'NFS MOUNT', Math.max(9, mount), Math.max(9, mount), 100, (one) => one.mount),
    textColumn(
      'state',
      'STATE',
      7,
      7,
      95,
      (one) => one.state,
      (one) => mountTokens[one.state],
    ),
    numberColumn('iops', 'op/s', 6, 90, (one) => count(one.iops)),
    numberColumn(
      'rtt',
      'rtt ms',
      6,
      85,
      (one) => milliseconds(one.rttMs),
      (one) => limitToken(one.rttMs, limits?.nfsMs),
    ),
    numberColumn('exe', 'exe ms', 6, 80, (one) => milliseconds(one.exeMs)),
    numberColumn('read', 'read/s', 7, 60, (one) => bytes(one.readBytes)),
    numberColumn('write', 'write/s', 7, 60, (one) => bytes(one.writeBytes)),
    numberColumn(
      'out',
      'waiting',
      7,
      50,
      (one) => (one.outstanding === null ? '–' : String(one.outstanding)),
      (one) => (one.state === 'hung' || one.state === 'refused' ? 'crit' : 'text'),
    ),
    textColumn(
      'server',
      'SERVER',
      10,
      40,
      40,
      (one) => one.server,
      () => 'dim',
    ),
  ];
  return [...out, ...drawTable(heading('NFS mounts'), columns, mounts, width)];
}

/** What could not be measured. */
export function gapLines(view: HostView): Line[] {
  const gaps = view.sample?.gaps ?? [];
  if (gaps.length === 0) return [];
  return [heading('not measured'), ...gaps.map((one): Line => [span('? ', 'unknown'), span(`${one.part}: ${one.why}`, 'dim')]), blank];
}

import type { CheckSample, DiskSample, NfsMountSample } from '../../src/fleet/sample.ts';
import type { HostView, ServiceView } from '../../src/fleet/view.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import type { Console } from '../console.ts';
import { bytes, count, duration, milliseconds, percent, withoutHost } from '../format.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { clipMiddle, widthOf, wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { limitToken } from './figure-spans.ts';
import { heading } from './host-words.ts';

const gap = 2;

function textColumn<Row>(
  id: string,
  title: string,
  min: number,
  max: number,
  priority: number,
  text: (row: Row) => string,
  token: (row: Row) => Token = () => 'text',
): Column<Row> {
  return {
    id,
    title: () => title,
    min,
    ideal: min,
    max,
    priority,
    align: 'left',
    cell: (row, width) => [span(clipMiddle(text(row), width), token(row))],
  };
}

function numberColumn<Row>(
  id: string,
  title: string,
  width: number,
  priority: number,
  text: (row: Row) => string,
  token: (row: Row) => Token = () => 'text',
): Column<Row> {
  return {
    id,
    title: () => title,
    min: width,
    ideal: width,
    max: width,
    priority,
    align: 'right',
    cell: (row) => [span(text(row), token(row))],
  };
}

function drawTable<Row>(title: Line, columns: readonly Column<Row>[], rows: readonly Row[], width: number): Line[] {
  const placed = layOut(columns, width, gap);
  return [title, tableHeader(placed, gap), ...rows.map((row) => tableRow(placed, row, gap)), blank];
}

function longest(texts: readonly string[], least: number, most: number): number {
  return Math.min(most, Math.max(least, ...texts.map(widthOf)));
}

/** Services in the order of the fleet file. The first service stands on line `servicesAt` of the section. */
export const servicesAt = 2;

export function serviceTable(view: HostView, width: number): Line[] {
  if (view.services.length === 0) return [heading('services', 'the fleet file names none here'), blank];
  const name = longest(
    view.services.map((one) => one.name),
    8,
    24,
  );
  const columns: Column<ServiceView>[] = [
    {
      id: 'name',
      title: () => '  SERVICE',
      min: name + 2,
      ideal: name + 2,
      max: name + 2,
      priority: 100,
      align: 'left',
      cell: (one, room) => [span(`${glyphOf(one.health)} `, one.health), span(clipMiddle(one.name, room - 2), 'strong')],
    },
    textColumn(
      'state',
      'STATE',
      10,
      10,
      90,
      (one) => one.state,
      (one) => (one.health === 'ok' ? 'text' : one.health),
    ),
    textColumn(
      'sub',
      'MANAGER SAYS',
      14,
      26,
      30,
      (one) => one.sub ?? '–',
      () => 'dim',
    ),
    numberColumn('since', 'SINCE', 6, 80, (one) => duration(one.sinceMs)),
    numberColumn(
      'restarts',
      'RESTARTS',
      8,
      70,
      (one) => (one.restarts === null ? '–' : String(one.restarts)),
      (one) => ((one.restarts ?? 0) > 0 ? 'warn' : 'text'),
    ),
    numberColumn(
      'pid',
      'PID',
      7,
      20,
      (one) => (one.pid === null ? '–' : String(one.pid)),
      () => 'dim',
    ),
    {
      id: 'why',
      title: () => 'WHY',
      min: 12,
      ideal: 30,
      max: 200,
      priority: 85,
      align: 'left',
      cell: (one) => [span(serviceWhy(one), one.health === 'ok' ? 'dim' : one.health)],
    },
  ];
  return drawTable(heading('services'), columns, view.services, width);
}

/** Every reason once; what a longer one contains already is left out. */
function serviceWhy(one: ServiceView): string {
  const result = one.result !== null && one.result !== 'success' ? one.result : null;
  const words = [...new Set([...one.reasons, one.detail, result].filter((text) => text !== null))].filter((text) => text !== '');
  const own = words.filter((text) => !words.some((other) => other !== text && other.includes(text)));
  return own.map((text) => withoutHost(text, one.name)).join(' · ');
}

/** All that is to be said of the chosen service, where the table had no room for it. */
export function chosenServiceWords(view: HostView, chosen: number, width: number): Line[] {
  const service = view.services[chosen];
  if (service === undefined) return [];
  const words = serviceWhy(service);
  const said = view.verdict.reasons.some((reason) => withoutHost(reason.text, service.name) === words) || words === view.reach.why;
  if (words === '' || said || widthOf(words) < width - 70) return [];
  const lines = wrap(`${service.name}: ${words}`, width - 2).map((text) =>
    line(`  ${text}`, service.health === 'ok' ? 'dim' : service.health),
  );
  return [...lines, blank];
}

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

const mountTokens = { ok: 'ok', idle: 'dim', hung: 'crit', unknown: 'unknown' } as const satisfies Record<NfsMountSample['state'], Token>;

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
      (one) => (one.state === 'hung' ? 'crit' : 'text'),
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

/** Pools, backups, and what could not be measured. */
export function restLines(view: HostView): Line[] {
  const out: Line[] = [];
  if (view.pools.length > 0) {
    const words = view.pools.map(
      (pool) => `${pool.name} ${pool.state}${pool.connections === null ? '' : ` (${pool.connections} connections)`}`,
    );
    out.push(heading('pools', words.join('   ')), blank);
  }
  if (view.backups.length > 0) {
    out.push(heading('backups'));
    for (const one of view.backups) {
      const health = one.ok === null ? 'unknown' : one.ok ? 'ok' : 'crit';
      out.push([
        span(`${glyphOf(health)} `, health),
        span(`${one.name}  ${one.ageMs === null ? 'age unknown' : `${duration(one.ageMs)} old`}  ${bytes(one.sizeBytes)}`),
        span(one.sameHost ? '  on the same host' : '', 'warn'),
      ]);
    }
    out.push(blank);
  }
  const gaps = view.sample?.gaps ?? [];
  if (gaps.length > 0) {
    out.push(heading('not measured'));
    for (const one of gaps) out.push([span('? ', 'unknown'), span(`${one.part}: ${one.why}`, 'dim')]);
    out.push(blank);
  }
  return out;
}

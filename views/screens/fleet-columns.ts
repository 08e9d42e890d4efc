import type { FleetState, HostView, PoolView } from '../../src/fleet/view.ts';
import type { Column } from '../components/table.ts';
import { sparkline } from '../components/sparkline.ts';
import type { Console } from '../console.ts';
import { age, count, milliseconds, percent } from '../format.ts';
import { ageOf, mountTrouble, latest, loadOf, usesNfs, worstDiskPct } from '../host-figures.ts';
import { poolsOf } from '../pool-figures.ts';
import { type Line, span, type Span } from '../terminal/line.ts';
import { clipMiddle, widthOf } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import type { Sort } from '../state.ts';
import { envBand } from '../components/env-band.ts';
import { limitToken } from './figure-spans.ts';
import { servicesCell } from './services-cell.ts';

/** A row: the host as published, and how the frame sees it. */
export interface FleetRow {
  readonly view: HostView;
  readonly marked: boolean;
  readonly stale: boolean;
  readonly age: string;
  readonly now: number;
  /** As the balancers were last read. */
  readonly pools: readonly PoolView[];
}

export function fleetRow(fleet: Pick<FleetState, 'pools'>, view: HostView, marked: boolean, now: number, staleMs: number): FleetRow {
  const known = ageOf(view, now);
  return {
    view,
    marked,
    stale: view.reach.reach !== 'ok' || known === null || known > staleMs,
    age: age(known),
    now,
    pools: poolsOf(fleet, view),
  };
}

const longestName = 42;

/** Columns that this fleet has something to say in. */
export function fleetColumns(console: Console, fleet: Pick<FleetState, 'hosts' | 'pools'>, sort: Sort): Column<FleetRow>[] {
  let name = 4;
  let role = 4;
  const envs = new Set<string>();
  let pools = false;
  let poolKnown = false;
  let nfs = false;
  let troubled = false;
  for (const view of fleet.hosts) {
    const own = poolsOf(fleet, view);
    name = Math.max(name, widthOf(view.host.name));
    role = Math.max(role, widthOf(view.host.role ?? ''));
    envs.add(view.host.env);
    pools ||= own.length > 0;
    poolKnown ||= own.some((pool) => pool.state !== 'unknown');
    troubled ||= view.verdict.reasons.length > 0;
    nfs ||= usesNfs(view);
  }
  const longestEnv = Math.min(12, Math.max(...[...envs].map(widthOf), 1) + 2);
  const titled = (id: Sort['column'], text: string): string =>
    sort.column === id && (id !== 'worst' || sort.reversed) ? `${text}${sort.reversed ? '↑' : '↓'}` : text;
  const { limits } = console;

  const columns: Column<FleetRow>[] = [
    {
      id: 'host',
      title: () => `  ${titled('host', 'HOST')}`,
      min: Math.min(name, 12) + 2,
      ideal: Math.min(name, 22) + 2,
      max: Math.min(name, longestName) + 2,
      priority: 100,
      align: 'left',
      cell: ({ view, marked }, width) => [
        span(`${glyphOf(view.verdict.health)} `, view.verdict.health),
        span(clipMiddle(view.host.name, width - 2), marked ? 'accent' : 'strong'),
      ],
    },
    {
      id: 'role',
      title: () => titled('role', 'ROLE'),
      min: Math.min(role, 8),
      ideal: Math.min(role, 12),
      max: Math.min(role, 16),
      priority: 50,
      align: 'left',
      cell: ({ view }) => [span(view.host.role ?? '–', view.host.role === null ? 'dim' : 'text')],
    },
    {
      id: 'cpu',
      title: () => titled('cpu', 'CPU'),
      min: 10,
      ideal: 17,
      max: 24,
      priority: 80,
      align: 'left',
      cell: cpuCell(limits),
    },
    {
      id: 'memory',
      title: () => titled('memory', 'MEM'),
      min: 4,
      ideal: 4,
      max: 4,
      priority: 60,
      align: 'right',
      cell: ({ view, stale }) =>
        figure(percent(view.sample?.memory?.usedPct ?? null), limitToken(view.sample?.memory?.usedPct ?? null, limits?.memory), stale),
    },
    {
      id: 'disk',
      title: () => titled('disk', 'DISK'),
      min: 4,
      ideal: 4,
      max: 4,
      priority: 40,
      optional: true,
      align: 'right',
      cell: ({ view, stale }) => figure(percent(worstDiskPct(view)), limitToken(worstDiskPct(view), limits?.disk), stale),
    },
    {
      id: 'load',
      title: () => titled('load', 'LOAD'),
      min: 5,
      ideal: 5,
      max: 5,
      priority: 30,
      optional: true,
      align: 'right',
      cell: ({ view, stale }) => figure(loadOf(view)?.toFixed(1) ?? '–', 'text', stale),
    },
    {
      id: 'services',
      title: () => (troubled ? 'WHAT IS WRONG, SERVICES' : 'SERVICES'),
      min: 22,
      ideal: 38,
      max: 400,
      priority: 95,
      align: 'left',
      cell: ({ view, stale, now }, width) => servicesCell(view, stale, now, width),
    },
    {
      id: 'age',
      title: () => titled('age', 'AGE'),
      min: 4,
      ideal: 4,
      max: 4,
      priority: 90,
      align: 'right',
      cell: (row) => [span(row.age, row.stale ? 'warn' : 'dim')],
    },
  ];
  const at = (id: string): number => columns.findIndex((column) => column.id === id);
  if (envs.size > 1) {
    columns.splice(at('cpu'), 0, {
      id: 'env',
      title: () => ` ${titled('env', 'ENV')}`,
      min: longestEnv,
      ideal: longestEnv,
      max: longestEnv,
      priority: 75,
      align: 'left',
      cell: ({ view }) => envBand(console.environments, view.host.env),
    });
  }
  if (pools) {
    columns.splice(at('cpu'), 0, {
      id: 'pool',
      title: () => titled('pool', 'POOL'),
      min: 8,
      ideal: 8,
      max: 8,
      // A column of question marks is worth room only where nothing else wants it.
      priority: poolKnown ? 52 : 20,
      optional: !poolKnown,
      align: 'left',
      cell: poolCell,
    });
  }
  if (nfs) {
    columns.splice(
      at('disk'),
      0,
      nfsRateColumn((width) => titled('nfs', width >= 8 ? 'NFS op/s' : 'NFS/s')),
      {
        id: 'nfs-ms',
        title: () => titled('nfs-ms', 'ms'),
        min: 5,
        ideal: 5,
        max: 6,
        priority: 58,
        align: 'right',
        cell: ({ view, stale }) => {
          const trouble = mountTrouble(view);
          if (trouble !== null) return [span(trouble, 'crit')];
          return figure(milliseconds(latest(view.series.nfsMs)), limitToken(latest(view.series.nfsMs), limits?.nfsMs), stale);
        },
      },
    );
  }
  return columns;
}

function figure(text: string, token: Token, stale: boolean): Line {
  return [span(text, stale ? 'dim' : token)];
}

function cpuCell(limits: Console['limits']): Column<FleetRow>['cell'] {
  return ({ view, stale }, width) => {
    const cpu = view.sample?.cpu ?? null;
    const waits = width >= 17;
    const spark = Math.max(3, width - 5 - (waits ? 7 : 0));
    const used = cpu?.usedPct ?? null;
    const wait = cpu?.iowaitPct ?? null;
    const out: Span[] = [
      span(sparkline(view.series.cpuPct.tail(spark), spark, 100), stale ? 'dim' : 'chart'),
      span(percent(used).padStart(5), stale ? 'dim' : limitToken(used, limits?.cpu)),
    ];
    if (waits && wait !== null && wait >= 5)
      out.push(span(` io${percent(wait).padStart(4)}`, stale ? 'dim' : limitToken(wait, limits?.iowait)));
    return out;
  };
}

function nfsRateColumn(title: (width: number) => string): Column<FleetRow> {
  return {
    id: 'nfs',
    title,
    min: 6,
    ideal: 11,
    max: 16,
    priority: 55,
    align: 'left',
    cell: ({ view, stale }, width) => {
      if (!usesNfs(view)) return [span('–'.padStart(6), 'dim')];
      const rate = span(count(latest(view.series.nfsIops)).padStart(6), stale ? 'dim' : 'text');
      const spark = width - 7;
      return spark < 3 ? [rate] : [rate, span(' '), span(sparkline(view.series.nfsIops.tail(spark), spark, null), stale ? 'dim' : 'chart')];
    },
  };
}

const poolWords = { in: 'in', out: 'out', draining: 'drain', unknown: '?' } as const;
const poolTokens = { in: 'text', out: 'warn', draining: 'warn', unknown: 'unknown' } as const satisfies Record<string, Token>;

/** `in`, `drain 8`, `out`, `?`; of several pools in how many it is. */
export function poolCell({ pools }: Pick<FleetRow, 'pools'>): Line {
  const [first] = pools;
  if (first === undefined) return [span('–', 'dim')];
  if (pools.length > 1) {
    const inside = pools.filter((pool) => pool.state === 'in').length;
    if (pools.every((pool) => pool.state === 'unknown')) return [span('?', 'unknown')];
    return [span(`in ${inside}/${pools.length}`, inside === pools.length ? 'text' : 'warn')];
  }
  const left = first.state === 'draining' && first.connections !== null ? ` ${first.connections}` : '';
  return [span(poolWords[first.state] + left, poolTokens[first.state])];
}

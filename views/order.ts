import { healthRank } from '../src/fleet/health.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { FleetState, HostView } from '../src/fleet/view.ts';
import { matches, parseFilter } from './filter.ts';
import { latest, loadOf, worstDiskPct } from './host-figures.ts';
import type { Sort, UiState } from './state.ts';

export type ColumnId = 'worst' | 'host' | 'role' | 'env' | 'pool' | 'cpu' | 'memory' | 'nfs' | 'nfs-ms' | 'disk' | 'load' | 'age';

export interface SortColumn {
  readonly id: ColumnId;
  /** Second key after `S`, and first letter of `short`. */
  readonly letter: string;
  readonly short: string;
  readonly words: string;
}

export const sortColumns: readonly SortColumn[] = [
  { id: 'worst', letter: 'w', short: 'worst', words: 'worst first' },
  { id: 'host', letter: 'h', short: 'host', words: 'host' },
  { id: 'role', letter: 'r', short: 'role', words: 'role' },
  { id: 'env', letter: 'e', short: 'env', words: 'env' },
  { id: 'pool', letter: 'p', short: 'pool', words: 'pool' },
  { id: 'cpu', letter: 'c', short: 'cpu', words: 'cpu' },
  { id: 'memory', letter: 'm', short: 'mem', words: 'memory' },
  { id: 'nfs', letter: 'n', short: 'nfs', words: 'nfs op/s' },
  { id: 'nfs-ms', letter: 't', short: 'time', words: 'nfs time' },
  { id: 'disk', letter: 'd', short: 'disk', words: 'disk' },
  { id: 'load', letter: 'l', short: 'load', words: 'load' },
  { id: 'age', letter: 'a', short: 'age', words: 'age' },
];

const natural = new Intl.Collator('en', { numeric: true });

/** Poorer than ok: what `!` leaves on the screen. */
export function isWrong(view: HostView): boolean {
  return healthRank(view.verdict.health) > 0 || view.goneSince !== null;
}

/** Number columns sort from the largest down, with what was not measured last in both directions. */
function numberOf(view: HostView, column: ColumnId): number | null {
  switch (column) {
    case 'worst':
      return healthRank(view.verdict.health) * 100 + Math.min(99, view.verdict.reasons.length);
    case 'cpu':
      return view.sample?.cpu?.usedPct ?? null;
    case 'memory':
      return view.sample?.memory?.usedPct ?? null;
    case 'nfs':
      return latest(view.series.nfsIops);
    case 'nfs-ms':
      return latest(view.series.nfsMs);
    case 'disk':
      return worstDiskPct(view);
    case 'load':
      return loadOf(view);
    case 'age':
      return view.sample === null ? null : -view.sample.at;
    default:
      return null;
  }
}

function textOf(view: HostView, column: ColumnId): string {
  switch (column) {
    case 'role':
      return view.host.role ?? '';
    case 'env':
      return view.host.env;
    case 'pool':
      return view.pools.map((pool) => pool.state).join(' ');
    default:
      return '';
  }
}

const textColumns: ReadonlySet<ColumnId> = new Set(['host', 'role', 'env', 'pool']);

/** Sorted copy; equal rows stand by role and then by name as people count. */
export function sortHosts(hosts: readonly HostView[], sort: Sort): HostView[] {
  const sign = sort.reversed ? -1 : 1;
  const numeric = !textColumns.has(sort.column);
  const keyed = hosts.map((view) => ({
    view,
    number: numeric ? numberOf(view, sort.column) : null,
    text: numeric ? '' : textOf(view, sort.column),
  }));
  keyed.sort((a, b) => {
    if (numeric && a.number !== b.number) {
      if (a.number === null) return 1;
      if (b.number === null) return -1;
      return (b.number - a.number) * sign;
    }
    if (!numeric && sort.column !== 'host') {
      const byText = natural.compare(a.text, b.text);
      if (byText !== 0) return byText * sign;
    }
    if (sort.column === 'worst') {
      const byRole = natural.compare(a.view.host.role ?? '', b.view.host.role ?? '');
      if (byRole !== 0) return byRole;
    }
    const byName = natural.compare(a.view.host.name, b.view.host.name);
    return sort.column === 'host' ? byName * sign : byName;
  });
  return keyed.map(({ view }) => view);
}

/** The rows of the fleet screen: filtered and sorted, or as they stood when a dialog opened. */
export function shownHosts(fleet: FleetState, ui: UiState): readonly HostView[] {
  // Where nothing stood there, nothing can move; hosts may come while a question about their keys is open.
  if (ui.frozen !== null && ui.frozen.length > 0) return ui.frozen.flatMap((id) => fleet.byId.get(id) ?? []);
  const terms = parseFilter(ui.filter);
  const kept = fleet.hosts.filter((view) => (!ui.onlyWrong || isWrong(view)) && matches(view, terms));
  return sortHosts(kept, ui.sort);
}

export function idsOf(hosts: readonly HostView[]): HostId[] {
  return hosts.map((view) => view.host.id);
}

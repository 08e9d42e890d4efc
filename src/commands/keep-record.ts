import { mostOf } from '../fleet/figures.ts';
import type { HostView } from '../fleet/view.ts';
import { AlertLog } from '../journal/alert-log.ts';
import type { Journal } from '../journal/entry.ts';
import { History, type HistoryRow } from '../journal/history.ts';
import type { FleetStore } from '../live/store.ts';

const minuteMs = 60_000;
/** Rows written in one go: between two of them the console draws and answers keys. */
const rowsAtOnce = 500;

export interface RecordKept {
  readonly store: FleetStore;
  readonly journal: Journal;
  /** State directory; `null` where it cannot be used: then nothing but alerts is kept. */
  readonly dir: string | null;
  readonly fleet: string;
  readonly who: string;
  readonly pollMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * What a console that stays leaves behind without being asked: alerts in the journal, and a row a host a minute in the history.
 * Neither ever fails the console. Gives the end of it.
 */
export function keepRecord({ store, journal, dir, fleet, who, pollMs, now }: RecordKept): () => void {
  const alerts = new AlertLog({ journal, fleet, who });
  const unsubscribe = store.subscribe((state) => alerts.take(state.alerts, state.at));
  const history = dir === null ? null : new History(dir, fleet);
  const samples = Math.max(1, Math.round(minuteMs / pollMs));
  let rows: readonly HistoryRow[] = [];
  const slice = (): void => {
    history?.record(rows.slice(0, rowsAtOnce));
    rows = rows.slice(rowsAtOnce);
    if (rows.length > 0) setTimeout(slice, 50).unref();
  };
  let minutes = 0;
  const timer = setInterval(() => {
    const at = Math.floor(now() / minuteMs) * minuteMs;
    rows = store
      .getState()
      .hosts.flatMap((view) => (view.sample === null && view.verdict.health === 'unknown' ? [] : [rowOf(view, at, samples)]));
    if (rows.length > 0) slice();
    if (minutes % 10 === 0) history?.prune(at);
    minutes += 1;
  }, minuteMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    unsubscribe();
    alerts.flush(now(), true);
    history?.close();
  };
}

/** Means over the last minute; a host that is silent now has none, whatever it said before. */
function rowOf(view: HostView, at: number, samples: number): HistoryRow {
  const { series, sample, verdict, host } = view;
  const fresh = sample !== null && at - sample.at < 2 * minuteMs && view.reach.reach === 'ok';
  const mean = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return !fresh || known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    host: host.name,
    at,
    cpuPct: mean(series.cpuPct.tail(samples)),
    iowaitPct: mean(series.iowaitPct.tail(samples)),
    memoryPct: mean(series.memoryPct.tail(1)),
    nfsIops: mean(series.nfsIops.tail(samples)),
    // The worst of the minute: a mean would hide a hang of ten seconds.
    nfsMs: fresh ? mostOf(series.nfsMs.tail(samples)) : null,
    diskPct: mean(series.diskPct.tail(1)),
    health: verdict.health,
  };
}

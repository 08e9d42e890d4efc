import type { Alert } from '../fleet/alert.ts';
import type { JsonValue, Journal } from './entry.ts';

/** Alerts are noted at most this often, ms; what began and ended in between is noted all the same, with its times. */
const everyMs = 2000;
/** Changes in one entry; the rest waits for the next. */
const mostAtOnce = 200;
/** Entries in ten minutes. Beyond that only the newest state of each alert is kept and written later. */
const mostEntries = 60;
const windowMs = 10 * 60_000;

export type AlertChange = 'begin' | 'changed' | 'end';

interface Pending {
  readonly change: AlertChange;
  readonly alert: Alert;
  readonly at: number;
}

export interface AlertLogOptions {
  readonly journal: Journal;
  readonly fleet: string;
  /** `user@machine` of the console that saw it. */
  readonly who: string;
}

/**
 * Writes alerts into the journal as they begin, change (severity, cause, ack, suppression) and end: those that held long enough, which is
 * all that the store has. Many changes at once are one entry. A journal that cannot be written loses nothing but these entries: the alerts
 * stay on the screen.
 */
export class AlertLog {
  readonly #options: AlertLogOptions;
  #known: ReadonlyMap<string, Alert> = new Map();
  #pending: Pending[] = [];
  #flushedAt = Number.NEGATIVE_INFINITY;
  readonly #written: number[] = [];

  constructor(options: AlertLogOptions) {
    this.#options = options;
  }

  /** Takes the alerts as they stand; `now` is epoch ms. Cheap when nothing changed. */
  take(alerts: readonly Alert[], now: number): void {
    const next = new Map(alerts.map((alert) => [alert.id, alert]));
    for (const [id, alert] of next) {
      const before = this.#known.get(id);
      if (before === undefined) this.#add({ change: 'begin', alert, at: now });
      else if (before.since !== alert.since) {
        this.#add({ change: 'end', alert: before, at: now });
        this.#add({ change: 'begin', alert, at: now });
      } else if (differs(before, alert)) this.#add({ change: 'changed', alert, at: now });
    }
    for (const [id, alert] of this.#known) if (!next.has(id)) this.#add({ change: 'end', alert, at: now });
    this.#known = next;
    this.flush(now, false);
  }

  /** Writes what waits; `last` also what the limits would hold back, for the end of a console. */
  flush(now: number, last: boolean): void {
    while (this.#written.length > 0 && now - (this.#written[0] ?? now) > windowMs) this.#written.shift();
    if (this.#pending.length === 0) return;
    if (!last && (now - this.#flushedAt < everyMs || this.#written.length >= mostEntries)) return;
    const taken = this.#pending.slice(0, mostAtOnce);
    try {
      this.#write(taken);
      this.#pending = this.#pending.slice(taken.length);
      this.#written.push(now);
    } catch {
      // The journal keeps its own failure; what waits is bounded by #add.
    }
    this.#flushedAt = now;
  }

  #add(change: Pending): void {
    // One that flaps while entries are held back leaves its beginning and its newest state, not every turn.
    const held = this.#pending.findLastIndex((each) => each.alert.id === change.alert.id);
    const old = held === -1 ? undefined : this.#pending[held];
    const merges = old !== undefined && old.change === 'changed' && change.change === 'changed';
    if (merges) this.#pending[held] = change;
    else if (this.#pending.length < 10 * mostAtOnce) this.#pending.push(change);
  }

  #write(changes: readonly Pending[]): void {
    const { journal, fleet, who } = this.#options;
    const hosts = [...new Set(changes.flatMap(({ alert }) => (alert.hostName === null ? [] : [alert.hostName])))];
    const counted = (['begin', 'changed', 'end'] as const).flatMap((change) => {
      const count = changes.filter((each) => each.change === change).length;
      return count === 0 ? [] : [`${count} ${{ begin: 'began', changed: 'changed', end: 'ended' }[change]}`];
    });
    const [only, second] = changes;
    const title = only !== undefined && second === undefined ? oneTitle(only) : `alerts: ${counted.join(', ')}`;
    const first = changes.find(({ change }) => change === 'begin') ?? only;
    journal.append({
      kind: 'alert',
      actionId: `alerts-${fleet}`,
      who,
      env: null,
      targets: hosts.slice(0, mostAtOnce),
      command: null,
      outcome: first?.change ?? null,
      detail: { title, fleet, changes: changes.map(changeJson) },
    });
  }
}

function oneTitle({ change, alert }: Pending): string {
  const words = { begin: 'began', changed: 'changed', end: 'ended' }[change];
  return `alert ${alert.name} ${words}${alert.hostName === null ? '' : ` on ${alert.hostName}`}: ${alert.what}`;
}

function changeJson({ change, alert, at }: Pending): JsonValue {
  const { id, name, severity, hostName, what, since, cause, suppressedBy, ackedBy } = alert;
  return { change, at, id, name, severity, host: hostName, what, since, cause, suppressedBy, ackedBy };
}

function differs(a: Alert, b: Alert): boolean {
  return a.severity !== b.severity || a.cause !== b.cause || a.ackedBy !== b.ackedBy || a.suppressedBy !== b.suppressedBy;
}

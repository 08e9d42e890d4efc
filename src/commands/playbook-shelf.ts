import type { Alert } from '../fleet/alert.ts';
import { type Library, noLibrary, readLibrary } from '../playbook/library.ts';
import { type About, suggest, type Suggested } from '../playbook/suggest.ts';

/** Names on one alert. */
const mostNames = 5;

interface Known {
  readonly key: string;
  readonly names: readonly string[];
}

/** The playbooks of a folder, for screens and alerts; read when it is asked for. */
export class PlaybookShelf {
  readonly #folder: string | null;
  readonly #hostsFrom: (from: string | null) => readonly string[];
  #library: Library = noLibrary;
  /** By alert. */
  #known: ReadonlyMap<string, Known> = new Map();
  #last: { readonly given: readonly Alert[]; readonly library: Library; readonly alerts: readonly Alert[] } | null = null;

  /** `folder` is `null` where the fleet file names none; `hostsFrom` says which hosts a `from` of an input means. */
  constructor(folder: string | null, hostsFrom: (from: string | null) => readonly string[]) {
    this.#folder = folder;
    this.#hostsFrom = hostsFrom;
  }

  library(): Library {
    return this.#library;
  }

  async reload(): Promise<void> {
    if (this.#folder === null) return;
    this.#library = await readLibrary(this.#folder);
    this.#known = new Map();
  }

  suggest(about: About): readonly Suggested[] {
    return suggest(this.#library, { hostsFrom: this.#hostsFrom, ...about });
  }

  /**
   * The alerts with the names of the playbooks that each leads to, best first; what explains it leads as well, and further. An alert is
   * thought about again when it or its cause becomes another: that the numbers in its words change is no reason.
   */
  onAlerts(given: readonly Alert[]): readonly Alert[] {
    const library = this.#library;
    if (library.files.length === 0) return given;
    if (this.#last?.given === given && this.#last.library === library) return this.#last.alerts;
    const byId = new Map(given.map((alert) => [alert.id, alert]));
    const known = new Map<string, Known>();
    const alerts = given.map((alert) => {
      const chain = chainOf(alert, byId);
      const key = chain.map(keyOf).join('\n');
      const before = this.#known.get(alert.id);
      const names = before?.key === key ? before.names : this.#namesFor(chain);
      known.set(alert.id, { key, names });
      return names.length === 0 ? alert : { ...alert, playbooks: names };
    });
    this.#known = known;
    this.#last = { given, library, alerts };
    return alerts;
  }

  #namesFor(alerts: readonly Alert[]): readonly string[] {
    const found = this.suggest({ alerts, host: null, checks: [], text: null });
    return found.flatMap(({ file, score }) => (score > 0 ? [file.playbook.id] : [])).slice(0, mostNames);
  }
}

/** The alert, then what explains it, and what explains that. */
function chainOf(alert: Alert, byId: ReadonlyMap<string, Alert>): readonly Alert[] {
  const chain = [alert];
  for (let next = byId.get(alert.cause ?? ''); next !== undefined && !chain.includes(next); next = byId.get(next.cause ?? ''))
    chain.push(next);
  return chain;
}

function keyOf({ id, cause, suppressedBy, labels, what }: Alert): string {
  return JSON.stringify([id, cause, suppressedBy, labels, what.replace(/\d+/g, '0')]);
}

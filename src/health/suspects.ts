import type { Alert } from '../fleet/alert.ts';
import { blameOrder, kindOf } from './alert-kind.ts';
import type { Places } from './places.ts';

/**
 * Alerts by what could make them the cause of another, each list in the order of blame: its first that fits is its best, and nothing
 * outside the lists of a child can explain it (see `explains`). Without them every alert would be held against every other.
 */
export class Suspects {
  readonly #everywhere: Alert[] = [];
  readonly #byHost = new Map<string, Alert[]>();
  readonly #byRole = new Map<string, Alert[]>();

  constructor(alerts: readonly Alert[]) {
    const rank = new Map(alerts.map((alert) => [alert, blameOrder(kindOf(alert))]));
    const rankOf = (alert: Alert): number => rank.get(alert) ?? 0;
    for (const alert of alerts.toSorted((a, b) => rankOf(a) - rankOf(b) || a.since - b.since || (a.id < b.id ? -1 : 1))) {
      const kind = kindOf(alert);
      if (kind === 'network' || kind === 'nfs-server') this.#everywhere.push(alert);
      if (alert.host !== null) push(this.#byHost, alert.host, alert);
      const role = alert.labels['role'];
      if (role !== undefined && alert.host !== null) push(this.#byRole, role, alert);
    }
  }

  /** Lists that together hold every alert that can explain `child`. */
  lists(child: Alert, places: Places): readonly (readonly Alert[])[] {
    const server = child.labels['server'] === undefined ? null : places.server(child.labels['server']);
    const role = child.labels['role'];
    return [
      this.#everywhere,
      this.#on(child.host),
      this.#on(server?.id ?? null),
      ...(role === undefined ? [] : places.dependencies(role).map((needed) => this.#byRole.get(needed) ?? [])),
    ];
  }

  #on(host: string | null): readonly Alert[] {
    return host === null ? [] : (this.#byHost.get(host) ?? []);
  }
}

function push(map: Map<string, Alert[]>, key: string, alert: Alert): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [alert]);
  else list.push(alert);
}

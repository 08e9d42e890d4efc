import type { Alert } from '../src/fleet/alert.ts';
import { healthRank, type Reason } from '../src/fleet/health.ts';
import type { HostId } from '../src/fleet/host.ts';

/** A root alert and the alerts it explains, directly or through others. */
export interface Episode {
  readonly root: Alert;
  readonly explains: readonly Alert[];
}

const made = new WeakMap<readonly Alert[], readonly Episode[]>();

/** One episode a root cause, worst and then oldest first. An alert whose cause is not in the list is a root itself. Made once for a list. */
export function episodes(alerts: readonly Alert[]): readonly Episode[] {
  const known = made.get(alerts) ?? gathered(alerts);
  made.set(alerts, known);
  return known;
}

function gathered(alerts: readonly Alert[]): readonly Episode[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const children = new Map<string, Alert[]>();
  const roots: Alert[] = [];
  for (const alert of alerts) {
    const top = rootOf(alert, byId);
    if (top.id === alert.id) roots.push(alert);
    else {
      const own = children.get(top.id) ?? [];
      own.push(alert);
      children.set(top.id, own);
    }
  }
  return roots
    .map((root) => ({ root, explains: children.get(root.id) ?? [] }))
    .sort((a, b) => healthRank(b.root.severity) - healthRank(a.root.severity) || a.root.since - b.root.since);
}

/** The alert that explains this one in the end; itself when nothing does. */
export function rootOf(alert: Alert, byId: ReadonlyMap<string, Alert>): Alert {
  let top = alert;
  const seen = new Set([alert.id]);
  while (top.cause !== null) {
    const parent = byId.get(top.cause);
    if (parent === undefined || seen.has(parent.id)) break;
    seen.add(parent.id);
    top = parent;
  }
  return top;
}

/** The alert that a reason of a host's verdict has raised; `null` before it has held long enough. */
export function alertOfReason(alerts: readonly Alert[], host: HostId, reason: Reason): Alert | null {
  const id = `${reason.name}@${host}`;
  const wanted = reason.subject.kind === 'mount' ? `${id}#${reason.subject.mount}` : id;
  return alerts.find((alert) => alert.id === wanted) ?? null;
}

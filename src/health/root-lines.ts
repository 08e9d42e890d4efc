import type { Alert } from '../fleet/alert.ts';
import { formatDuration } from '../fleet/duration.ts';

/** One root cause with all it explains, straight or through others. */
export interface RootLine {
  readonly root: Alert;
  readonly explains: readonly Alert[];
  /** `nfs1: NFS latency 48 ms (limit 20) on /data for 3m12s. Explains 3 alerts on web1 web2 web4` */
  readonly text: string;
}

const namedHosts = 6;

/**
 * One line per root cause, in the order of the alerts given.
 * What waits for its ended cause to be forgotten (`outlivePolls`) has no line; it is still in the list of alerts.
 */
export function rootLines(alerts: readonly Alert[], now: number): readonly RootLine[] {
  const byRoot = Map.groupBy(
    alerts.filter((alert) => alert.suppressedBy !== null),
    (alert) => alert.suppressedBy,
  );
  return alerts
    .filter((alert) => alert.suppressedBy === null)
    .map((root) => {
      const explained = byRoot.get(root.id) ?? [];
      return { root, explains: explained, text: `${headline(root, now)}${explanation(explained)}` };
    });
}

function headline(root: Alert, now: number): string {
  // Many sentences name their host already.
  const prefix = root.hostName === null || root.what.includes(root.hostName) ? '' : `${root.hostName}: `;
  return `${prefix}${root.what} for ${formatDuration(Math.max(1000, now - root.since))}`;
}

function explanation(explained: readonly Alert[]): string {
  if (explained.length === 0) return '';
  const hosts = [...new Set(explained.flatMap((alert) => (alert.hostName === null ? [] : [alert.hostName])))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const more = hosts.length > namedHosts ? ` and ${hosts.length - namedHosts} more` : '';
  const on = hosts.length === 0 ? '' : ` on ${hosts.slice(0, namedHosts).join(' ')}${more}`;
  return `. Explains ${explained.length} ${explained.length === 1 ? 'alert' : 'alerts'}${on}`;
}

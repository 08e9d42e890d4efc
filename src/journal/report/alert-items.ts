import { formatDuration } from '../../fleet/duration.ts';
import { type AlertEpisode, alertEpisodes } from '../alert-episodes.ts';
import type { Entry } from '../entry.ts';
import { proof, type Scope, type TimelineItem } from './timeline-item.ts';

/** Alerts of a scope: of its hosts, and what explains them or is explained by them. */
function alertsIn(entries: readonly Entry[], scope: Scope): readonly AlertEpisode[] {
  const all = alertEpisodes(entries, scope.fleet).filter((alert) => alert.since <= scope.to && (alert.endedAt ?? scope.to) >= scope.from);
  if (scope.hosts === null) return all;
  const hosts = new Set(scope.hosts);
  const own = all.filter((alert) => alert.host === null || hosts.has(alert.host));
  const causes = new Set(own.flatMap((alert) => (alert.cause === null ? [] : [alert.cause])));
  const ids = new Set(own.map((alert) => alert.id));
  return all.filter((alert) => ids.has(alert.id) || causes.has(alert.id) || (alert.cause !== null && ids.has(alert.cause)));
}

/** An alert's beginning, its acknowledgement and its end are a line each. */
export function alertItems(entries: readonly Entry[], scope: Scope): TimelineItem[] {
  const alerts = alertsIn(entries, scope);
  const ids = new Set(alerts.map((alert) => alert.id));
  return alerts.flatMap((alert) => {
    const explained = alerts.filter((other) => other.cause === alert.id);
    const isRoot = alert.cause === null || !ids.has(alert.cause);
    const on = alert.host === null ? '' : ` on ${alert.host}`;
    const shared = {
      source: 'alert',
      by: 'machine',
      who: 'quarterdeck',
      command: null,
      hosts: alert.host === null ? [] : [alert.host],
      late: false,
      evidence: proof(alert.seq),
    } as const;
    const explains =
      explained.length === 0
        ? ''
        : `; explains ${explained.length} more ${explained.length === 1 ? 'alert' : 'alerts'} on ${[...new Set(explained.map((one) => one.host ?? 'the fleet'))].join(', ')}`;
    const begin: TimelineItem = {
      ...shared,
      at: alert.since,
      endAt: alert.endedAt,
      text: `${severityWords[alert.severity]}: ${alert.name}${on}: ${alert.what}${explains}`,
      outcome: alert.severity,
      significant: isRoot,
    };
    const later: TimelineItem[] = [];
    if (alert.ackedBy !== null && alert.ackedAt !== null)
      later.push({
        ...begin,
        at: alert.ackedAt,
        endAt: null,
        text: `${alert.name}${on} acknowledged by ${alert.ackedBy}`,
        outcome: null,
        evidence: proof(alert.ackedSeq ?? alert.seq),
      });
    if (alert.endedAt !== null)
      later.push({
        ...begin,
        at: alert.endedAt,
        endAt: null,
        text: `${alert.name}${on} is over after ${formatDuration(alert.endedAt - alert.since)}`,
        outcome: 'ok',
        evidence: proof(alert.endedSeq ?? alert.seq),
      });
    return [begin, ...later];
  });
}

const severityWords = { crit: 'Critical', warn: 'Warning', unknown: 'Unknown' } as const;

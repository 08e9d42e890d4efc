import type { Alert } from '../fleet/alert.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { Reason, ReasonSubject } from '../fleet/health.ts';
import type { HostId } from '../fleet/host.ts';

/** Results in a row that make a soft episode hard, and that end a hard one. */
export const hardAfter = 2;
export const clearAfter = 2;

/** One run of a reason: soft from its first bad result, hard when it held, gone when it recovered. Times are epoch ms. */
export interface Episode {
  readonly id: string;
  /** Id of the `AlertSource` that feeds it. */
  readonly source: string;
  readonly name: string;
  readonly subject: ReasonSubject;
  readonly host: HostId | null;
  readonly hostName: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: Alert['severity'];
  readonly text: string;
  readonly forMs: number;
  readonly since: number;
  readonly hard: boolean;
  /** Results in a row, bad or good; only new evidence counts. */
  readonly bad: number;
  readonly good: number;
  /** Time of the evidence counted last. */
  readonly countedAt: number;
  /** Since when nothing says whether it still holds. */
  readonly doubtSince: number | null;
}

/** The first bad result. */
export function beginEpisode(
  about: Pick<Episode, 'id' | 'source' | 'host' | 'hostName' | 'labels'>,
  reason: Reason,
  evidence: { readonly at: number; readonly since: number },
): Episode {
  const { name, subject, health: severity, text, forMs } = reason;
  return {
    ...about,
    name,
    subject,
    severity,
    text,
    forMs,
    since: evidence.since,
    hard: false,
    bad: 1,
    good: 0,
    countedAt: evidence.at,
    doubtSince: null,
  };
}

/**
 * A bad result; the evidence counted last only renews the words.
 * New evidence is other evidence, not later: a wall clock set back must not freeze an alert.
 */
export function countBad(episode: Episode, reason: Reason, evidenceAt: number, labels: Episode['labels']): Episode {
  const isNew = evidenceAt !== episode.countedAt;
  const bad = isNew ? episode.bad + 1 : Math.max(1, episode.bad);
  const countedAt = isNew ? evidenceAt : episode.countedAt;
  const held = bad >= hardAfter && countedAt - episode.since >= reason.forMs;
  return {
    ...episode,
    labels,
    severity: reason.health,
    text: reason.text,
    forMs: reason.forMs,
    hard: episode.hard || held,
    bad,
    good: 0,
    countedAt,
    doubtSince: null,
  };
}

/** A good result; `null` when the episode is over. */
export function countGood(episode: Episode, evidenceAt: number): Episode | null {
  if (evidenceAt === episode.countedAt) return episode;
  if (!episode.hard) return null;
  const good = episode.good + 1;
  return good >= clearAfter ? null : { ...episode, bad: 0, good, countedAt: evidenceAt, doubtSince: null };
}

/** No result: missing data neither raises nor ends anything. */
export function doubt(episode: Episode, now: number): Episode {
  return episode.doubtSince === null ? { ...episode, doubtSince: now } : episode;
}

/** The alert of a hard episode. */
export function alertOf(episode: Episode, now: number): Alert {
  const { id, name, labels, severity, host, hostName, since } = episode;
  const stale = episode.doubtSince === null ? '' : ` (not confirmed for ${formatDuration(now - episode.doubtSince)})`;
  const what = `${episode.text}${stale}`;
  return { id, name, labels, severity, host, hostName, what, since, cause: null, suppressedBy: null, ackedBy: null, playbooks: [] };
}

import type { Alert } from '../fleet/alert.ts';
import type { Debt } from '../fleet/debt.ts';
import type { Fleet } from '../fleet/definition.ts';
import { healthRank, type Reason } from '../fleet/health.ts';
import type { PoolState } from '../fleet/pool.ts';
import type { CheckSample } from '../fleet/sample.ts';
import { type AlertSource, hereSource, hostSource, type JudgedHost, sameSubject, skewSource } from './alert-source.ts';
import { type Causes, explain } from './cause.ts';
import { corroborate } from './corroborate.ts';
import { alertOf, beginEpisode, countBad, countGood, doubt, type Episode } from './episode.ts';
import { isHostSilence } from './evidence.ts';
import { judgedKey } from './judge-input.ts';
import { owedSources } from './owed.ts';
import type { SkewJudgement } from './skew.ts';

/** What alerting remembers between two steps. Never mutated. */
export interface AlertState {
  readonly episodes: ReadonlyMap<string, Episode>;
  readonly causes: Causes;
  readonly alerts: readonly Alert[];
}

/** Before the first step. */
export const noAlerts: AlertState = { episodes: new Map(), causes: new Map(), alerts: [] };

export interface AlertInput {
  readonly fleet: Fleet;
  /** Every host shown; alerts of a host left out end at once. */
  readonly hosts: readonly JudgedHost[];
  readonly skew: readonly SkewJudgement[];
  /** Answers of the checks this console asks itself. */
  readonly checksHere: readonly CheckSample[];
  readonly pools: readonly PoolState[];
  /** What is owed back; an alert of one that is settled ends at once. */
  readonly debts: readonly Debt[];
  readonly now: number;
}

export interface AlertStep {
  readonly state: AlertState;
  /** Worst first, then oldest. */
  readonly alerts: readonly Alert[];
  readonly raised: readonly Alert[];
  readonly cleared: readonly Alert[];
}

/**
 * One step of alerting. A reason becomes an alert when it held its `forMs` over at least two results, and ends after two good ones;
 * missing data is no result. Stepping again with the same evidence changes nothing but ages, so any rate of calls gives the same alerts.
 */
export function stepAlerts(state: AlertState, input: AlertInput): AlertStep {
  const sources = [
    ...input.hosts.map(hostSource),
    ...input.skew.map(skewSource),
    hereSource(input.fleet, input.checksHere, input.now),
    ...owedSources(input),
  ];
  const bySource = Map.groupBy(state.episodes.values(), (episode) => episode.source);
  const stepped = new Map<string, Episode>();
  for (const source of sources) {
    for (const episode of stepSource(source, bySource.get(source.id) ?? [], input)) stepped.set(episode.id, episode);
  }
  const episodes = corroborate(stepped, state.episodes, input);
  const hard = [...episodes.values()].filter((episode) => episode.hard);
  const { alerts: explained, causes } = explain(
    hard.map((episode) => alertOf(episode, input.now)),
    state.causes,
    input,
  );
  const alerts = explained.toSorted(worstThenOldest);
  const ids = new Set(alerts.map((alert) => alert.id));
  const before = new Set(state.alerts.map((alert) => alert.id));
  return {
    state: { episodes, causes, alerts },
    alerts,
    raised: alerts.filter((alert) => !before.has(alert.id)),
    cleared: state.alerts.filter((alert) => !ids.has(alert.id)),
  };
}

function worstThenOldest(a: Alert, b: Alert): number {
  return healthRank(b.severity) - healthRank(a.severity) || a.since - b.since || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** `<name>@<source>[#<mount>]`: services and checks already stand in the name. */
function episodeId(source: AlertSource, reason: Reason): string {
  return `${reason.name}@${source.id}${reason.subject.kind === 'mount' ? `#${reason.subject.mount}` : ''}`;
}

function stepSource(source: AlertSource, before: readonly Episode[], input: AlertInput): readonly Episode[] {
  const present = new Map(onePerName(source.reasons).map((reason) => [episodeId(source, reason), reason]));
  const kept = before.flatMap((episode) => {
    const reason = present.get(episode.id);
    if (reason === undefined) return absent(source, episode, input);
    return [countBad(episode, reason, evidenceFor(source, reason.health, episode, input), source.labels(reason.subject))];
  });
  const known = new Set(before.map((episode) => episode.id));
  const begun = [...present].flatMap(([id, reason]) => (known.has(id) ? [] : begin(source, id, reason, before, input)));
  return onlyOneSilence([...kept, ...begun]);
}

/** The first of a name is the worst, as verdicts are sorted. */
function onePerName(reasons: readonly Reason[]): readonly Reason[] {
  const seen = new Set<string>();
  return reasons.filter((reason) => {
    const key = judgedKey(reason);
    return !seen.has(key) && seen.add(key);
  });
}

function absent(source: AlertSource, episode: Episode, input: AlertInput): readonly Episode[] {
  if (!source.settles(episode)) return [doubt(episode, input.now)];
  const next = countGood(episode, evidenceFor(source, null, episode, input));
  return next === null ? [] : [next];
}

function begin(source: AlertSource, id: string, reason: Reason, before: readonly Episode[], input: AlertInput): readonly Episode[] {
  if (!Number.isFinite(reason.forMs)) return [];
  const silence = isHostSilence(reason.name, reason.subject);
  // What cannot be told of a thing already bad is said on its own alert, not by a second one.
  if (reason.health === 'unknown' && !silence && before.some((old) => old.hard && sameSubject(old.subject, reason.subject))) return [];
  const earlier = silence ? before.find((old) => isHostSilence(old.name, old.subject)) : undefined;
  const at = source.evidenceAt(reason.subject, reason.health) ?? input.now;
  const since = earlier?.since ?? Math.min(at, source.beganAt(reason) ?? at);
  const about = {
    id,
    source: source.id,
    host: source.host?.id ?? null,
    hostName: source.host?.name ?? null,
    labels: source.labels(reason.subject),
  };
  return [beginEpisode(about, reason, { at, since })];
}

/** A silent host has one alert: when the way it is silent changed for good, the new name takes over. */
function onlyOneSilence(episodes: readonly Episode[]): readonly Episode[] {
  const silent = episodes.filter((episode) => isHostSilence(episode.name, episode.subject));
  if (silent.length < 2) return episodes;
  const now = silent.find((episode) => episode.hard && episode.doubtSince === null && episode.good === 0);
  const gone = silent.filter((episode) => (now === undefined ? !episode.hard && episode.doubtSince !== null : episode !== now));
  return episodes.filter((episode) => !gone.includes(episode));
}

/** Time of the evidence for a result; where only the clock can tell, a result counts once a poll interval. */
function evidenceFor(source: AlertSource, health: Reason['health'] | null, episode: Episode, input: AlertInput): number {
  const at = source.evidenceAt(episode.subject, health);
  if (at !== null) return at;
  return Math.abs(input.now - episode.countedAt) >= input.fleet.poll.everyMs ? input.now : episode.countedAt;
}

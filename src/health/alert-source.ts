import type { Fleet } from '../fleet/definition.ts';
import type { Reason, ReasonSubject, Verdict } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import { judgeChecks } from './checks.ts';
import type { Episode } from './episode.ts';
import { hostPrefix, isHostSilence } from './evidence.ts';
import { judgedKey } from './judge-input.ts';
import type { SkewJudgement } from './skew.ts';

/** A host's verdict with the evidence it rests on. */
export interface JudgedHost {
  readonly host: Host;
  readonly reach: ReachState;
  readonly sample: Sample | null;
  readonly checks: readonly CheckSample[];
  readonly verdict: Verdict;
  /** See `HostJudgement`. */
  readonly notJudged: readonly string[];
}

/** One thing that raises alerts: a host, a role compared with itself, or this console's own checks. */
export interface AlertSource {
  /** Stands after the `@` of its alerts' ids. */
  readonly id: string;
  readonly host: Host | null;
  readonly reasons: readonly Reason[];
  labels(subject: ReasonSubject): Readonly<Record<string, string>>;
  /** Epoch ms of the evidence for a subject; `null` when there is none but the clock. */
  evidenceAt(subject: ReasonSubject, health: Reason['health'] | null): number | null;
  /** Epoch ms at which a reason began, where that is known better than by its first result. */
  beganAt(reason: Reason): number | null;
  /** Whether the absence of an episode's reason is a good result, rather than no result. */
  settles(episode: Pick<Episode, 'name' | 'subject'>): boolean;
}

/** A host as a source of alerts. */
export function hostSource(judged: JudgedHost): AlertSource {
  const { host, reach, sample, verdict } = judged;
  const silent = verdict.reasons.some((reason) => isHostSilence(reason.name, reason.subject));
  const notJudged = new Set(judged.notJudged);
  return {
    id: host.id,
    host,
    reasons: verdict.reasons,
    labels: (subject) => hostLabels(host, sample, subject),
    evidenceAt: (subject, health) => {
      if (silent || health === 'unknown' || verdict.health === 'stopped') return null;
      if (subject.kind !== 'check') return sample?.at ?? null;
      return judged.checks.find((answer) => answer.name === subject.check)?.at ?? null;
    },
    beganAt: (reason) => (reason.name === hostPrefix + reach.reach ? reach.since : null),
    settles: (episode) => !hasUnknown(verdict.reasons, episode) && !notJudged.has(episode.name) && !notJudged.has(judgedKey(episode)),
  };
}

/** Nothing is settled on a silent host; on one that talks, not what it could not say. */
function hasUnknown(reasons: readonly Reason[], episode: Pick<Episode, 'name' | 'subject'>): boolean {
  return reasons.some(
    (reason) => reason.health === 'unknown' && (isHostSilence(reason.name, reason.subject) || sameSubject(reason.subject, episode.subject)),
  );
}

/** Whether two reasons speak of the same thing. */
export function sameSubject(a: ReasonSubject, b: ReasonSubject): boolean {
  if (a.kind === 'service' && b.kind === 'service') return a.service === b.service;
  if (a.kind === 'check' && b.kind === 'check') return a.check === b.check;
  if (a.kind === 'mount' && b.kind === 'mount') return a.mount === b.mount;
  return a.kind === 'host' && b.kind === 'host';
}

function hostLabels(host: Host, sample: Sample | null, subject: ReasonSubject): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { host: host.name, env: host.env };
  if (host.role !== null) labels['role'] = host.role;
  Object.assign(labels, subjectLabels(subject));
  if (subject.kind !== 'mount') return labels;
  const server = sample?.nfsMounts?.find((mount) => mount.mount === subject.mount)?.server;
  return server === undefined ? labels : { ...labels, server };
}

function subjectLabels(subject: ReasonSubject): Readonly<Record<string, string>> {
  if (subject.kind === 'service') return { service: subject.service };
  if (subject.kind === 'check') return { check: subject.check };
  return subject.kind === 'mount' ? { mount: subject.mount } : {};
}

/** A role whose hosts should all run one version. */
export function skewSource(judged: SkewJudgement): AlertSource {
  return {
    id: `${judged.role}#${judged.check}`,
    host: null,
    reasons: judged.reason === null ? [] : [judged.reason],
    labels: (subject) => ({ role: judged.role, ...subjectLabels(subject) }),
    evidenceAt: () => judged.at,
    beganAt: () => null,
    settles: () => judged.complete && judged.at !== null,
  };
}

/** The checks this console asks by itself, as one source. */
export function hereSource(fleet: Fleet, answers: readonly CheckSample[], now: number): AlertSource {
  const wanted = fleet.checks.filter((check) => check.from === 'here');
  const reasons = judgeChecks(wanted, answers, fleet.poll, now);
  return {
    id: 'here',
    host: null,
    reasons,
    labels: subjectLabels,
    evidenceAt: (subject, health) => {
      if (health === 'unknown' || subject.kind !== 'check') return null;
      return answers.find((answer) => answer.name === subject.check)?.at ?? null;
    },
    beganAt: () => null,
    settles: (episode) => !hasUnknown(reasons, episode),
  };
}

import { formatClock, formatDuration } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Reach, ReachState } from '../fleet/reach.ts';
import type { Sample } from '../fleet/sample.ts';
import { type JudgeInput, neverAlerts } from './judge-input.ts';

/** Alert names of a host that cannot be heard start so. */
export const hostPrefix = 'host-';

const hostNames = new Set(
  ['refused', 'timeout', 'unreachable', 'auth', 'host-key', 'throttled', 'no-shell', 'stale', 'unpolled'].map((word) => hostPrefix + word),
);

/** Whether a reason or alert says that its host cannot be heard, rather than what it said. */
export function isHostSilence(name: string, subject: Reason['subject']): boolean {
  return subject.kind === 'host' && hostNames.has(name);
}

const words: Readonly<Record<Exclude<Reach, 'ok' | 'connecting' | 'unknown'>, string>> = {
  refused: 'refuses SSH connections (port closed)',
  timeout: 'does not answer',
  unreachable: 'cannot be reached',
  auth: 'refuses our login',
  'host-key': 'shows a host key that is not trusted',
  throttled: 'limits our connections',
  'no-shell': 'gives no shell',
};

function failed(reach: Reach): reach is keyof typeof words {
  return reach in words;
}

/** Whether the last failure still stands: a new attempt under way disproves nothing. */
export function standingFailure(reach: ReachState, before: ReachState | null): ReachState | null {
  if (failed(reach.reach)) return reach;
  return reach.reach === 'ok' ? null : before;
}

/**
 * Why this host's state is not known now, `null` when there is fresh evidence.
 * A failed attempt counts at once; no answer counts from `poll.stale` on.
 */
export function judgeEvidence(input: JudgeInput, failure: ReachState | null): Reason | null {
  const { host, reach, sample, now, fleet } = input;
  const say = (name: string, text: string, forMs: number): Reason => ({
    name: hostPrefix + name,
    health: 'unknown',
    subject: { kind: 'host' },
    text,
    forMs,
  });
  const seen = lastSeen(sample);
  if (failure !== null && failed(failure.reach)) {
    if (failed(reach.reach) || isStale(sample, now, fleet.poll.staleMs)) {
      const why = failure.why ?? `${host.name} ${words[failure.reach]}`;
      return say(failure.reach, `${why.replace(/\.$/, '')}${seen}`, fleet.poll.everyMs);
    }
  }
  if (sample === null) {
    const waited = now - reach.since;
    if (waited <= fleet.poll.staleMs || reach.reach === 'unknown') return say('unpolled', 'not yet polled', neverAlerts);
    return say('stale', `no answer for ${formatDuration(waited)}; never seen`, fleet.poll.everyMs);
  }
  if (!isStale(sample, now, fleet.poll.staleMs)) return null;
  return say('stale', `no answer for ${formatDuration(now - sample.at)}${seen}`, fleet.poll.everyMs);
}

function isStale(sample: Sample | null, now: number, staleMs: number): boolean {
  return sample === null || now - sample.at > staleMs;
}

function lastSeen(sample: Sample | null): string {
  return sample === null ? '' : `; last seen ${formatClock(sample.at)}`;
}

import type { Fleet } from '../fleet/definition.ts';
import type { Reason, Verdict } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import type { ServiceView } from '../fleet/view.ts';

/** `forMs` of a reason that is shown but never becomes an alert. */
export const neverAlerts = Number.POSITIVE_INFINITY;

/** What is known of one host when it is judged. Times are epoch ms. */
export interface JudgeInput {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly reach: ReachState;
  /** `null` until the first round came back. */
  readonly sample: Sample | null;
  /** Newest answer of each check asked of this host. */
  readonly checks: readonly CheckSample[];
  readonly now: number;
  readonly memory: JudgeMemory;
}

/** How often one service was started anew, as far as the samples showed it. */
export interface RestartMemory {
  readonly count: number | null;
  readonly instance: string | null;
  /** Epoch ms of the samples that showed a restart, one for each. */
  readonly seenAt: readonly number[];
}

/** What a judgement must remember of the one before. Never mutated. */
export interface JudgeMemory {
  /** Level held now, by `judgedKey`: entered at the limit, left below `leave`. */
  readonly levels: ReadonlyMap<string, 'warn' | 'crit'>;
  readonly restarts: ReadonlyMap<string, RestartMemory>;
  /** Samples that reported OOM kills, within the window they are shown for. */
  readonly oomKills: readonly { readonly at: number; readonly kills: number }[];
  /** `at` of the newest sample whose counters were taken in. */
  readonly countedAt: number | null;
  /** The failure a new attempt has not yet disproved. */
  readonly failure: ReachState | null;
}

/** Memory of a host never judged before. */
export const emptyMemory: JudgeMemory = { levels: new Map(), restarts: new Map(), oomKills: [], countedAt: null, failure: null };

/** What a host's evidence comes to. */
export interface HostJudgement {
  readonly verdict: Verdict;
  readonly services: readonly ServiceView[];
  readonly memory: JudgeMemory;
  /** Keys (`judgedKey`) or alert names that this evidence says nothing about: an alert of theirs must not end by it. */
  readonly notJudged: readonly string[];
}

/** What one subject's judge found. */
export interface Finding {
  readonly reasons: readonly Reason[];
  readonly notJudged: readonly string[];
}

/** `nfs-slow#/mnt/data`: a reason's name with its mount, where it has one. */
export function judgedKey(reason: Pick<Reason, 'name' | 'subject'>): string {
  return reason.subject.kind === 'mount' ? `${reason.name}#${reason.subject.mount}` : reason.name;
}

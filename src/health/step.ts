import type { Alert } from '../fleet/alert.ts';
import type { Debt } from '../fleet/debt.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { Host, HostId } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import { type AlertState, noAlerts, stepAlerts } from './alerts.ts';
import { emptyMemory, type HostJudgement, type JudgeMemory } from './judge-input.ts';
import { judgeHost } from './judge-host.ts';
import { judgeSkew } from './skew.ts';

/** Everything `health/` remembers of a fleet. Never mutated. */
export interface HealthState {
  readonly memories: ReadonlyMap<HostId, JudgeMemory>;
  readonly alerts: AlertState;
}

/** Before the first step. */
export const freshHealth: HealthState = { memories: new Map(), alerts: noAlerts };

/** What is known of one host now. */
export interface HostEvidence {
  readonly host: Host;
  readonly reach: ReachState;
  readonly sample: Sample | null;
  readonly checks: readonly CheckSample[];
}

export interface HealthInput {
  readonly fleet: Fleet;
  readonly hosts: readonly HostEvidence[];
  readonly checksHere: readonly CheckSample[];
  /** Default: none. */
  readonly pools?: readonly PoolState[];
  /** Default: none. */
  readonly debts?: readonly Debt[];
  /** Epoch ms. */
  readonly now: number;
}

export interface HealthStep {
  readonly state: HealthState;
  readonly judged: ReadonlyMap<HostId, HostJudgement>;
  readonly alerts: readonly Alert[];
  readonly raised: readonly Alert[];
  readonly cleared: readonly Alert[];
}

/** Judges the whole fleet and steps its alerts. The same evidence in the same order gives the same alerts, live or replayed. */
export function stepHealth(state: HealthState, input: HealthInput): HealthStep {
  const { fleet, now, checksHere, pools = [], debts = [] } = input;
  const judged = new Map(
    input.hosts.map((evidence): [HostId, HostJudgement] => {
      const memory = state.memories.get(evidence.host.id) ?? emptyMemory;
      return [evidence.host.id, judgeHost({ fleet, ...evidence, now, memory })];
    }),
  );
  const hosts = input.hosts.flatMap((evidence) => {
    const judgement = judged.get(evidence.host.id);
    return judgement === undefined ? [] : [{ ...evidence, verdict: judgement.verdict, notJudged: judgement.notJudged }];
  });
  const step = stepAlerts(state.alerts, { fleet, hosts, skew: judgeSkew(fleet, input.hosts, now), checksHere, pools, debts, now });
  const memories = new Map([...judged].map(([id, judgement]) => [id, judgement.memory]));
  return { state: { memories, alerts: step.state }, judged, alerts: step.alerts, raised: step.raised, cleared: step.cleared };
}

import type { Confirmation, Plan, Refusal } from './plan.ts';

/** One change on many hosts, in stages. */
export interface BulkPlan {
  readonly id: string;
  /** The run this one goes on with, `null` for a new one. */
  readonly continues: string | null;
  readonly title: string;
  /** Environments touched; all must be armed. */
  readonly envs: readonly string[];
  readonly env: string;
  readonly items: readonly Plan[];
  /** Indexes into `items`: the canary first, then the batches. */
  readonly stages: readonly (readonly number[])[];
  readonly targets: Plan['targets'];
  readonly commands: Plan['commands'];
  readonly confirmation: Confirmation;
  readonly reasonNeeded: string | null;
  readonly approvalNeeded: string | null;
  readonly hash: string;
  readonly healthyPolls: number;
  readonly stopAfter: number;
  readonly madeAt: number;
  readonly expiresAt: number;
}

export type BulkPlanResult = { readonly ok: true; readonly plan: BulkPlan } | { readonly ok: false; readonly refusal: Refusal };

/** One host of a run as it stands. */
export interface BulkItem {
  readonly subject: string;
  readonly hostName: string;
  readonly state: 'waiting' | 'running' | 'ok' | 'failed' | 'unknown' | 'refused' | 'not-done';
  readonly text: string;
}

export interface BulkState {
  readonly id: string;
  readonly title: string;
  readonly phase: 'running' | 'watching' | 'paused' | 'done' | 'stopped' | 'aborted';
  /** Why it paused, stopped or was aborted. */
  readonly why: string | null;
  readonly items: readonly BulkItem[];
}

/** A run under way. */
export interface BulkRun {
  state(): BulkState;
  /** Takes effect before the next batch. */
  pause(): void;
  resume(): void;
  /** No further host is begun; what runs is let finish. */
  abort(): void;
  readonly done: Promise<BulkState>;
}

/** Canary first, then batches; every index once. */
export function stagesOf(count: number, canary: number, batch: number): number[][] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const first = Math.min(count, Math.max(1, canary));
  const stages = [indexes.slice(0, first)];
  for (let at = first; at < count; at += Math.max(1, batch)) stages.push(indexes.slice(at, at + Math.max(1, batch)));
  return stages;
}

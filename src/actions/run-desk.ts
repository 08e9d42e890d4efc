import type { ExecResult } from '../remote/connection.ts';
import type { HeldLocks, HeldLocksResult } from './held-locks.ts';
import type { LockTheirs } from './host-locks.ts';
import type { Looks } from './looks.ts';
import type { ActionOutcome, ConfirmExtras, Plan, PlannedLock, PlanResult, Progress, Refusal } from './plan.ts';
import type { ActionRequest } from './request.ts';

/** The step of a run that a change belongs to. */
export interface RunPlace {
  readonly run: string;
  readonly address: string;
}

/** What comes with a change of a runbook. */
export interface RunStepExtras extends ConfirmExtras {
  /** Locks that the run holds already: they are not asked for again. */
  readonly under: HeldLocks | null;
  readonly place: RunPlace;
  /** Takes the run's secrets out of everything that the journal keeps about this change. */
  readonly mask?: (text: string) => string;
  /** Shell variables of the commands, whose values reach the host by standard input and never stand in a command line. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Set where other people had to sign it first: whether it may still go ahead, whatever the arming says by now. */
  readonly held?: () => Refusal | null;
  /** Asked again under the change's locks, when nobody else can change what it counts: why it is not made, `null` when it is. */
  readonly mayStill?: () => Promise<string | null>;
  /** Hears how each command ended, for what the runbook saves. */
  readonly onResult?: (result: ExecResult) => void;
}

/** Locks as a journal holds them. */
export interface LeftLocks {
  readonly locks: readonly PlannedLock[];
  /** By `tokenKey`. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** The executor's side for runbooks: locks over a whole run, changes under them, and questions that change nothing. */
export interface RunDesk {
  readonly looks: Looks;
  /**
   * Claims locks for a whole run, or none; `subject` is what the words call it. Those that the run holds already (`under`) are lent.
   * Refused when writes are not armed in `env`. `breakIt` takes them from whoever holds them, for the reason, and journals it.
   */
  claim(
    env: string,
    subject: string,
    locks: readonly PlannedLock[],
    reason: string,
    how: { readonly run: string; readonly under?: HeldLocks | null; readonly breakIt?: boolean },
  ): Promise<HeldLocksResult>;
  /** Takes over the locks of a run whose console has ended; who holds one now; `null` when a host cannot be asked. */
  takeOver(left: LeftLocks, run: string, reason: string): Promise<HeldLocks | LockTheirs | null>;
  /** Says on the hosts why locks that an ended run left still stand, and what is open. */
  explain(left: LeftLocks, run: string, what: { readonly reason: string; readonly left: string }): Promise<void>;
  /** As `Executor.plan`, for a step: locks that the run holds are not told as somebody else's. */
  plan(request: ActionRequest, under: HeldLocks | null): Promise<PlanResult>;
  /** Holds the arming of now for a step that others must sign, see `Arming.hold`. */
  hold(env: string): () => Refusal | null;
  /** As `Executor.execute`, for a step. */
  execute(plan: Plan, word: string, onProgress: (progress: Progress) => void, extras: RunStepExtras): Promise<ActionOutcome>;
}

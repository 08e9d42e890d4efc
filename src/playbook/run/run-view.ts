import type { Debt } from '../../fleet/debt.ts';
import type { Outcome, Result, Verb } from '../playbook.ts';
import type { Question } from './question.ts';

export type RunPhase =
  | { readonly phase: 'running' }
  | { readonly phase: 'waiting'; readonly for: 'person' | 'condition' | 'approval' | 'lock'; readonly since: number }
  /**
   * `why`: what the console says for itself, of a run that it had to leave. `mendable`: the journal's disk is in the way, and the run can
   * go on as soon as that is well.
   */
  | { readonly phase: 'paused'; readonly by: string; readonly since: number; readonly why?: string; readonly mendable?: boolean }
  | { readonly phase: 'undoing' }
  | { readonly phase: 'closed'; readonly result: Result | 'aborted' | 'undone' | 'undo_failed'; readonly message: string };

/** Where a `wait` stands after its last look. Times are epoch ms. */
export interface WaitView {
  /** It gives up then. */
  readonly until: number;
  readonly everyMs: number;
  /** How long it must hold; 0 for at once. */
  readonly holdMs: number;
  /** Since when it holds; `null` while it does not. */
  readonly holdsSince: number | null;
  /** The number that was seen: of a pool its healthy members, of a port 1 or 0, of a command its output; `null` where there is none. */
  readonly value: number | null;
  /** When that was. */
  readonly at: number;
}

/** One step of the run as it stands, in the order of the page; a step of a loop or of a taken option appears when it is reached. */
export interface RunStepView {
  readonly address: string;
  readonly depth: number;
  readonly verb: Verb;
  /** What the page shows: the section's title, the command, the question. */
  readonly title: string;
  readonly host: string | null;
  /** As the file says. */
  readonly why: string | null;
  /** `open`: not reached yet; `either`: a dry run cannot tell. */
  readonly state: 'open' | 'running' | Outcome | 'either';
  /** Whether it is a look that did not find what it asked for, and the page itself says how it goes on: an expected no. */
  readonly tolerated: boolean;
  readonly note: string | null;
  /** What came of taking it back; absent while nobody tried. */
  readonly undo?: { readonly outcome: Outcome; readonly summary: string };
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Newest lines of what it said, sanitized and redacted. */
  readonly evidence: readonly string[];
  /** Of a `wait`: what the probe says now. */
  readonly live: string | null;
  readonly wait: WaitView | null;
}

/** A run as the screens draw it. Replaced, never mutated. */
export interface RunView {
  readonly id: string;
  readonly playbook: string;
  readonly title: string;
  /** `plan`, `check` and `simulate` change nothing and tell nobody. */
  readonly level: 'plan' | 'check' | 'simulate' | 'run';
  readonly operator: string;
  readonly startedAt: number;
  readonly phase: RunPhase;
  readonly inputs: Readonly<Record<string, string>>;
  readonly steps: readonly RunStepView[];
  /** The step that runs or is asked about. */
  readonly current: string | null;
  readonly question: Question | null;
  readonly debts: readonly Debt[];
  /** Whose lock kept it from beginning, or from going on, in words; `null` when none did. */
  readonly lockedBy: string | null;
  /** What stays locked for as long as it is open: `web1`, `pool web (on lb1)`. Nothing before its first change. */
  readonly locked: readonly string[];
}

/** A run under way, for a screen or a command. */
export interface RunHandle {
  view(): RunView;
  /** Called at every change; returns the end of it. */
  subscribe(listener: () => void): () => void;
  /** Takes effect before the next step. */
  pause(): void;
  resume(): void;
  note(text: string): void;
  /** Ends the step under way on its host, runs nothing more, then offers the undos. */
  abort(reason: string): void;
  readonly done: Promise<RunView>;
}

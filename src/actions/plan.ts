import type { Sudo } from '../fleet/definition.ts';
import type { Health } from '../fleet/health.ts';
import type { HostId } from '../fleet/host.ts';

/** What the person or a command asks for. More actions join this union with their drivers. */
export type ActionRequest = { readonly action: 'restart'; readonly hostId: HostId; readonly service: string };

/** How the plan must be confirmed: by friction that grows with the blast radius. */
export type Confirmation =
  | { readonly kind: 'key'; readonly word: 'y' }
  | { readonly kind: 'word'; readonly word: string; readonly what: 'host name' | 'number of hosts' | 'sentence' };

/** One command as it will be run on one host. */
export interface PlannedCommand {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly purpose: 'precheck' | 'change';
  /** Exactly what runs, with its privilege, without the deadline wrapper. */
  readonly command: string;
  /** The same without the privilege, for a login that may run any command as `sudo` says. */
  readonly bare: string;
  readonly sudo: Sudo;
  readonly deadlineMs: number;
}

/** A proof that will be demanded after the change, in words and in order. */
export interface PlannedProof {
  readonly kind: 'unit' | 'instance' | 'port' | 'socket' | 'check';
  readonly text: string;
}

/** All that will happen, shown before it happens. Expires; a difference found under way makes a new plan. */
export interface Plan {
  readonly id: string;
  readonly request: ActionRequest;
  readonly title: string;
  readonly env: string;
  readonly danger: boolean;
  readonly targets: readonly { readonly hostId: HostId; readonly name: string; readonly address: string | null }[];
  readonly commands: readonly PlannedCommand[];
  readonly proofs: readonly PlannedProof[];
  /** State before, a line a target: `running since 3 d, pid 812, ● ok`. */
  readonly now: readonly { readonly text: string; readonly health: Health }[];
  readonly expected: string;
  readonly warnings: readonly string[];
  /** How to take it back, or why it cannot be. */
  readonly undo: string;
  readonly confirmation: Confirmation;
  /** Instance seen at planning, so that the proof can demand another one. */
  readonly instanceBefore: string | null;
  /** Epoch ms. */
  readonly madeAt: number;
  readonly expiresAt: number;
}

/** Why a change is not done. The words name the guard and the remedy. */
export interface Refusal {
  readonly guard:
    | 'read-only'
    | 'not-armed'
    | 'unknown-target'
    | 'unreachable'
    | 'stateful'
    | 'never'
    | 'expired'
    | 'confirmation'
    | 'journal'
    | 'precheck'
    | 'busy'
    | 'not-available';
  readonly message: string;
}

export type PlanResult = { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusal: Refusal };

/** One thing that happened while a change ran. */
export interface Progress {
  readonly at: number;
  readonly phase: 'journal' | 'precheck' | 'send' | 'verify' | 'done';
  readonly text: string;
  readonly health: 'ok' | 'crit' | 'unknown' | 'running';
}

export type ActionOutcome =
  | { readonly kind: 'ok'; readonly summary: string; readonly evidence: readonly string[] }
  | { readonly kind: 'failed'; readonly summary: string; readonly evidence: readonly string[] }
  /** It may or may not have happened; never re-run by itself. */
  | { readonly kind: 'unknown'; readonly summary: string; readonly evidence: readonly string[] }
  /** Nothing was sent. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The one place that changes the world. */
export interface Executor {
  plan(request: ActionRequest): Promise<PlanResult>;
  /** `word` is what the person typed; compared with the plan's confirmation. */
  execute(plan: Plan, word: string, onProgress: (progress: Progress) => void): Promise<ActionOutcome>;
  /** Arms writes in one environment for five minutes; refused under `--read-only`. */
  arm(env: string): Refusal | null;
  disarm(env: string): void;
  /** Whether a change in `env` would be let through now. Epoch ms for a timed arming. */
  armed(
    env: string,
  ):
    | { readonly state: 'open' }
    | { readonly state: 'armed'; readonly until: number }
    | { readonly state: 'locked' }
    | { readonly state: 'read-only' };
}

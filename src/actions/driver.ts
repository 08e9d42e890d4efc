import type { Fleet } from '../fleet/definition.ts';
import type { HostId } from '../fleet/host.ts';
import type { HostView } from '../fleet/view.ts';
import type { JsonValue } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { Plan, PlannedCommand, PlannedDebt, PlannedLock, PlannedNote, PlannedProof, Progress, Refusal, Risk } from './plan.ts';
import type { ActionName, ActionRequest } from './request.ts';

/** What a driver may use: the world to look at, and commands that only read. */
export interface DriverContext {
  readonly world: World;
  readonly fleet: Fleet;
  /** Runs a command that changes nothing; `null` when the host has no connection. */
  read(hostId: HostId, command: string, deadlineMs: number): Promise<ExecResult | null>;
}

/** The part of a plan that only the action itself knows. */
export interface Draft {
  readonly title: string;
  readonly subject: string;
  readonly risk: Risk;
  /** Default: the lock `host` on the target. Every shell command's host must be among them. */
  readonly locks?: readonly PlannedLock[];
  readonly commands: readonly PlannedCommand[];
  readonly notes?: readonly PlannedNote[];
  readonly debt?: PlannedDebt;
  /** Actions whose debts it pays, once it is proven. */
  readonly settles?: readonly string[];
  readonly proofs: readonly PlannedProof[];
  readonly now: Plan['now'];
  readonly expected: string;
  readonly warnings: readonly string[];
  readonly undo: string;
  readonly undoRequest: ActionRequest | null;
  readonly before: Readonly<Record<string, JsonValue>>;
  /** Why a reason must be given, `null` when none; default: when the same was changed a short while ago. */
  readonly reasonNeeded?: string | null;
}

export type DraftResult = { readonly ok: true; readonly draft: Draft } | { readonly ok: false; readonly refusal: Refusal };

/** What a proof by effect found. `unknown`: nothing shows that it happened, nothing shows that it did not. */
export interface Proof {
  readonly kind: 'ok' | 'failed' | 'unknown';
  readonly summary: string;
  readonly evidence: readonly string[];
  /**
   * Whether something was changed all the same, where the driver saw it: a node that takes no new work though its drain ran out of time
   * has. Default: as the commands ended (see `changedBy`).
   */
  readonly changed?: boolean;
}

/** How the commands of a plan ended, for the proof. */
export interface Sent {
  /** Epoch ms on this console, before the first command. */
  readonly at: number;
  readonly results: readonly ExecResult[];
}

/** One action of the catalogue. */
export interface Driver<Request extends ActionRequest> {
  readonly action: Request['action'];
  /** The target itself need not answer: what is asked and changed lies elsewhere (a balancer, a cloud). Default: it must. */
  readonly targetMayBeAway?: boolean;
  /** Called at planning and again under the lock; must read, never change. The host is known and reachable. */
  draft(context: DriverContext, view: HostView, request: Request): Promise<DraftResult> | DraftResult;
  /**
   * Time-outs of its commands and of its proof, ms, by the fleet file alone; its host need not be known. Looks before it and the waiting for
   * a lock come on top. `null`, or absent: none is known.
   */
  longestMs?(fleet: Fleet, request: Request): number | null;
  /** Tells how far a long change is, every few seconds while its step runs; must read, never change. */
  progress?(context: DriverContext, plan: Plan, request: Request): Promise<string | null>;
  /** After a command was cut off at its deadline: what goes on there all the same, in words; `null` when nothing is seen to. */
  underWay?(context: DriverContext, request: Request): Promise<string | null>;
  /** Proves the effect, after every command ended well or its end is not known. */
  prove(context: DriverContext, plan: Plan, request: Request, sent: Sent, onProgress: (progress: Progress) => void): Promise<Proof>;
}

/** The request type of an action's name. */
export type RequestOf<Name extends ActionName> = Extract<ActionRequest, { action: Name }>;

export function refusal(guard: Refusal['guard'], message: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { guard, message } };
}

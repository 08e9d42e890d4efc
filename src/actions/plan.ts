import type { CloudAccess, CloudWriteCall } from '../cloud/calls.ts';
import type { Sudo } from '../fleet/definition.ts';
import type { Health } from '../fleet/health.ts';
import type { HostId } from '../fleet/host.ts';
import type { JsonValue } from '../journal/entry.ts';
import type { ActionRequest } from './request.ts';

export type { ActionRequest } from './request.ts';

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
  /** Set when it is no shell command but a call to a cloud's API; `command` then says it in words and is run nowhere. */
  readonly cloud: PlannedCloudCall | null;
}

/** A change to a cloud. Whether it happened is always told by reading the cloud again. */
export interface PlannedCloudCall {
  readonly access: CloudAccess;
  readonly call: CloudWriteCall;
}

/** A lock that is held while the plan runs: `host` for every change of a host, `pool-web`, `backup-tree`. */
export interface PlannedLock {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly lock: string;
  /** False: held where the host answers, done without where it does not (a dead member cannot be locked). */
  readonly needed: boolean;
}

/** A note on a host that tells other consoles who did it: written before the change is sent, taken away (`null`) once it is proven. */
export interface PlannedNote {
  readonly hostId: HostId;
  readonly key: string;
  readonly note: 'write' | 'remove';
}

/** What is owed back once this was sent. Its entry is in the journal before that. */
export interface PlannedDebt {
  readonly kind: 'pool' | 'maintenance' | 'drain';
  /** Name of the fleet that it is of: one journal serves several. */
  readonly fleet: string;
  /** One clause: `web1 is out of pool web`. */
  readonly what: string;
  readonly pool: string | null;
  /** Reminded of after so long, ms; `null` never. */
  readonly remindMs: number | null;
  /** What restores the state before. */
  readonly saved: Readonly<Record<string, JsonValue>>;
}

/** A proof that will be demanded after the change, in words and in order. */
export interface PlannedProof {
  readonly kind: 'unit' | 'instance' | 'port' | 'socket' | 'check' | 'command' | 'boot' | 'pool' | 'copy';
  readonly text: string;
}

/** How much is asked before it runs, as the catalogue or the fleet file says. */
export type Risk = 'safe' | 'change' | 'danger';

/** All that will happen, shown before it happens. Expires; a difference found under way makes a new plan. Plain JSON. */
export interface Plan {
  readonly id: string;
  readonly request: ActionRequest;
  readonly title: string;
  /** What the journal and locks call it: `web1/pencils`, `web1`. */
  readonly subject: string;
  readonly env: string;
  readonly danger: boolean;
  readonly risk: Risk;
  readonly targets: readonly { readonly hostId: HostId; readonly name: string; readonly address: string | null }[];
  readonly locks: readonly PlannedLock[];
  readonly commands: readonly PlannedCommand[];
  readonly notes: readonly PlannedNote[];
  readonly debt: PlannedDebt | null;
  /** Actions whose debts it pays, once it is proven. */
  readonly settles: readonly string[];
  readonly proofs: readonly PlannedProof[];
  /** State before, a line a target: `running since 3 d, pid 812, ● ok`. */
  readonly now: readonly { readonly text: string; readonly health: Health }[];
  readonly expected: string;
  readonly warnings: readonly string[];
  /** Who else is acting or looking, and the last change here; empty when nobody and none. */
  readonly others: readonly string[];
  /** How to take it back, or why it cannot be. */
  readonly undo: string;
  readonly undoRequest: ActionRequest | null;
  /** Action that this plan takes back, `null` for any other. */
  readonly undoes: string | null;
  readonly confirmation: Confirmation;
  /** Why a reason must be given (a cool-down), `null` when none is needed. */
  readonly reasonNeeded: string | null;
  /** Why a second person must approve, `null` when none is needed. */
  readonly approvalNeeded: string | null;
  /** SHA-256 over what will be done and to whom; an approval is bound to it. */
  readonly hash: string;
  /** Facts of the state at planning; read again under the lock, and any difference makes a new plan. */
  readonly before: Readonly<Record<string, JsonValue>>;
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
    | 'reason'
    | 'approval'
    | 'lock'
    | 'floor'
    | 'journal'
    | 'precheck'
    /** It was not taken out by us. */
    | 'owner'
    /** The state asked for is there already: nothing to do, and nothing to undo. */
    | 'already'
    | 'busy'
    | 'empty'
    /** Called off by the person before anything was sent. */
    | 'cancelled'
    | 'not-available';
  readonly message: string;
}

export type PlanResult = { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusal: Refusal };

/** One thing that happened while a change ran. */
export interface Progress {
  readonly at: number;
  readonly phase: 'signed' | 'lock' | 'journal' | 'precheck' | 'send' | 'verify' | 'done';
  readonly text: string;
  readonly health: 'ok' | 'crit' | 'unknown' | 'running';
}

export type ActionOutcome =
  | { readonly kind: 'ok'; readonly summary: string; readonly evidence: readonly string[] }
  /** `changed`: it did something all the same, and its undo is kept. */
  | { readonly kind: 'failed'; readonly summary: string; readonly evidence: readonly string[]; readonly changed?: boolean }
  /** It may or may not have happened; never re-run by itself. */
  | { readonly kind: 'unknown'; readonly summary: string; readonly evidence: readonly string[]; readonly changed?: boolean }
  /** Nothing was sent. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What may come with a confirmation. */
export interface ConfirmExtras {
  /** Why, in the person's words; written into the journal and the lock. */
  readonly reason?: string;
  /** Takes away another's lock; needs a reason and is recorded. */
  readonly breakLock?: boolean;
  /** Waits for the second person that the plan needs, and goes on by itself once they have signed; without it such a plan is refused. */
  readonly wait?: SignatureWait;
}

/** A wait for a second person's signature. */
export interface SignatureWait {
  /** Ends it: the request is taken back and nothing is sent. */
  readonly signal: AbortSignal;
  told(state: WaitingFor): void;
  /** It is over, and who signed. */
  signed?(by: string): void;
}

/** What a confirmed plan waits for. */
export interface WaitingFor {
  /** What somebody else types. */
  readonly command: string;
  /** Why a second person is needed. */
  readonly needs: string;
  /** Epoch ms; after `until` nothing is sent. */
  readonly since: number;
  readonly until: number;
  /** Whether the host that holds the request answered when it was asked last. */
  readonly seen: boolean;
}

export type ArmState =
  | { readonly state: 'open' }
  | { readonly state: 'armed'; readonly until: number }
  | { readonly state: 'locked' }
  | { readonly state: 'read-only' };

/** The one place that changes the world. */
export interface Executor {
  plan(request: ActionRequest): Promise<PlanResult>;
  /** `word` is what the person typed; compared with the plan's confirmation. */
  execute(plan: Plan, word: string, onProgress: (progress: Progress) => void, extras?: ConfirmExtras): Promise<ActionOutcome>;
  /** Plans taking back the newest change that can be; refused when somebody changed it since. Needs no reason: it is one. */
  planUndo(): Promise<PlanResult>;
  /** Arms writes in one environment for five minutes, or as long as this process lasts: a command is confirmed as one call. Refused under `--read-only`. */
  arm(env: string, lasting?: boolean): Refusal | null;
  disarm(env: string): void;
  /** The person did something: an armed environment is not idle. */
  touch(): void;
  /** Whether a change in `env` would be let through now. Epoch ms for a timed arming. */
  armed(env: string): ArmState;
}

import type { JsonValue } from '../../journal/entry.ts';
import type { CatalogueAction, Outcome } from '../playbook.ts';
import type { FrozenUndo } from './events.ts';
import type { SentCommand } from './question.ts';

/** A probe with its places filled in. */
export type AskedProbe =
  | { readonly kind: 'command'; readonly host: string; readonly command: string }
  | { readonly kind: 'http'; readonly host: string | null; readonly url: string; readonly hostHeader: string | null }
  | { readonly kind: 'port'; readonly host: string | null; readonly port: number }
  | { readonly kind: 'service'; readonly host: string; readonly service: string }
  | { readonly kind: 'pool'; readonly pool: string; readonly except: string | null }
  | { readonly kind: 'dns'; readonly host: string | null; readonly name: string }
  | { readonly kind: 'metric'; readonly host: string; readonly metric: string }
  | { readonly kind: 'alert'; readonly host: string | null; readonly alert: string };

/**
 * What a probe found: `facts` are the names its condition may use (`out err exit failed`; `status body ms`; `open`; `state`; `healthy total
 * node_state`; `value`; `firing`). `holds`: what it means without a condition. `unknown`: a dry run did not ask, or
 * nothing shows it now; with `later`, it may be known in a while, and a wait goes on.
 */
export type Found =
  | { readonly kind: 'facts'; readonly facts: Readonly<Record<string, JsonValue>>; readonly holds: boolean; readonly text: string }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'timeout'; readonly why: string }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string; readonly later?: boolean };

/** A change with its places filled in. */
export type AskedChange =
  | {
      readonly kind: 'command';
      readonly key: string;
      readonly title: string;
      readonly host: string;
      readonly command: string;
      readonly timeoutMs: number;
      readonly risk: 'safe' | 'change' | 'danger';
      readonly undo: string | null;
      /** What shows its effect without it; a `check` dry run sends this in its place. */
      readonly preview: string | null;
    }
  | {
      readonly kind: 'action';
      readonly key: string;
      readonly action: CatalogueAction['action'];
      readonly with: Readonly<Record<string, JsonValue>>;
    };

/** A change as it would be made: what is shown before it, and the way to make it. */
export type Prepared =
  | {
      readonly kind: 'ready';
      readonly actionId: string;
      readonly title: string;
      readonly host: string | null;
      readonly hostId: string | null;
      readonly commands: readonly string[];
      /** The same in full, and where each runs: a pool's commands run on its balancer. */
      readonly sends?: readonly SentCommand[];
      readonly warnings: readonly string[];
      readonly undo: string;
      /** Whether the change has an inverse of its own. */
      readonly hasInverse: boolean;
      readonly risk: 'safe' | 'change' | 'danger';
      /** Set when other people must sign before it may be sent. */
      readonly signing?: { readonly why: string; readonly request: Signing };
      send(told: (text: string) => void): Promise<Sent>;
    }
  /** The state asked for is there already; nothing is owed for it. */
  | { readonly kind: 'already'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string }
  /** `guard`: which of the executor's guards says no. */
  | { readonly kind: 'refused'; readonly why: string; readonly guard?: string }
  /** A dry run changes nothing. */
  | {
      readonly kind: 'dry';
      readonly title: string;
      readonly commands: readonly string[];
      readonly outcome: Outcome | null;
      /** What is worth knowing before it is done: warnings, who else is there, what its preview showed. */
      readonly notes?: readonly string[];
      readonly facts: Readonly<Record<string, JsonValue>> | null;
    };

export interface Sent {
  readonly outcome: Outcome;
  readonly summary: string;
  readonly evidence: readonly string[];
  /** `out err exit failed` of the last command. */
  readonly facts: Readonly<Record<string, JsonValue>>;
  /** It did something, though it did not end well: a node that takes no new work, but whose drain ran out of time. */
  readonly changed?: boolean;
  /** Why nothing was sent: somebody's lock, which a person may break with a reason, or another guard. */
  readonly unsent?: 'lock' | 'guard';
  /** A person has said already what became of it, `unknown` for good too. */
  readonly saidByPerson?: boolean;
  /** Its host could not be asked, and may tell once it is back. */
  readonly away?: boolean;
}

/** A request for other people's signatures, left where their consoles see it. */
export interface Signing {
  /** 64 hexadecimal digits over what is signed. */
  readonly hash: string;
  /** Leaves the request, or renews it, and says on it how long it has waited and will; why it cannot be left, `null` when it is. */
  ask(waitedMs: number, leftMs: number): Promise<string | null>;
  /** Who signed, other than this console's own operator, each once; and who declined. */
  look(): Promise<{
    readonly signers: readonly string[];
    readonly declined: { readonly who: string; readonly reason: string } | null;
  }>;
  /** It was signed: takes the request away, unless the change itself does. */
  settle(): Promise<void>;
  /** Nobody is to sign it any more: takes the request away, and what was signed. */
  withdraw(): Promise<void>;
}

/** A step that others sign. `host`: where the request is left, if it can be. */
export interface SignedStep {
  readonly run: string;
  readonly key: string;
  readonly text: string;
  readonly host: string | null;
  /** For the card of who signs; no part of what is signed. */
  readonly card: {
    readonly playbook: string;
    readonly reason: string | null;
    readonly by: string | null;
    readonly count: number;
    readonly danger: boolean;
  };
}

/** Where a change belongs. */
export interface StepPlace {
  readonly run: string;
  readonly reason: string;
  /** What must stay healthy in a pool that the change takes a host out of: numbers, and shares such as `50%`; all of them hold. */
  readonly keepInPool?: readonly string[];
  /** Why somebody's lock is taken away for this change; absent where it is respected. */
  readonly breakFor?: string;
  /** Takes the run's secrets out of what is kept about the change. */
  readonly mask?: (text: string) => string;
  /** Values of the shell variables that stand for secrets in commands; never in a command line. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What a run does to the world and hears from it; one set a dry level. Every call keeps its own deadline and never rejects. */
export interface Hands {
  readonly level: 'check' | 'simulate' | 'run';
  /** Epoch ms. */
  readonly now: () => number;
  /** Ms since any moment, for what is waited: a clock that is set moves it neither way. */
  readonly elapsed: () => number;
  /** Resolves early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** `key`: address of the step that asks; of its `skip_if` with `.skip_if` behind it. */
  probe(probe: AskedProbe, key: string, deadlineMs: number, signal: AbortSignal): Promise<Found>;
  prepare(change: AskedChange, place: StepPlace): Promise<Prepared>;
  /** What became of a change whose console ended; `null` when its host cannot be asked now. */
  recover(actionId: string): Promise<Sent | 'never-began' | 'ask' | null>;
  /** Makes a request for signatures. Absent where a typed name must do: dry levels, the demo. */
  readonly signing?: ((what: SignedStep) => Signing) | undefined;
  /** A person's word on a change whose end nobody saw. */
  settle(actionId: string, outcome: 'ok' | 'failed' | 'unknown', reason: string): Promise<void>;
  prepareUndo(undo: FrozenUndo, key: string, place: StepPlace): Promise<Prepared>;
  /** Ends what runs under this action on its host. */
  cancel(actionId: string): Promise<void>;
  /**
   * `node:NAME`, `pool:NAME`, in addition to those held already; the words of who holds one, `null` when all are ours. `breakFor`: why they
   * are taken from whoever holds them.
   */
  claim(locks: readonly string[], reason: string, run: string, breakFor?: string | null): Promise<string | null>;
  lockRecord(): {
    readonly locks: readonly { hostId: string; hostName: string; lock: string; needed: boolean }[];
    readonly tokens: Readonly<Record<string, string>>;
  };
  /** Gives back what the newest claim of exactly these took; everything when none are named. */
  release(locks?: readonly string[]): Promise<void>;
  /** Lets all that are held stand for the run, which somebody takes up or gives up, and says on the hosts what is open. */
  leave(what: string): Promise<void>;
  /** Hosts that a `from` of an input names: a role, an environment, a pool; all when null. */
  hostsFrom(from: string | null): readonly string[];
  tell(text: string, to: string | null): void;
  /** Called when a question has waited for three minutes. */
  nudge(text: string): void;
  redact(text: string): string;
}

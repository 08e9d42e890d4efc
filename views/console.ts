import type { Bulk } from '../src/actions/bulk.ts';
import type { Executor } from '../src/actions/plan.ts';
import type { Recovery } from '../src/actions/recovery.ts';
import type { UndoStack } from '../src/actions/undo.ts';
import type { Environment, Limits } from '../src/fleet/definition.ts';
import type { Entry } from '../src/journal/entry.ts';
import type { PlaybookDesk, StartRun } from '../src/playbook/desk.ts';
import type { DeskRun } from '../src/playbook/desk-run.ts';
import type { Library } from '../src/playbook/library.ts';
import type { KeptRun } from '../src/playbook/runs.ts';
import type { About, Suggested } from '../src/playbook/suggest.ts';
import type { FleetStore } from '../src/live/store.ts';
import type { Catalogue } from './action-menu.ts';
import type { NotifierStatus } from '../src/notify/notifier.ts';
import type { AttentionCalls } from './attention-calls.ts';
import type { PromptQueue } from './prompt-queue.ts';

/** Faults the demo fleet can be given. */
export interface Scenarios {
  readonly list: readonly { readonly name: string; readonly text: string }[];
  current(): string | null;
  /** Breaks or mends the demo fleet; `null` mends everything. Rejects with one plain sentence. */
  set(name: string | null): void | Promise<void>;
}

/** What the console costs its own machine. */
export interface ConsoleCost {
  /** Of one core since the question before; `null` at the first. */
  readonly cpuPct: number | null;
  readonly rssBytes: number;
  /** Open to hosts now, and the bytes on their wires so far. */
  readonly connections: number;
  readonly received: number;
  readonly sent: number;
}

/** The record as the screens read it. */
export interface JournalOnScreen {
  /** The newest `count` entries, oldest first; the same array until there is news. Empty when it cannot be read. */
  tail(count: number): readonly Entry[];
  /** Writes lines to a new file of the state directory and gives its path. Throws one plain sentence. */
  save(lines: readonly string[]): string;
}

/** Playbooks as the screens find them. */
export interface PlaybooksOnScreen {
  /** What the folder holds; the same object until it was read anew. */
  library(): Library;
  /** Reads the folder again. */
  reload(): Promise<void>;
  /** All of them, the suggested ones first. */
  suggest(about: About): readonly Suggested[];
  /** Their runs; `null` until the fleet is open. */
  readonly desk: RunsOnScreen | null;
}

/** A run of a playbook as the screens use it. */
export type PlaybookRun = Pick<
  DeskRun,
  'id' | 'env' | 'view' | 'asked' | 'nudged' | 'answer' | 'pause' | 'resume' | 'note' | 'abort' | 'endedAt' | 'isOver'
>;

/** The desk of runs as the screens use it. */
export interface RunsOnScreen extends Pick<PlaybookDesk, 'subscribe' | 'unfinished' | 'hostsFrom' | 'envOf' | 'secretsOf'> {
  list(): readonly PlaybookRun[];
  find(id: string): PlaybookRun | null;
  start(start: Omit<StartRun, 'person'>): PlaybookRun;
  resume(kept: KeptRun, secrets: Readonly<Record<string, string>>): PlaybookRun;
}

/** The executor as the screens use it: one change, and one on many hosts. */
export interface ScreenExecutor extends Executor {
  readonly bulk: Pick<Bulk, 'plan' | 'start' | 'unfinished'>;
  readonly undo: Pick<UndoStack, 'list'>;
  readonly recovery: Pick<Recovery, 'pending' | 'resolve' | 'answer'>;
}

/**
 * All that the screens may reach. They read the store, ask the executor, and answer questions; nothing else.
 * The first frame is drawn before most of this is loaded: its owner may replace every part but `store` and `prompts` later.
 */
export interface Console {
  readonly store: FleetStore;
  readonly executor: ScreenExecutor;
  readonly prompts: PromptQueue;
  /** `null` unless this is the demo fleet. */
  readonly scenarios: Scenarios | null;
  /** Of the fleet file, for the band's colour and danger. */
  readonly environments: readonly Pick<Environment, 'name' | 'danger' | 'color'>[];
  /** Service → its second key after `r`. */
  readonly serviceKeys: ReadonlyMap<string, string>;
  /** Backup → its second key after `b`; replaced together with `serviceKeys`. */
  readonly backupKeys: ReadonlyMap<string, string>;
  /** What the action menu offers; `null` until the fleet is open. */
  readonly catalogue: Catalogue | null;
  /** For limit lines and the colour of numbers; `null` draws none. */
  readonly limits: Limits | null;
  /** A sample older than this is stale, ms. */
  readonly staleMs: number;
  /** Epoch ms. */
  clock(): number;
  quit(): void;
  readonly operator: string;
  readonly readOnly: boolean;
  readonly version: string;
  /** Why the journal cannot write and changes are refused; `null` while it can. */
  journalFailure(): string | null;
  readonly journal: JournalOnScreen;
  readonly playbooks: PlaybooksOnScreen;
  /** Whether what is told goes out; `null` before anything can be told. */
  notices(): NotifierStatus | null;
  /** Calls for the person's eyes about what the store does not show: questions that wait, runs that ended. The same object for good. */
  readonly attention: AttentionCalls;
  /** `notify.bell` of the fleet file. */
  readonly bell: boolean;
  /** Measured anew at most once a second; `null` when it cannot be told. */
  cost(): ConsoleCost | null;
  /** Said on the first screen until a key is pressed; `null` says nothing. */
  readonly greeting: string | null;
  /** Polls every host now. */
  refresh(): void;
}

import type { Bulk } from '../src/actions/bulk.ts';
import type { Executor } from '../src/actions/plan.ts';
import type { Approvals } from '../src/actions/approvals.ts';
import type { ApprovalWatch } from '../src/actions/approval-watch.ts';
import type { PendingApproval } from '../src/actions/approval-request.ts';
import type { Recovery } from '../src/actions/recovery.ts';
import type { UndoStack } from '../src/actions/undo.ts';
import type { Environment, Limits } from '../src/fleet/definition.ts';
import type { Entry } from '../src/journal/entry.ts';
import type { Contact } from '../src/fleet/contact.ts';
import type { IncidentDesk } from '../src/journal/incident/desk.ts';
import type { Incident } from '../src/journal/incident/incident.ts';
import type { TimelineItem } from '../src/journal/report/timeline-item.ts';
import type { RoutineState } from '../src/journal/routines.ts';
import type { PlaybookDesk, StartRun } from '../src/playbook/desk.ts';
import type { DeskRun } from '../src/playbook/desk-run.ts';
import type { Library } from '../src/playbook/library.ts';
import type { Playbook } from '../src/playbook/playbook.ts';
import type { PlaybookPlan } from '../src/playbook/dry/plan.ts';
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
  /** A playbook as Markdown. */
  page(playbook: Playbook): string;
  /** What a run of it can take and owe, by its page alone; `known` are the inputs that are filled in already. */
  plan(playbook: Playbook, known: Readonly<Record<string, string>>): PlaybookPlan;
  /** Their runs; `null` until the fleet is open. */
  readonly desk: RunsOnScreen | null;
}

/** A run of a playbook as the screens use it. */
export type PlaybookRun = Pick<
  DeskRun,
  'id' | 'env' | 'view' | 'asked' | 'nudged' | 'answer' | 'breakIn' | 'pause' | 'resume' | 'note' | 'abort' | 'endedAt' | 'isOver'
>;

/** The desk of runs as the screens use it. */
export interface RunsOnScreen extends Pick<PlaybookDesk, 'subscribe' | 'unfinished' | 'hostsFrom' | 'envOf' | 'secretsOf' | 'giveUp'> {
  list(): readonly PlaybookRun[];
  find(id: string): PlaybookRun | null;
  start(start: Omit<StartRun, 'person'>): PlaybookRun;
  resume(kept: KeptRun, secrets: Readonly<Record<string, string>>): PlaybookRun;
}

/** The incidents of the journal as the screens use them. What writes throws one plain sentence. */
export interface IncidentsOnScreen {
  /** Of this fleet, oldest first; the same array until there is news. */
  list(): readonly Incident[];
  readonly desk: Pick<
    IncidentDesk,
    'start' | 'note' | 'role' | 'severity' | 'decide' | 'update' | 'time' | 'reopen' | 'followUp' | 'impact' | 'analysis'
  >;
  /** All that happened in an incident, by the time it happened. */
  timeline(incident: Incident): readonly TimelineItem[];
  /** Writes the report into new files and gives their paths. */
  export(incident: Incident, form: string): readonly string[];
  /** Writes the hand-off summary of the last eight hours into a new file and gives its path. */
  handoff(): string;
  /** A note of the journal that belongs to no incident. */
  noteAlone(text: string, source: { readonly host: string; readonly service: string | null } | null): void;
}

/** The regular duties of the fleet file. */
export interface RoutinesOnScreen {
  list(): readonly RoutineState[];
  /** Throws one plain sentence. */
  tick(routine: RoutineState, state: 'done' | 'skipped' | 'undone', note: string | null): void;
}

/** People of the local file; it is shown, and never sent or kept. */
export interface ContactsOnScreen {
  readonly list: readonly Contact[];
  /** Where the file is, `null` when the fleet file names none. */
  readonly file: string | null;
  /** What is wrong with the file, in one sentence. */
  readonly problem: string | null;
}

/** What waits for a second person, as the screens use it. */
export interface ApprovalsOnScreen extends Pick<ApprovalWatch, 'board' | 'look'> {
  /** Why this person may not answer a request, in one sentence; `null` when they may. */
  whyNot(request: Parameters<Approvals['whyNot']>[0]): string | null;
  /** Leaves the yes; why it could not be, `null` when it was. */
  sign(request: PendingApproval): Promise<string | null>;
  decline(request: PendingApproval, reason: string): Promise<string | null>;
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
  readonly incidents: IncidentsOnScreen;
  readonly routines: RoutinesOnScreen;
  readonly approvals: ApprovalsOnScreen;
  readonly contacts: ContactsOnScreen;
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

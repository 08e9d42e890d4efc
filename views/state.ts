import type { BulkPlan, BulkRun, BulkState } from '../src/actions/bulk.ts';
import type { ActionOutcome, Plan, Progress } from '../src/actions/plan.ts';
import type { Health } from '../src/fleet/health.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { Asked } from './asked.ts';
import { emptyField, type TextField } from './components/text-field.ts';
import type { Dialog, OpenQuestion } from './dialog-state.ts';
import type { ColumnId } from './order.ts';
import type { TellingScreen } from './incident-state.ts';
import type { WaitOnScreen } from './signature-wait.ts';
import type { LeftRun, PlaybookRunState, PlaybookScreen, QuestionSeen } from './playbook-state.ts';

/** One screen of the stack, with where the person was in it. */
export type ScreenEntry =
  | { readonly kind: 'fleet' }
  /** `service` `null` is the worst one until the person moves; `scroll` `null` follows the service cursor. */
  | { readonly kind: 'host'; readonly hostId: HostId; readonly service: number | null; readonly scroll: number | null }
  | { readonly kind: 'help'; readonly cursor: number }
  | { readonly kind: 'raw'; readonly hostId: HostId; readonly scroll: number }
  /** A change on many hosts, under way or over. */
  | { readonly kind: 'run'; readonly runId: string; readonly scroll: number }
  /** The command log; `cursor` is a line's first entry, `null` the newest. */
  | { readonly kind: 'journal'; readonly cursor: number | null; readonly filter: string }
  | { readonly kind: 'entry'; readonly seq: number; readonly scroll: number }
  /** `cursor` is a row's key, `null` the first row. */
  | { readonly kind: 'pools'; readonly cursor: string | null }
  | { readonly kind: 'backups'; readonly cursor: string | null }
  | { readonly kind: 'sources'; readonly scroll: number }
  /** Of what waits for a second person; `cursor` is a request's key. */
  | { readonly kind: 'approvals'; readonly cursor: string | null }
  /** `cursor` is a line's key, see alert-rows.ts; `unfolded` the root alert whose effects have lines of their own. */
  | {
      readonly kind: 'alerts';
      readonly cursor: string | null;
      readonly filter: string;
      readonly onlyStanding: boolean;
      readonly unfolded: string | null;
    }
  | TellingScreen
  | PlaybookScreen;

export type ScreenKind = ScreenEntry['kind'];

/** A change this console started: kept until its outcome was seen. */
export interface Change {
  readonly id: number;
  readonly asked: Asked;
  readonly plan: Plan;
  readonly progress: readonly Progress[];
  readonly outcome: ActionOutcome | null;
}

/** A change on many hosts as the screen knows it. */
export interface RunOnScreen {
  readonly plan: BulkPlan;
  readonly state: BulkState;
  /** `null` until it has been started. */
  readonly control: Pick<BulkRun, 'pause' | 'resume' | 'abort'> | null;
  /** Pressed, and not yet in effect: it is before the next batch. */
  readonly asked: 'pause' | 'abort' | null;
}

export interface Input {
  readonly kind: 'filter' | 'command';
  readonly field: TextField;
  readonly choice: number;
  /** Filter before the field was opened, for Escape. */
  readonly before: string;
}

export interface Note {
  readonly text: string;
  readonly health: Health | null;
  readonly at: number;
}

export interface Sort {
  readonly column: ColumnId;
  readonly reversed: boolean;
}

/** All that the screens remember. Only the functions of this file and the flows make new ones; time and fleet come in as arguments. */
export interface UiState {
  readonly history: readonly ScreenEntry[];
  readonly position: number;
  /** `null` until the person moves: then the first row. */
  readonly cursor: HostId | null;
  readonly cursorIndex: number;
  readonly filter: string;
  readonly lastSearch: string;
  readonly onlyWrong: boolean;
  readonly sort: Sort;
  readonly marked: ReadonlySet<HostId>;
  readonly anchor: HostId | null;
  readonly input: Input | null;
  readonly chord: 'sort' | null;
  readonly dialog: Dialog | null;
  readonly dialogScroll: number;
  /** Order of rows held while a dialog is open. */
  readonly frozen: readonly HostId[] | null;
  readonly note: Note | null;
  /** Epoch ms of the last ctrl-c. */
  readonly cancelledAt: number | null;
  readonly changes: readonly Change[];
  readonly runs: readonly RunOnScreen[];
  /** Confirmed plans that wait for somebody else's signature. */
  readonly waits: readonly WaitOnScreen[];
  readonly questions: readonly OpenQuestion[];
  /** The incident that notes go to where several are open, by id. */
  readonly incident: string | null;
  /** Runs of playbooks of this console, oldest first, the closed ones too. */
  readonly playbookRuns: readonly PlaybookRunState[];
  readonly leftRuns: readonly LeftRun[];
  readonly questionSeen: QuestionSeen | null;
}

export const initialUi: UiState = {
  history: [{ kind: 'fleet' }],
  position: 0,
  cursor: null,
  cursorIndex: 0,
  filter: '',
  lastSearch: '',
  onlyWrong: false,
  sort: { column: 'worst', reversed: false },
  marked: new Set(),
  anchor: null,
  input: null,
  chord: null,
  dialog: null,
  dialogScroll: 0,
  frozen: null,
  note: null,
  cancelledAt: null,
  changes: [],
  runs: [],
  waits: [],
  questions: [],
  incident: null,
  playbookRuns: [],
  leftRuns: [],
  questionSeen: null,
};

export function screenOf(ui: UiState): ScreenEntry {
  return ui.history[ui.position] ?? { kind: 'fleet' };
}

/** Where the cursor stands in an order of rows; a host that left it keeps its old place. -1 when there are no rows. */
export function cursorIndex(ui: UiState, order: readonly HostId[]): number {
  if (order.length === 0) return -1;
  if (ui.cursor === null) return 0;
  const found = order.indexOf(ui.cursor);
  return found >= 0 ? found : Math.min(ui.cursorIndex, order.length - 1);
}

export function moveTo(ui: UiState, order: readonly HostId[], index: number): UiState {
  if (order.length === 0) return ui;
  const at = Math.max(0, Math.min(order.length - 1, index));
  return { ...ui, cursor: order[at] ?? null, cursorIndex: at };
}

export function moveBy(ui: UiState, order: readonly HostId[], delta: number): UiState {
  return moveTo(ui, order, cursorIndex(ui, order) + delta);
}

/** Opens a screen on top; what was ahead in the history is forgotten. */
export function openScreen(ui: UiState, screen: ScreenEntry): UiState {
  return { ...ui, history: [...ui.history.slice(0, ui.position + 1), screen], position: ui.position + 1, chord: null };
}

export function goBack(ui: UiState): UiState {
  return ui.position === 0 ? ui : { ...ui, position: ui.position - 1 };
}

export function goForward(ui: UiState): UiState {
  return ui.position >= ui.history.length - 1 ? ui : { ...ui, position: ui.position + 1 };
}

export function replaceScreen(ui: UiState, screen: ScreenEntry): UiState {
  return { ...ui, history: ui.history.map((entry, index) => (index === ui.position ? screen : entry)) };
}

export function toggleMark(ui: UiState, id: HostId): UiState {
  const marked = new Set(ui.marked);
  if (!marked.delete(id)) marked.add(id);
  return { ...ui, marked, anchor: id };
}

/** Marks everything between the last mark and the cursor. */
export function markRange(ui: UiState, order: readonly HostId[]): UiState {
  const to = cursorIndex(ui, order);
  if (to < 0) return ui;
  const anchored = ui.anchor === null ? -1 : order.indexOf(ui.anchor);
  const from = anchored < 0 ? to : anchored;
  const marked = new Set(ui.marked);
  for (const id of order.slice(Math.min(from, to), Math.max(from, to) + 1)) marked.add(id);
  return { ...ui, marked, anchor: order[to] ?? null };
}

export function markAll(ui: UiState, order: readonly HostId[]): UiState {
  return { ...ui, marked: new Set([...ui.marked, ...order]) };
}

export function clearMarks(ui: UiState): UiState {
  return { ...ui, marked: new Set(), anchor: null };
}

/** The same column again reverses. */
export function sortBy(ui: UiState, column: ColumnId): UiState {
  const reversed = ui.sort.column === column ? !ui.sort.reversed : false;
  return { ...ui, sort: { column, reversed }, chord: null };
}

/** The filter in force on the screen shown. */
export function filterOf(ui: UiState): string {
  const screen = screenOf(ui);
  return screen.kind === 'journal' || screen.kind === 'alerts' ? screen.filter : ui.filter;
}

export function setFilter(ui: UiState, filter: string): UiState {
  const screen = screenOf(ui);
  if (screen.kind === 'journal' || screen.kind === 'alerts') return replaceScreen(ui, { ...screen, filter });
  return { ...ui, filter, lastSearch: filter === '' ? ui.lastSearch : filter };
}

export function openInput(ui: UiState, kind: Input['kind'], field: TextField = emptyField): UiState {
  return { ...ui, input: { kind, field, choice: 0, before: filterOf(ui) }, chord: null };
}

export function closeInput(ui: UiState): UiState {
  return { ...ui, input: null };
}

/** Opens a dialog and holds the rows where they are. */
export function openDialog(ui: UiState, dialog: Dialog, order: readonly HostId[]): UiState {
  return { ...ui, dialog, dialogScroll: 0, frozen: ui.frozen ?? order, input: null, chord: null };
}

export function closeDialog(ui: UiState): UiState {
  return { ...ui, dialog: null, dialogScroll: 0, frozen: null };
}

export function setNote(ui: UiState, text: string, at: number, health: Health | null = null): UiState {
  return { ...ui, note: { text, health, at } };
}

export function addChange(ui: UiState, change: Change): UiState {
  return { ...ui, changes: [...ui.changes, change] };
}

export function addProgress(ui: UiState, changeId: number, progress: Progress): UiState {
  return {
    ...ui,
    changes: ui.changes.map((one) => (one.id === changeId ? { ...one, progress: [...one.progress, progress] } : one)),
  };
}

export function setOutcome(ui: UiState, changeId: number, outcome: ActionOutcome): UiState {
  return { ...ui, changes: ui.changes.map((one) => (one.id === changeId ? { ...one, outcome } : one)) };
}

/** The outcome was seen. */
export function dropChange(ui: UiState, changeId: number): UiState {
  return { ...ui, changes: ui.changes.filter((one) => one.id !== changeId) };
}

import type { PlaybookRun, RunsOnScreen } from './console.ts';
import type { LeftRun, PlaybookRunState } from './playbook-state.ts';
import { durationWords, phaseOf, waitsForYou } from './run-words.ts';
import type { Session } from './session.ts';
import { sentence, showDialog } from './show-dialog.ts';
import { openScreen, replaceScreen, screenOf, type UiState } from './state.ts';

/** Looks of a wait that are kept for its history. */
const keptLooks = 120;

/** Keeps the screens' picture of the runs of playbooks up to date. Returns how to stop. */
export function watchPlaybooks(session: Session): () => void {
  let known: RunsOnScreen | null = null;
  let stop = (): void => {};
  const look = (): void => {
    const { desk } = session.console.playbooks;
    if (session.console.prompts.getState().pending.length === 0) raiseLeftRun(session);
    // The desk is put in place once the fleet is open.
    if (desk === known || desk === null) return;
    stop();
    known = desk;
    stop = desk.subscribe(() => takeRuns(session, desk));
    takeRuns(session, desk);
    readLeftRuns(session);
  };
  look();
  const end = session.console.store.subscribe(look);
  return () => {
    end();
    stop();
  };
}

/** Reads from the journal what earlier consoles left open. */
export function readLeftRuns(session: Session): void {
  const { desk } = session.console.playbooks;
  if (desk === null) return;
  try {
    const before = new Map(session.ui.getState().leftRuns.map((run) => [run.kept.id, run]));
    // One that stands still here says so on its own screen.
    const here = new Set(session.ui.getState().playbookRuns.map((run) => run.id));
    const leftRuns = desk.unfinished().map((kept): LeftRun => ({ kept, later: before.get(kept.id)?.later ?? here.has(kept.id) }));
    session.update((ui) => ({ ...ui, leftRuns }));
  } catch (error) {
    session.note(`Runs that were left open cannot be read: ${sentence(error)}`, 'crit');
  }
}

function takeRuns(session: Session, desk: RunsOnScreen): void {
  const before = new Map(session.ui.getState().playbookRuns.map((run) => [run.id, run]));
  const playbookRuns = desk.list().map((run) => stateOf(run, before.get(run.id) ?? null));
  session.update((ui) => ({ ...ui, playbookRuns }));
  const stopped = playbookRuns.some((run) => standsStill(run) && !isEnded(before.get(run.id)));
  if (stopped) readLeftRuns(session);
  for (const run of playbookRuns) sayNews(session, run, before.get(run.id) ?? null);
}

function stateOf(run: PlaybookRun, before: PlaybookRunState | null): PlaybookRunState {
  const view = run.view();
  return {
    id: run.id,
    env: run.env,
    view,
    asked: run.asked(),
    nudged: run.nudged(),
    endedAt: run.endedAt,
    history: historyOf(view, before),
  };
}

/** One value more where a wait has looked again. */
function historyOf(view: PlaybookRunState['view'], before: PlaybookRunState | null): PlaybookRunState['history'] {
  const old = before?.history ?? new Map<string, readonly (number | null)[]>();
  let history: Map<string, readonly (number | null)[]> | null = null;
  for (const { address, wait } of view.steps) {
    if (wait === null) continue;
    const last = before?.view.steps.find((step) => step.address === address)?.wait ?? null;
    if (last?.at === wait.at) continue;
    history ??= new Map(old);
    history.set(address, [...(old.get(address) ?? []), wait.value].slice(-keptLooks));
  }
  return history ?? old;
}

/** What a person on another screen must hear: it was left alone, or it has ended. */
function sayNews(session: Session, run: PlaybookRunState, before: PlaybookRunState | null): void {
  if (run.nudged !== null && run.nudged.at !== (before?.nudged?.at ?? null)) {
    const since = durationWords(session.now() - (run.asked?.since ?? run.nudged.at));
    session.note(
      run.asked === null || waitsForYou(run)
        ? `Waits for you since ${since}: ${run.nudged.text}`
        : `Waits for a signature since ${since}: ${run.nudged.text}`,
      'warn',
    );
  }
  const over = run.view.phase.phase === 'closed' && before !== null && before.view.phase.phase !== 'closed';
  if (!over || runOfScreen(session.ui.getState())?.id === run.id) return;
  const { word, health } = phaseOf(run, session.now());
  session.note(`${run.view.title}: ${word}  (v shows it)`, health);
}

const isEnded = (run: PlaybookRunState | undefined): boolean => (run?.endedAt ?? null) !== null;

/** It ended without being closed: something kept this console from going on, and it may be taken up again. */
export function standsStill(run: PlaybookRunState): boolean {
  return run.endedAt !== null && run.view.phase.phase !== 'closed';
}

export function isOver(run: PlaybookRunState): boolean {
  return run.endedAt !== null || run.view.phase.phase === 'closed';
}

export function runsUnderWay(ui: UiState): readonly PlaybookRunState[] {
  return ui.playbookRuns.filter((run) => !isOver(run));
}

/** The run of the screen that is shown. */
export function runOfScreen(ui: UiState): PlaybookRunState | null {
  const screen = screenOf(ui);
  return screen.kind === 'playbook-run' ? (ui.playbookRuns.find((run) => run.id === screen.runId) ?? null) : null;
}

/** The run that needs a look first: one that waits for the person, then one under way, then the newest; never the one shown. */
export function runToLookAt(ui: UiState): PlaybookRunState | null {
  const shown = runOfScreen(ui)?.id ?? null;
  const others = ui.playbookRuns.filter((run) => run.id !== shown);
  const at = ui.playbookRuns.findIndex((run) => run.id === shown);
  // From run to run in a ring, so that the same key reaches them all.
  const ring = shown === null ? others.toReversed() : [...ui.playbookRuns.slice(at + 1), ...ui.playbookRuns.slice(0, at)];
  return ring.find(waitsForYou) ?? ring.find((run) => !isOver(run)) ?? ring[0] ?? null;
}

export function showPlaybookRun(session: Session, runId: string): void {
  const screen = screenOf(session.ui.getState());
  const next = { kind: 'playbook-run', runId, cursor: null, scroll: 0 } as const;
  if (screen.kind === 'playbook-run' && screen.runId === runId) return;
  session.update((ui) => (screen.kind === 'playbook-run' ? replaceScreen(ui, next) : openScreen(ui, next)));
}

/** Names the question that can be read now; `null` when none can. */
function questionKey(ui: UiState): string | null {
  const run = ui.dialog === null && ui.input === null ? runOfScreen(ui) : null;
  return run === null || run.asked === null
    ? null
    : `${run.id} ${run.asked.question.kind} ${run.asked.question.address} ${run.asked.since}`;
}

/** Remembers since when the question on the screen could be read. */
export function noticeQuestion(session: Session): void {
  const ui = session.ui.getState();
  const key = questionKey(ui);
  if (key === (ui.questionSeen?.key ?? null)) return;
  session.update((state) => ({ ...state, questionSeen: key === null ? null : { key, at: session.now() } }));
}

/** Whether the question on the screen has stood there long enough to be the one that a key answers. */
export function questionIsRead(session: Session, leastMs: number): boolean {
  const ui = session.ui.getState();
  const key = questionKey(ui);
  if (key === null || ui.questionSeen?.key !== key) return false;
  const since = session.now() - ui.questionSeen.at;
  return since < 0 || since >= leastMs;
}

/** Offers the oldest run that an earlier console left, unless something else has the keyboard. */
export function raiseLeftRun(session: Session): void {
  const { dialog, input, leftRuns } = session.ui.getState();
  const next = leftRuns.find((run) => !run.later);
  // Before the hosts are known, nothing says in which environment it is, and the rows would be held empty under the dialog.
  const { hosts, sources } = session.fleet();
  if (hosts.length === 0 || sources.some((source) => source.listedAt === null && source.error === null)) return;
  if (next !== undefined && dialog === null && input === null) showLeftRun(session, next);
}

export function showLeftRun(session: Session, { kept }: LeftRun, refusal: string | null = null): void {
  const env = session.console.playbooks.desk?.envOf(kept.memory.open?.inputs ?? {}) ?? 'default';
  showDialog(session, { kind: 'left-run', runId: kept.id, env, refusal, openedAt: session.now() });
}

/** `:runs`: the runs of this console and what others left open. */
export function openRuns(session: Session): void {
  readLeftRuns(session);
  session.update((ui) => openScreen(ui, { kind: 'runs', cursor: null }));
}

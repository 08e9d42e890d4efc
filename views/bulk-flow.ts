import type { BulkPlan, BulkRun, BulkState } from '../src/actions/bulk.ts';
import type { ConfirmExtras } from '../src/actions/plan.ts';
import type { Asked } from './asked.ts';
import { plural } from './format.ts';
import type { Session } from './session.ts';
import { waitOnScreen } from './signature-wait.ts';
import { sentence, showDialog } from './show-dialog.ts';
import { closeDialog, openScreen, type RunOnScreen, screenOf, setNote, type UiState } from './state.ts';

const over: ReadonlySet<BulkState['phase']> = new Set(['done', 'stopped', 'aborted']);

export function isOver(run: RunOnScreen): boolean {
  return over.has(run.state.phase);
}

/** The run that `v` goes to: the newest one under way, else the newest. */
export function runToShow(ui: UiState): RunOnScreen | null {
  return ui.runs.findLast((run) => !isOver(run)) ?? ui.runs.at(-1) ?? null;
}

/** Starts a confirmed plan for many hosts and opens its screen. Leaving the screen does not end the run. */
export async function startBulk(session: Session, asked: Asked, plan: BulkPlan, word: string, extras: ConfirmExtras): Promise<void> {
  session.update((ui) => setNote(closeDialog(ui), `${plan.title}: starting`, session.now()));
  const changed = (state: BulkState): void => session.update((ui) => withRun(ui, plan, state));
  const { wait, over, signedBy } = waitOnScreen(session, plan);
  try {
    const run = await session.console.executor.bulk
      .start(plan, word, plan.approvalNeeded === null ? extras : { ...extras, wait }, changed)
      .finally(over);
    if ('guard' in run) {
      showDialog(session, { kind: 'refused', refusal: run, asked, title: plan.title, env: plan.env, openedAt: session.now() });
      return;
    }
    changed(run.state());
    session.update((ui) => openScreen({ ...withControl(ui, plan.id, run), note: null }, { kind: 'run', runId: plan.id, scroll: 0 }));
    const by = signedBy();
    if (by !== null) session.note(`Signed by ${by}: it has begun.`, 'ok');
    sayEnd(session, await run.done);
  } catch (error) {
    session.note(`${plan.title}: ${sentence(error)}`, 'crit');
  }
}

function withRun(ui: UiState, plan: BulkPlan, state: BulkState): UiState {
  const known = ui.runs.find((run) => run.plan.id === plan.id);
  if (known === undefined) return { ...ui, runs: [...ui.runs, { plan, state, control: null, asked: null }] };
  return { ...ui, runs: ui.runs.map((run) => (run === known ? { ...run, state } : run)) };
}

function withControl(ui: UiState, runId: string, control: BulkRun): UiState {
  return { ...ui, runs: ui.runs.map((run) => (run.plan.id === runId ? { ...run, control } : run)) };
}

function sayEnd(session: Session, state: BulkState): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'run' && screen.runId === state.id) return;
  const done = state.items.filter((item) => item.state === 'ok').length;
  const why = state.why === null ? '' : `: ${state.why}`;
  session.note(
    `${state.title}: ${state.phase}, ${done} of ${plural(state.items.length, 'host')} done${why}  (v shows it)`,
    state.phase === 'done' ? 'ok' : 'crit',
  );
}

export function runOfScreen(session: Session): RunOnScreen | null {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  return screen.kind === 'run' ? (ui.runs.find((run) => run.plan.id === screen.runId) ?? null) : null;
}

/** Pauses before the next batch, goes on, or begins no further host. */
export function steerRun(session: Session, runId: string, how: 'pause' | 'continue' | 'abort'): void {
  const run = session.ui.getState().runs.find((one) => one.plan.id === runId);
  if (run === undefined || run.control === null || isOver(run)) return;
  if (how === 'pause') run.control.pause();
  else if (how === 'abort') run.control.abort();
  else run.control.resume();
  const asked = how === 'continue' ? null : how;
  session.update((ui) => ({ ...ui, runs: ui.runs.map((one) => (one.plan.id === runId ? { ...one, asked } : one)) }));
}

/** Opens the screen of a run, unless it is the one shown. */
export function showRun(session: Session, run: RunOnScreen): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'run' && screen.runId === run.plan.id) return;
  session.update((ui) => openScreen(ui, { kind: 'run', runId: run.plan.id, scroll: 0 }));
}

import type { LeftRun, PlaybookRunState, PlaybookScreen } from './playbook-state.ts';
import { offeredPlaybooks } from './playbook-start.ts';
import { isOver, runOfScreen } from './playbook-flow.ts';
import type { Session } from './session.ts';
import { replaceScreen, type UiState } from './state.ts';

/** A line of the list of runs: one of this console, or one that another left. */
export type RunRow = { readonly id: string } & (
  | { readonly kind: 'here'; readonly run: PlaybookRunState }
  | { readonly kind: 'left'; readonly left: LeftRun }
);

/** What waits or runs here first, then what was left open, then what is over. */
export function runRows(ui: UiState): readonly RunRow[] {
  const here = ui.playbookRuns.map((run): RunRow => ({ kind: 'here', id: run.id, run }));
  const open = here.filter((row) => row.kind === 'here' && !isOver(row.run));
  const known = new Set(here.map((row) => row.id));
  const left = ui.leftRuns.filter((one) => !known.has(one.kept.id)).map((one): RunRow => ({ kind: 'left', id: one.kept.id, left: one }));
  return [...open, ...left, ...here.filter((row) => !open.includes(row)).toReversed()];
}

type Of<Kind extends PlaybookScreen['kind']> = Extract<PlaybookScreen, { kind: Kind }>;

/** The chosen of a list of names; the first when it is gone or nobody moved yet, -1 of none. */
export function chosenAt(names: readonly string[], cursor: string | null): number {
  if (names.length === 0) return -1;
  return Math.max(0, cursor === null ? 0 : names.indexOf(cursor));
}

export function chosenPlaybook(session: Session, screen: Of<'playbooks'>): string | null {
  const ids = offeredPlaybooks(session, screen).map((offer) => offer.file.playbook.id);
  return ids[chosenAt(ids, screen.cursor)] ?? null;
}

export function chosenRun(ui: UiState, screen: Of<'runs'>): RunRow | null {
  const rows = runRows(ui);
  return (
    rows[
      chosenAt(
        rows.map((row) => row.id),
        screen.cursor,
      )
    ] ?? null
  );
}

/** The step that the run view shows: the one moved to, else the one that asks or runs, else the last that ended. */
export function shownStep(run: PlaybookRunState, cursor: string | null): string | null {
  const { steps, current } = run.view;
  if (cursor !== null && steps.some((step) => step.address === cursor)) return cursor;
  return run.asked?.question.address ?? current ?? steps[0]?.address ?? null;
}

/** Moves the cursor of a playbook screen that has one; false for a page, which scrolls. */
export function movePlaybookCursor(session: Session, screen: PlaybookScreen, delta: number): boolean {
  if (screen.kind === 'playbook') return false;
  const ui = session.ui.getState();
  const run = runOfScreen(ui);
  const names =
    screen.kind === 'playbooks'
      ? offeredPlaybooks(session, screen).map((offer) => offer.file.playbook.id)
      : screen.kind === 'runs'
        ? runRows(ui).map((row) => row.id)
        : (run?.view.steps.map((step) => step.address) ?? []);
  const from = screen.kind === 'playbook-run' && run !== null ? shownStep(run, screen.cursor) : screen.cursor;
  const at = Math.max(0, Math.min(names.length - 1, chosenAt(names, from) + delta));
  const cursor = names[at] ?? null;
  // The step that asks has no cursor of its own: the screen follows the run again.
  const followed = screen.kind === 'playbook-run' && run !== null && cursor === shownStep(run, null) ? null : cursor;
  session.update((state) =>
    replaceScreen(state, screen.kind === 'playbook-run' ? { ...screen, cursor: followed, scroll: 0 } : { ...screen, cursor }),
  );
  return true;
}

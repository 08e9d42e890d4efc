import type { RoutineState } from '../src/journal/routines.ts';
import { askSkip } from './incident-forms.ts';
import type { TellingScreen } from './incident-state.ts';
import type { Session } from './session.ts';
import { sentence } from './show-dialog.ts';
import { openScreen, replaceScreen, screenOf } from './state.ts';

type RoutinesScreen = Extract<TellingScreen, { kind: 'routines' }>;

const keyOf = ({ period, text }: RoutineState): string => `${period} ${text}`;

/** Place of the cursor's duty; the first when it is gone. -1 when the fleet file has none. */
export function routineIndex(rows: readonly RoutineState[], cursor: string | null): number {
  return rows.length === 0
    ? -1
    : Math.max(
        0,
        rows.findIndex((row) => keyOf(row) === cursor),
      );
}

export function openRoutines(session: Session): void {
  session.update((ui) => openScreen(ui, { kind: 'routines', cursor: null }));
}

export function moveInRoutines(session: Session, screen: RoutinesScreen, delta: number): void {
  const rows = session.console.routines.list();
  const row = rows[Math.max(0, Math.min(rows.length - 1, routineIndex(rows, screen.cursor) + delta))];
  session.update((ui) => replaceScreen(ui, { ...screen, cursor: row === undefined ? null : keyOf(row) }));
}

/** The duty under the cursor. */
export function routineHere(session: Session): RoutineState | null {
  const screen = screenOf(session.ui.getState());
  if (screen.kind !== 'routines') return null;
  const rows = session.console.routines.list();
  return rows[routineIndex(rows, screen.cursor)] ?? null;
}

/** Ticks the duty off, or takes its tick back. */
export function tickRoutine(session: Session, state: 'done' | 'undone'): void {
  const routine = routineHere(session);
  if (routine === null) return;
  try {
    session.console.routines.tick(routine, state, null);
    session.note(state === 'done' ? `Done: ${routine.text}.` : `Taken back: ${routine.text}.`, state === 'done' ? 'ok' : null);
  } catch (error) {
    session.note(`Not written: ${sentence(error)}`, 'crit');
  }
}

export function skipRoutine(session: Session): void {
  const routine = routineHere(session);
  if (routine !== null) askSkip(session, routine);
}

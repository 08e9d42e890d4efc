import type { Entry } from '../src/journal/entry.ts';
import { filterRows, type JournalRow, journalRows } from './journal-rows.ts';
import type { Session } from './session.ts';
import { sentence } from './show-dialog.ts';
import { openScreen, replaceScreen, type ScreenEntry, screenOf } from './state.ts';

type JournalScreen = Extract<ScreenEntry, { kind: 'journal' }>;

/** Entries the command log looks back over. */
export const lookBack = 1000;
/** Terminals take some 74 000 bytes of OSC 52 (xterm's own bound is 100 000); base64 makes three bytes four. */
const longestCopy = 48_000;

const made = new WeakMap<readonly Entry[], readonly JournalRow[]>();

/** All lines of the record that the console hands over now, newest first. */
export function allRows(entries: readonly Entry[]): readonly JournalRow[] {
  const known = made.get(entries);
  if (known !== undefined) return known;
  const rows = journalRows(entries);
  made.set(entries, rows);
  return rows;
}

export function shownRows(entries: readonly Entry[], screen: JournalScreen): readonly JournalRow[] {
  return filterRows(allRows(entries), screen.filter);
}

/** Place of the cursor's line; a line that the filter hides leaves the first. -1 when there are none. */
export function rowIndex(rows: readonly JournalRow[], screen: JournalScreen): number {
  if (rows.length === 0) return -1;
  return Math.max(0, screen.cursor === null ? 0 : rows.findIndex((row) => row.key === screen.cursor));
}

function here(session: Session): { readonly screen: JournalScreen; readonly rows: readonly JournalRow[] } | null {
  const screen = screenOf(session.ui.getState());
  return screen.kind === 'journal' ? { screen, rows: shownRows(session.console.journal.tail(lookBack), screen) } : null;
}

/** Moves the cursor of the command log by lines; past either end it stays at the end. */
export function moveInJournal(session: Session, delta: number): void {
  const shown = here(session);
  if (shown === null) return;
  const at = Math.max(0, Math.min(shown.rows.length - 1, rowIndex(shown.rows, shown.screen) + delta));
  const cursor = shown.rows[at]?.key ?? null;
  session.update((ui) => replaceScreen(ui, { ...shown.screen, cursor }));
}

export function openJournal(session: Session): void {
  session.update((ui) => openScreen(ui, { kind: 'journal', cursor: null, filter: '' }));
}

export function openEntry(session: Session): void {
  const row = chosenRow(session);
  if (row !== null) session.update((ui) => openScreen(ui, { kind: 'entry', seq: row.key, scroll: 0 }));
}

/** The line that a key is about: under the cursor of the log, or the one that is open. */
export function chosenRow(session: Session): JournalRow | null {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'entry') return allRows(session.console.journal.tail(lookBack)).find((row) => row.key === screen.seq) ?? null;
  const shown = here(session);
  return shown === null ? null : (shown.rows[rowIndex(shown.rows, shown.screen)] ?? null);
}

const linesOf = (rows: readonly JournalRow[]): string[] =>
  rows
    .flatMap((row) => row.entries)
    .toSorted((a, b) => a.seq - b.seq)
    .map((entry) => JSON.stringify(entry));

/** Writes what is shown to a file of its own, as `journal tail --json` prints it. */
export function saveShown(session: Session): void {
  const row = chosenRow(session);
  const rows = here(session)?.rows ?? (row === null ? [] : [row]);
  if (rows.length === 0) {
    session.note('There is nothing to save.');
    return;
  }
  try {
    session.note(`Saved to ${session.console.journal.save(linesOf(rows))}`, 'ok');
  } catch (error) {
    session.note(`Not saved: ${sentence(error)}`, 'crit');
  }
}

/** Puts the command into the clipboard; of an open entry all of it. */
export function copyChosen(session: Session): void {
  const row = chosenRow(session);
  if (row === null) {
    session.note('There is nothing to copy.');
    return;
  }
  const whole = screenOf(session.ui.getState()).kind === 'entry';
  const text = whole || row.command === null ? linesOf([row]).join('\n') : row.command;
  if (Buffer.byteLength(text) > longestCopy) {
    session.note('That is too long for the clipboard of a terminal: ctrl-s saves it to a file.', 'warn');
    return;
  }
  session.copy(text);
  session.note(
    whole || row.command === null ? 'The entry was sent to the terminal’s clipboard.' : 'The command was sent to the terminal’s clipboard.',
  );
}

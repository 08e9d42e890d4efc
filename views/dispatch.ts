import { moveInAlerts } from './alerts-flow.ts';
import { editField, emptyField } from './components/text-field.ts';
import { dialogKey } from './dialog-keys.ts';
import type { Binding } from './bindings/binding.ts';
import { bindingsOf } from './keymap.ts';
import { movedCursor } from './list-rows.ts';
import { sayNotSuspended } from './not-suspended.ts';
import { commands, matchCommands } from './palette.ts';
import { noticeQuestion, raiseLeftRun } from './playbook-flow.ts';
import { raiseOutcome } from './plan-flow.ts';
import { raiseQuestion } from './recovery-flow.ts';
import { sentence } from './show-dialog.ts';
import type { Session } from './session.ts';
import {
  closeDialog,
  closeInput,
  cursorIndex,
  filterOf,
  type Input,
  moveTo,
  openDialog,
  replaceScreen,
  screenOf,
  setFilter,
} from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';

/** A second ctrl-c within this time quits, ms. */
const twiceMs = 2000;

/** By the keys that the fleet file gives, which come after the first frame. */
const tables = new WeakMap<ReadonlyMap<string, string>, readonly Binding[]>();
const palettes = new WeakMap<Session, ReturnType<typeof commands>>();

export function sessionBindings(session: Session): readonly Binding[] {
  const { serviceKeys } = session.console;
  const known = tables.get(serviceKeys);
  if (known !== undefined) return known;
  const made = bindingsOf(session.console);
  tables.set(serviceKeys, made);
  return made;
}

/** The command line's offers, gathered when it was opened. */
export function sessionCommands(session: Session): ReturnType<typeof commands> {
  const known = palettes.get(session);
  if (known !== undefined) return known;
  const made = commands(session);
  palettes.set(session, made);
  return made;
}

/** One key: to the dialog, the text field, a chord begun, or the binding of the screen. An error becomes a line on the screen. */
export function handleKey(session: Session, key: KeyEvent): void {
  try {
    session.console.executor.touch();
    noticeQuestion(session);
    if (key.key === 'ctrl-c') cancel(session, key);
    // A hand that knows the shell's key presses it anywhere.
    else if (key.key === 'ctrl-z') sayNotSuspended(session);
    else route(session, key);
    raisePrompt(session);
  } catch (error) {
    session.note(`That key failed: ${sentence(error)}`, 'crit');
  }
}

function route(session: Session, key: KeyEvent): void {
  const ui = session.ui.getState();
  if (ui.dialog !== null) dialogKey(session, ui.dialog, key);
  else if (ui.input !== null) inputKey(session, ui.input, key);
  else if (key.pasted) session.note('A paste outside a text field was dropped.');
  else bindingKey(session, key.key);
}

function cancel(session: Session, key: KeyEvent): void {
  const { cancelledAt, dialog, input, chord } = session.ui.getState();
  if (cancelledAt !== null && key.at - cancelledAt >= 0 && key.at - cancelledAt < twiceMs) {
    session.quit();
    return;
  }
  if (dialog !== null) dialogKey(session, dialog, { ...key, key: 'escape', text: null });
  else if (input !== null) session.update((ui) => setFilter(closeInput(ui), input.kind === 'filter' ? input.before : filterOf(ui)));
  else if (chord !== null) session.update((ui) => ({ ...ui, chord: null }));
  session.update((ui) => ({ ...ui, cancelledAt: key.at }));
  session.note('Press ctrl-c again to quit.');
}

function bindingKey(session: Session, name: string): void {
  const ui = session.ui.getState();
  const { kind } = screenOf(ui);
  const wanted = ui.chord === 'sort' ? `S ${name}` : name;
  const found = sessionBindings(session).find((one) => one.keys.includes(wanted) && one.screens.includes(kind));
  if (ui.chord !== null && found === undefined) {
    session.update((state) => ({ ...state, chord: null }));
    if (name !== 'escape') session.note(`S ${name} sorts by nothing.`);
    return;
  }
  if (kind === 'help' && name === 'enter') {
    runFromHelp(session);
    return;
  }
  if (found !== undefined) runBinding(session, found, name);
}

/** Runs a binding, or says why it cannot be used. What is about a host is pinned to it first, so that rows may move but not what is meant. */
function runBinding(session: Session, binding: Binding, key: string = binding.keys[0] ?? ''): void {
  if (binding.aboutHost || binding.dangerous) pinCursor(session);
  const why = binding.disabled(session);
  if (why !== null) {
    session.note(`${binding.keys[0] ?? ''} (${binding.label}): ${why}.`);
    return;
  }
  session.update((ui) => (ui.note === null ? ui : { ...ui, note: null }));
  binding.run(session, key);
}

function pinCursor(session: Session): void {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  if (screen.kind === 'pools' || screen.kind === 'backups') {
    const fleet = session.fleet();
    session.update((state) => replaceScreen(state, movedCursor(screen, fleet, 0)));
    return;
  }
  if (screen.kind === 'alerts') {
    moveInAlerts(session, screen, 0);
    return;
  }
  if (ui.cursor !== null) return;
  const order = session.order();
  session.update((state) => moveTo(state, order, cursorIndex(state, order)));
}

/** Enter on a row of help: back to where one was, and that key. */
function runFromHelp(session: Session): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind !== 'help') return;
  const chosen = sessionBindings(session)[screen.cursor];
  if (chosen === undefined) return;
  session.update((ui) => (ui.position > 0 ? { ...ui, position: ui.position - 1 } : ui));
  const { kind } = screenOf(session.ui.getState());
  if (chosen.screens.includes(kind)) runBinding(session, chosen);
  else session.note(`${chosen.keys[0] ?? ''} works on ${chosen.screens.join(', ')}.`);
}

function inputKey(session: Session, input: Input, key: KeyEvent): void {
  if (key.key === 'escape') {
    palettes.delete(session);
    session.update((ui) => setFilter(closeInput(ui), input.kind === 'filter' ? input.before : filterOf(ui)));
    return;
  }
  if (input.kind === 'filter') filterKey(session, input, key);
  else commandKey(session, input, key);
}

function filterKey(session: Session, input: Input, key: KeyEvent): void {
  if (key.key === 'enter' || (key.key === 'backspace' && input.field.text === '')) {
    session.update(closeInput);
    return;
  }
  const field = editField(input.field, key);
  if (field !== input.field) session.update((ui) => setFilter({ ...ui, input: { ...input, field } }, field.text));
}

function commandKey(session: Session, input: Input, key: KeyEvent): void {
  const list = matchCommands(sessionCommands(session), input.field.text);
  const choose = (choice: number): void => {
    const at = list.length === 0 ? 0 : (choice + list.length) % list.length;
    session.update((ui) => ({ ...ui, input: { ...input, choice: at } }));
  };
  switch (key.key) {
    case 'down':
    case 'ctrl-n':
      choose(input.choice + 1);
      return;
    case 'up':
    case 'ctrl-p':
      choose(input.choice - 1);
      return;
    case 'tab': {
      const label = list[input.choice]?.label;
      if (label !== undefined) {
        session.update((ui) => ({ ...ui, input: { ...input, field: { text: label, cursor: [...label].length }, choice: 0 } }));
      }
      return;
    }
    case 'enter': {
      const chosen = list[input.choice];
      palettes.delete(session);
      session.update(closeInput);
      if (chosen !== undefined) chosen.run(session);
      else if (input.field.text.trim() !== '') session.note(`There is no command “${input.field.text.trim()}”.`);
      return;
    }
    default: {
      if (key.key === 'backspace' && input.field.text === '') {
        palettes.delete(session);
        session.update(closeInput);
        return;
      }
      const field = editField(input.field, key);
      if (field !== input.field) session.update((ui) => ({ ...ui, input: { ...input, field, choice: 0 } }));
    }
  }
}

/** Shows the oldest waiting question when nothing else has the keyboard, and takes an answered one off the screen. */
export function raisePrompt(session: Session): void {
  noticeQuestion(session);
  const { pending } = session.console.prompts.getState();
  const { dialog, input } = session.ui.getState();
  if (dialog?.kind === 'prompt' && !pending.some((one) => one.id === dialog.promptId)) session.update(closeDialog);
  const next = pending[0];
  if (next === undefined) {
    raiseOutcome(session);
    raiseQuestion(session);
    raiseLeftRun(session);
    return;
  }
  if (input !== null || session.ui.getState().dialog !== null) return;
  const order = session.order();
  session.update((ui) =>
    openDialog(ui, { kind: 'prompt', promptId: next.id, openedAt: session.now(), field: emptyField, wrong: null }, order),
  );
}

import { stripVTControlCharacters } from 'node:util';
import { sessionBindings, sessionCommands, handleKey } from '../../views/dispatch.ts';
import { drawFrame } from '../../views/frame.ts';
import type { Scene } from '../../views/scene.ts';
import { bandEnv, createSession, type Session } from '../../views/session.ts';
import { pasteEvent } from '../../views/terminal/keys.ts';
import { createTheme, type Theme } from '../../views/theme.ts';
import type { TestConsole } from './fixture.ts';

export interface Driver {
  readonly console: TestConsole;
  readonly session: Session;
  /** What went to the terminal's clipboard. */
  readonly copied: readonly string[];
  /** Presses keys one after another, each past the time in which keys count as typed ahead. */
  press(...keys: string[]): void;
  /** Presses keys at this very moment. */
  pressAtOnce(...keys: string[]): void;
  paste(text: string): void;
  type(text: string): void;
  /** Lets promises run. */
  settle(): Promise<void>;
  /** The screen as plain text, or painted when a theme is given. */
  frame(columns?: number, lines?: number, theme?: Theme): string[];
}

export const plainTheme = createTheme({ color: false, ascii: false });

const textOf = (key: string): string | null => (key === 'space' ? ' ' : [...key].length === 1 ? key : null);

/** A console without a terminal: keys in, frames out. */
export function drive(console: TestConsole): Driver {
  const copied: string[] = [];
  const session = createSession(console, { redraw: () => {}, copy: (text) => void copied.push(text), quit: () => console.quit() });
  const pressAtOnce = (...keys: string[]): void => {
    for (const key of keys) handleKey(session, { key, text: textOf(key), at: console.clock(), pasted: false });
  };
  const press = (...keys: string[]): void => {
    for (const key of keys) {
      console.wait(400);
      pressAtOnce(key);
    }
  };
  return {
    console,
    session,
    copied,
    press,
    pressAtOnce,
    paste: (text) => {
      console.wait(400);
      handleKey(session, pasteEvent(text, console.clock()));
    },
    type: (text) => press(...[...text].map((character) => (character === ' ' ? 'space' : character))),
    settle: async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
    frame: (columns = 120, lines = 40, theme) => {
      const painted = drawFrame(sceneOf(session, columns, lines, theme ?? plainTheme), new WeakMap());
      return theme === undefined ? painted.map(stripVTControlCharacters) : painted;
    },
  };
}

export function sceneOf(session: Session, columns: number, lines: number, theme: Theme): Scene {
  return {
    console: session.console,
    fleet: session.fleet(),
    ui: session.ui.getState(),
    rows: session.rows(),
    selected: session.selected(),
    env: bandEnv(session),
    bindings: sessionBindings(session),
    reasonOf: (one) => one.disabled(session),
    commands: () => sessionCommands(session),
    prompts: session.console.prompts.getState().pending,
    now: session.now(),
    columns,
    lines,
    theme,
    viewport: session.viewport,
  };
}

/** Names of the rows in the order of the fleet screen. */
export function rowNames(driver: Driver): string[] {
  return driver.session.rows().map((view) => view.host.name);
}

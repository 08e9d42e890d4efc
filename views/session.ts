import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Health } from '../src/fleet/health.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { FleetState, HostView } from '../src/fleet/view.ts';
import { hostOfAlert } from './alerts-flow.ts';
import type { Console } from './console.ts';
import { chosenBackup, chosenPoolRow } from './list-rows.ts';
import { idsOf, shownHosts } from './order.ts';
import { cursorIndex, initialUi, type ScreenEntry, screenOf, setNote, type UiState } from './state.ts';

/** The scrolling part of the screen as last drawn; page keys move by it. */
export interface Viewport {
  bodyRows: number;
  /** First row shown, and the last that can be. */
  top: number;
  maxTop: number;
  /** Text of the lines in sight, where one of them can be marked. */
  shown: readonly string[];
}

/** One person's sitting at the console: what the screens remember, and how keys change it. */
export interface Session {
  readonly console: Console;
  readonly ui: StoreApi<UiState>;
  readonly viewport: Viewport;
  /** Erases and draws the whole screen again. */
  redraw(): void;
  /** Puts text into the terminal's clipboard, if it lets one. */
  copy(text: string): void;
  /** Leaves the console. */
  quit(): void;
  fleet(): FleetState;
  /** Rows of the fleet screen, cached until fleet, filter or order change. */
  rows(): readonly HostView[];
  order(): readonly HostId[];
  update(change: (ui: UiState) => UiState): void;
  note(text: string, health?: Health | null): void;
  now(): number;
  /** The host that an action started now would be about. */
  selected(): HostView | null;
  nextId(): number;
}

/** What the terminal does for a session; without one nothing is redrawn and the console is told to quit itself. */
export interface SessionTerminal {
  redraw(): void;
  copy(text: string): void;
  quit(): void;
}

export function createSession(
  console: Console,
  terminal: SessionTerminal = { redraw: () => {}, copy: () => {}, quit: () => console.quit() },
): Session {
  const ui = createStore<UiState>(() => initialUi);
  let cached: { key: readonly unknown[]; rows: readonly HostView[]; ids: readonly HostId[] } | null = null;
  let lastId = 0;

  function listing(): { rows: readonly HostView[]; ids: readonly HostId[] } {
    const fleet = console.store.getState();
    const state = ui.getState();
    const key = [fleet.hosts, fleet.byId, state.filter, state.onlyWrong, state.sort, state.frozen];
    if (cached !== null && cached.key.every((part, index) => part === key[index])) return cached;
    const rows = shownHosts(fleet, state);
    cached = { key, rows, ids: idsOf(rows) };
    return cached;
  }

  const session: Session = {
    console,
    ui,
    viewport: { bodyRows: 10, top: 0, maxTop: 0, shown: [] },
    redraw: () => terminal.redraw(),
    copy: (text) => terminal.copy(text),
    quit: () => terminal.quit(),
    fleet: () => console.store.getState(),
    rows: () => listing().rows,
    order: () => listing().ids,
    update: (change) => ui.setState(change(ui.getState()), true),
    note: (text, health = null) => session.update((state) => setNote(state, text, console.clock(), health)),
    now: () => console.clock(),
    selected: () => {
      const screen = screenOf(ui.getState());
      if (screen.kind === 'alerts') return hostOfAlert(session, screen);
      return selectedHost(ui.getState(), console.store.getState(), listing().rows, listing().ids);
    },
    nextId: () => {
      lastId += 1;
      return lastId;
    },
  };
  return session;
}

function hostOfRow(screen: Extract<ScreenEntry, { kind: 'pools' | 'backups' }>, fleet: FleetState): HostView | null {
  const id = screen.kind === 'pools' ? chosenPoolRow(screen, fleet)?.member?.hostId : chosenBackup(screen, fleet)?.hostId;
  return id === undefined ? null : (fleet.byId.get(id) ?? null);
}

/** The host a screen is about: its own on the host and raw screens, the one under the cursor elsewhere. */
function selectedHost(ui: UiState, fleet: FleetState, rows: readonly HostView[], ids: readonly HostId[]): HostView | null {
  const screen = screenOf(ui);
  if (screen.kind === 'host' || screen.kind === 'raw') return fleet.byId.get(screen.hostId) ?? null;
  if (screen.kind === 'pools' || screen.kind === 'backups') return hostOfRow(screen, fleet);
  return rows[cursorIndex(ui, ids)] ?? null;
}

/** The environment the band shows: that of the selected host, else the fleet's first. */
export function bandEnv(session: Session): string | null {
  return session.selected()?.host.env ?? session.fleet().hosts[0]?.host.env ?? null;
}

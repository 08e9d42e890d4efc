import type { Alert } from '../src/fleet/alert.ts';
import type { FleetState, HostView } from '../src/fleet/view.ts';
import { alertIndex, type AlertLooker, type AlertRow, alertRows, type AlertsScreen, hostIdOf } from './alert-rows.ts';
import { episodes, rootOf } from './episodes.ts';
import type { Session } from './session.ts';
import { openScreen, replaceScreen, screenOf, type UiState } from './state.ts';

/** `W`: every root cause, what it explains, and what ended. */
export function openAlerts(session: Session): void {
  session.update((ui) => openScreen(ui, { kind: 'alerts', cursor: null, filter: '', onlyStanding: false, unfolded: null }));
}

/** The line under the cursor of the list of alerts. */
export function chosenAlertOf(looker: AlertLooker, screen: AlertsScreen): AlertRow | null {
  const rows = alertRows(looker, screen);
  return rows[alertIndex(rows, screen.cursor)] ?? null;
}

/** The same on the screen shown; `null` on another. */
export function chosenAlert(session: Session): AlertRow | null {
  const screen = screenOf(session.ui.getState());
  return screen.kind === 'alerts' ? chosenAlertOf(session, screen) : null;
}

/** The host of the alert under the cursor. */
export function hostOfAlert(looker: AlertLooker, screen: AlertsScreen): HostView | null {
  const row = chosenAlertOf(looker, screen);
  const id = row === null ? null : hostIdOf(row, looker.fleet());
  return id === null ? null : (looker.fleet().byId.get(id) ?? null);
}

/** The same screen with its cursor `delta` lines on, held by what it stands on; past either end it stays at the end. */
export function moveInAlerts(session: Session, screen: AlertsScreen, delta: number): void {
  const rows = alertRows(session, screen);
  const at = Math.max(0, Math.min(rows.length - 1, alertIndex(rows, screen.cursor) + delta));
  session.update((ui) => replaceScreen(ui, { ...screen, cursor: rows[at]?.key ?? null }));
}

/** `space`: what the root explains as lines of their own, so that one of them can be chosen; again folds them. */
export function foldAlerts(session: Session): void {
  const screen = screenOf(session.ui.getState());
  const row = chosenAlert(session);
  if (screen.kind !== 'alerts' || row === null || row.kind === 'ended') return;
  const root = row.kind === 'root' ? row.alert.id : row.root.id;
  const unfolded = screen.unfolded === root ? null : root;
  session.update((ui) => replaceScreen(ui, { ...screen, unfolded, cursor: unfolded === null ? root : row.key }));
}

/** `!`: hides what ended, what somebody took charge of, and what is held back. */
export function toggleOnlyStanding(session: Session): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'alerts') session.update((ui) => replaceScreen(ui, { ...screen, onlyStanding: !screen.onlyStanding }));
}

/**
 * The root cause that `p` on the first screen is about: that of the host whose row is shown as chosen, where it has one, else the worst.
 * `null` where hosts are marked: then these are meant.
 */
export function rootAtHome(ui: UiState, fleet: FleetState, selected: HostView | null): Alert | null {
  if (ui.marked.size > 0) return null;
  const own = selected === null ? undefined : fleet.alerts.find((alert) => alert.host === selected.host.id);
  if (own !== undefined) return rootOf(own, new Map(fleet.alerts.map((alert) => [alert.id, alert])));
  return episodes(fleet.alerts)[0]?.root ?? null;
}

import { moveInAlerts } from './alerts-flow.ts';
import { chosenService } from './host-figures.ts';
import { matches, parseFilter } from './filter.ts';
import { moveInIncidents } from './incident-flow.ts';
import { moveInJournal } from './journal-flow.ts';
import { movedCursor } from './list-rows.ts';
import { moveInApprovals } from './approval-flow.ts';
import { moveInRoutines } from './routine-flow.ts';
import type { Session } from './session.ts';
import type { PlaybookScreen } from './playbook-state.ts';
import { movePlaybookCursor } from './playbook-lists.ts';
import { cursorIndex, moveBy, moveTo, replaceScreen, type ScreenEntry, type ScreenKind, screenOf } from './state.ts';

/** Up or down by rows, on whatever the screen's cursor is. */
export function move(session: Session, delta: number): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'fleet') {
    const order = session.order();
    session.update((ui) => moveBy(ui, order, delta));
    return;
  }
  if (screen.kind === 'journal') {
    moveInJournal(session, delta);
    return;
  }
  if (screen.kind === 'alerts') {
    moveInAlerts(session, screen, delta);
    return;
  }
  if (screen.kind === 'incidents') {
    moveInIncidents(session, screen, delta);
    return;
  }
  if (screen.kind === 'approvals') {
    moveInApprovals(session, screen, delta);
    return;
  }
  if (screen.kind === 'routines') {
    moveInRoutines(session, screen, delta);
    return;
  }
  if (screen.kind === 'pools' || screen.kind === 'backups') {
    const fleet = session.fleet();
    session.update((ui) => replaceScreen(ui, movedCursor(screen, fleet, delta)));
    return;
  }
  if (isOfPlaybooks(screen) && movePlaybookCursor(session, screen, delta)) return;
  if (screen.kind === 'host') {
    const view = session.fleet().byId.get(screen.hostId);
    const count = view?.services.length ?? 0;
    const service = view === undefined ? 0 : chosenService(view, screen.service) + delta;
    if (count > 0 && service >= 0 && service < count) {
      session.update((ui) => replaceScreen(ui, { ...screen, service, scroll: null }));
      return;
    }
  }
  scroll(session, delta);
}

/** Screens whose cursor is on a row. */
const isList = (kind: ScreenKind): boolean =>
  kind === 'fleet' ||
  kind === 'journal' ||
  kind === 'pools' ||
  kind === 'backups' ||
  kind === 'alerts' ||
  kind === 'incidents' ||
  kind === 'routines' ||
  kind === 'approvals' ||
  kind === 'playbooks' ||
  kind === 'runs';

const isOfPlaybooks = (screen: ScreenEntry): screen is PlaybookScreen =>
  screen.kind === 'playbooks' || screen.kind === 'playbook' || screen.kind === 'runs' || screen.kind === 'playbook-run';

/** By pages: 1 is a whole one, 0.5 a half. */
export function page(session: Session, pages: number): void {
  const rows = Math.max(1, Math.floor(session.viewport.bodyRows * Math.abs(pages))) * Math.sign(pages);
  const screen = screenOf(session.ui.getState());
  if (isList(screen.kind)) move(session, rows);
  else scroll(session, rows);
}

export function toEdge(session: Session, edge: 'first' | 'last'): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'fleet') {
    const order = session.order();
    session.update((ui) => moveTo(ui, order, edge === 'first' ? 0 : order.length - 1));
    return;
  }
  if (isList(screen.kind) || screen.kind === 'playbook-run') {
    move(session, edge === 'first' ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
    return;
  }
  scroll(session, edge === 'first' ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
}

function scroll(session: Session, delta: number): void {
  const screen = screenOf(session.ui.getState());
  const { top, maxTop } = session.viewport;
  const clamp = (from: number): number => Math.max(0, Math.min(maxTop, from + delta));
  if (screen.kind === 'help') {
    const rows = session.viewport.maxTop;
    session.update((ui) => replaceScreen(ui, { ...screen, cursor: Math.max(0, Math.min(rows, screen.cursor + delta)) }));
  } else if (screen.kind === 'host') {
    session.update((ui) => replaceScreen(ui, { ...screen, scroll: clamp(screen.scroll ?? top) }));
  } else if (
    screen.kind === 'raw' ||
    screen.kind === 'run' ||
    screen.kind === 'entry' ||
    screen.kind === 'sources' ||
    screen.kind === 'incident' ||
    screen.kind === 'contacts' ||
    screen.kind === 'playbook' ||
    screen.kind === 'playbook-run'
  ) {
    session.update((ui) => replaceScreen(ui, { ...screen, scroll: clamp(screen.scroll) }));
  }
}

/** `n` and `N`: the next row the last filter matches, round the end. */
export function toMatch(session: Session, direction: 1 | -1): void {
  const ui = session.ui.getState();
  const terms = parseFilter(ui.filter || ui.lastSearch);
  if (terms.length === 0) {
    session.note('Nothing was searched for yet: / filters.');
    return;
  }
  const rows = session.rows();
  const from = cursorIndex(ui, session.order());
  for (let step = 1; step <= rows.length; step += 1) {
    const index = (from + direction * step + rows.length * step) % rows.length;
    const view = rows[index];
    if (view !== undefined && matches(view, terms)) {
      const order = session.order();
      session.update((state) => moveTo(state, order, index));
      return;
    }
  }
  session.note(`No host matches ${ui.filter || ui.lastSearch}.`);
}

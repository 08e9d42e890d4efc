import type { Alert } from '../src/fleet/alert.ts';
import { incidentFromAlert } from '../src/journal/incident/from-alert.ts';
import type { Incident } from '../src/journal/incident/incident.ts';
import { episodes } from './episodes.ts';
import { askNote, askStart, showWritten } from './incident-forms.ts';
import { isOpen, type LineSource, type TellingScreen } from './incident-state.ts';
import { chosenRow } from './journal-flow.ts';
import { marksOfRun } from './run-marks.ts';
import type { Session } from './session.ts';
import { sentence, showDialog } from './show-dialog.ts';
import { chosenService } from './host-figures.ts';
import { openScreen, replaceScreen, screenOf } from './state.ts';

type Of<Kind extends TellingScreen['kind']> = Extract<TellingScreen, { kind: Kind }>;

/** Incidents as the list shows them: the open ones first, newest first. */
export function listed(all: readonly Incident[]): readonly Incident[] {
  return all.toReversed().toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
}

/** Place of the cursor's incident; the first when it is gone. -1 when there are none. */
export function incidentIndex(rows: readonly Incident[], cursor: string | null): number {
  return rows.length === 0
    ? -1
    : Math.max(
        0,
        rows.findIndex((incident) => incident.id === cursor),
      );
}

/** The incident a key is about: the one shown, the one under the cursor, else the one that notes go to. */
export function incidentHere(session: Session): Incident | null {
  const screen = screenOf(session.ui.getState());
  const all = session.console.incidents.list();
  if (screen.kind === 'incident') return all.find((incident) => incident.id === screen.id) ?? null;
  if (screen.kind === 'incidents') {
    const rows = listed(all);
    return rows[incidentIndex(rows, screen.cursor)] ?? null;
  }
  return chosenIncident(session);
}

/** Where a note goes: the incident chosen last, else the newest open one. */
export function chosenIncident(session: Session): Incident | null {
  const open = session.console.incidents.list().filter(isOpen);
  const { incident } = session.ui.getState();
  return open.find(({ id }) => id === incident) ?? open.at(-1) ?? null;
}

/** `I`: the open incident, the list when there is none or several. */
export function openIncidents(session: Session): void {
  const [only, second] = session.console.incidents.list().filter(isOpen);
  if (only !== undefined && second === undefined) showIncident(session, only.id);
  else session.update((ui) => openScreen(ui, { kind: 'incidents', cursor: null }));
}

/** Opens one incident; notes go to it from now on. */
export function showIncident(session: Session, id: string): void {
  session.update((ui) => {
    const screen = screenOf(ui);
    const opened: TellingScreen = { kind: 'incident', id, scroll: 0 };
    return { ...(screen.kind === 'incident' ? replaceScreen(ui, opened) : openScreen(ui, opened)), incident: id };
  });
}

export function moveInIncidents(session: Session, screen: Of<'incidents'>, delta: number): void {
  const rows = listed(session.console.incidents.list());
  const at = Math.max(0, Math.min(rows.length - 1, incidentIndex(rows, screen.cursor) + delta));
  session.update((ui) => replaceScreen(ui, { ...screen, cursor: rows[at]?.id ?? null }));
}

/** The form of a new incident, filled in from what is wrong with the host in hand, else from the worst root cause. */
export function offerStart(session: Session): void {
  const { alerts } = session.fleet();
  const view = session.selected();
  const screen = screenOf(session.ui.getState());
  const roots = episodes(alerts);
  const own = view === null ? undefined : roots.find(({ root, explains }) => [root, ...explains].some((one) => one.host === view.host.id));
  const atHost = screen.kind === 'host' || screen.kind === 'raw' || screen.kind === 'pools' || screen.kind === 'backups';
  // Elsewhere than at a host what is worst is meant.
  const alert: Alert | null = own?.root ?? (atHost ? null : (roots[0]?.root ?? null));
  const named = view === null || !atHost ? [] : [view.host.name];
  if (alert === null) askStart(session, { title: '', severity: 'sev3', hosts: named, alert: null, began: null, detected: null });
  else askStart(session, { ...incidentFromAlert(alert, alerts), detected: session.now() });
}

/** `i`: a note from any screen. */
export function offerNote(session: Session): void {
  askNote(session, '', null);
}

/** `M`: what stands at the cursor becomes a note with where it comes from; of plain text a line is picked first. */
export function offerMark(session: Session): void {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  const view = session.selected();
  if (screen.kind === 'journal') {
    const row = chosenRow(session);
    if (row !== null) askNote(session, [row.command ?? row.what, row.outcome].join(': '), sourceOf(row.targets));
  } else if (screen.kind === 'host' && view !== null) {
    const service = view.services[chosenService(view, screen.service)];
    const words = service === undefined ? view.verdict.reasons.map((reason) => reason.text).join('; ') : serviceText(service);
    askNote(session, words || `${view.host.name} is ${view.verdict.health}`, { host: view.host.name, service: service?.name ?? null });
  } else {
    const marks = marksOfRun(session);
    const lines = (marks?.lines ?? session.viewport.shown).filter((text) => text.trim() !== '');
    const row = chosenRow(session);
    const source =
      marks !== null ? marks.source : row !== null ? sourceOf(row.targets) : view === null ? null : { host: view.host.name, service: null };
    if (lines.length === 0) session.note('There is no line to mark.');
    else showDialog(session, { kind: 'mark', lines, cursor: 0, source, openedAt: session.now() });
  }
}

function serviceText(service: {
  readonly name: string;
  readonly state: string;
  readonly sub: string | null;
  readonly reasons: readonly string[];
}): string {
  const why = service.reasons.length === 0 ? '' : `: ${service.reasons.join('; ')}`;
  return `${service.name} is ${service.state}${service.sub === null ? '' : ` (${service.sub})`}${why}`;
}

/** `web1/pencils` is a service of a host, `web1` a host. */
function sourceOf(targets: string): LineSource | null {
  const [first = ''] = targets.split(/[\s,]/, 1);
  const [host = '', service = null] = first.split('/', 2);
  return host === '' ? null : { host, service };
}

/** Writes the hand-off summary and says where it lies. */
export function writeHandoff(session: Session): void {
  try {
    showWritten(session, 'hand-off', `Hand-off of the last 8 hours: ${session.console.incidents.handoff()}`);
  } catch (error) {
    session.note(`Not written: ${sentence(error)}`, 'crit');
  }
}

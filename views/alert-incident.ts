import { incidentFromAlert } from '../src/journal/incident/from-alert.ts';
import { chosenAlert } from './alerts-flow.ts';
import { rootOf } from './episodes.ts';
import { duration, withoutHost } from './format.ts';
import { showIncident } from './incident-flow.ts';
import { askNote, askStart } from './incident-forms.ts';
import { isOpen } from './incident-state.ts';
import type { Session } from './session.ts';

/** `I`: the form of a new incident from this alert, or the open incident that was started from it. */
export function incidentFromChosen(session: Session): void {
  const row = chosenAlert(session);
  if (row === null) return;
  const id = row.kind === 'ended' ? row.ended.id : row.alert.id;
  const { alerts } = session.fleet();
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  // Of a chain of causes the root is the incident.
  const flat = alerts.map((alert) => ({ ...alert, cause: alert.cause === null ? null : rootOf(alert, byId).id }));
  const chosen = row.kind === 'ended' ? { ...row.ended, hostName: row.ended.host, cause: null } : flat.find((alert) => alert.id === id);
  if (chosen === undefined) return;
  const known = incidentFromAlert(chosen, flat);
  const there = session.console.incidents.list().find((incident) => isOpen(incident) && incident.alert === known.alert);
  if (there === undefined) askStart(session, { ...known, detected: row.kind === 'ended' ? row.endedAt : session.now() });
  else {
    showIncident(session, there.id);
    session.note(`${there.id} was started from this alert.`);
  }
}

/** `M`: the alert as a line of the incident. */
export function markAlert(session: Session): void {
  const row = chosenAlert(session);
  if (row === null) return;
  if (row.kind === 'ended') {
    const { ended, endedAt } = row;
    const text = `${ended.name}: ${ended.what}; ended after ${duration(endedAt - ended.since)}`;
    askNote(session, text, ended.host === null ? null : { host: ended.host, service: null });
    return;
  }
  const { name, severity, hostName, what, since, labels } = row.alert;
  const text = `${name} ${severity}: ${withoutHost(what, hostName)} for ${duration(session.now() - since)}`;
  askNote(session, text, hostName === null ? null : { host: hostName, service: labels['service'] ?? null });
}

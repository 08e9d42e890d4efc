import { type AlertEpisode, alertEpisodes } from '../../journal/alert-episodes.ts';
import type { Severity, Visibility } from '../../journal/incident/event.ts';
import { incidentFromAlert } from '../../journal/incident/from-alert.ts';
import type { GlobalOptions } from '../global-options.ts';
import { UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { type OpenDesk, recorded } from './open-desk.ts';

export interface StartOptions {
  readonly title: string;
  readonly severity: Severity | null;
  readonly visibility: Visibility;
  readonly alert: string | null;
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  readonly at: string | null;
  readonly began: string | null;
  readonly detected: string | null;
  readonly commander: string | null;
  readonly json: boolean;
}

/** Declares an incident, by hand or from an alert that a console has seen. */
export function incidentStart(options: GlobalOptions, how: StartOptions): Promise<number> {
  return recorded(options, how.json, (open) => {
    const { desk } = open;
    const now = Date.now();
    const from = how.alert === null ? null : fromAlert(open, how.alert);
    const title = how.title.trim() === '' ? from?.title : how.title;
    if (title === undefined) throw new UsageError('incident start needs a title, or --alert');
    const incident = desk.start(
      {
        title,
        severity: how.severity ?? from?.severity ?? 'sev3',
        visibility: how.visibility,
        alert: from?.alert ?? null,
        hosts: [...new Set([...(from?.hosts ?? []), ...how.hosts])],
        services: how.services,
        began: eventTime(how.began, '--began', now) ?? from?.began ?? null,
        detected: eventTime(how.detected, '--detected', now),
      },
      eventTime(how.at, '--at', now),
    );
    return how.commander === null ? incident : desk.role(incident.id, 'commander', how.commander);
  });
}

function fromAlert({ journal, fleet }: OpenDesk, name: string): ReturnType<typeof incidentFromAlert> {
  const all = alertEpisodes(journal.ofKinds(['alert']), fleet.name).map(told);
  const found = all.findLast((alert) => alert.id === name) ?? all.findLast((alert) => alert.name === name && alert.endedAt === null);
  if (found === undefined) {
    const standing = all.filter((alert) => alert.endedAt === null).map((alert) => alert.id);
    const known = standing.length === 0 ? 'no alert stands in the journal' : `standing: ${standing.slice(-10).join(', ')}`;
    throw new UsageError(`no console of this journal has seen an alert ${JSON.stringify(name)}; ${known}`);
  }
  return incidentFromAlert(
    found,
    all.filter((alert) => alert.endedAt === null || alert.endedAt >= found.since),
  );
}

function told(alert: AlertEpisode): AlertEpisode & { readonly hostName: string | null } {
  return { ...alert, hostName: alert.host };
}

import { formatDuration, formatMinute } from '../../fleet/duration.ts';
import { alertEpisodes } from '../alert-episodes.ts';
import type { Entry } from '../entry.ts';
import { holderOf, type Incident, spanOf, updateDueAt } from '../incident/incident.ts';
import { sev } from '../incident/event-words.ts';
import type { RoutineState } from '../routines.ts';
import { escapeMarkdown, markdownCode } from './escape.ts';
import { runsIn } from './run-items.ts';
import { timelineOf } from './timeline.ts';

/** What the next shift must know. Times are ISO 8601 UTC. */
export interface Handoff {
  readonly format: 'quarterdeck-handoff';
  readonly version: 1;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly alertsOpen: readonly {
    readonly severity: string;
    readonly name: string;
    readonly host: string | null;
    readonly what: string;
    readonly since: string;
    readonly ackedBy: string | null;
    readonly cause: string | null;
  }[];
  readonly alertsOver: number;
  readonly debts: readonly string[];
  readonly runsOpen: readonly {
    readonly id: string;
    readonly playbook: string;
    readonly title: string;
    readonly operator: string;
    readonly since: string;
  }[];
  readonly incidentsOpen: readonly {
    readonly id: string;
    readonly severity: string;
    readonly title: string;
    readonly status: string;
    readonly commander: string | null;
    readonly since: string;
    readonly updateDueAt: string | null;
    readonly followUps: number;
  }[];
  /** Ended in this time, or before it with follow-ups that are still open. */
  readonly incidentsEnded: readonly {
    readonly id: string;
    readonly severity: string;
    readonly title: string;
    readonly endedAt: string;
    readonly lastedMs: number;
    readonly followUps: readonly { readonly text: string; readonly owner: string | null; readonly due: string | null }[];
  }[];
  readonly changes: readonly {
    readonly at: string;
    readonly who: string;
    readonly text: string;
    readonly command: string | null;
    readonly outcome: string | null;
  }[];
  readonly notes: readonly { readonly at: string; readonly who: string; readonly text: string }[];
  readonly routines: readonly {
    readonly period: string;
    readonly text: string;
    readonly due: boolean;
    readonly doneAt: string | null;
    readonly doneBy: string | null;
    readonly state: string | null;
    readonly note: string | null;
  }[];
}

export interface HandoffInput {
  readonly fleet: string;
  /** Epoch ms. */
  readonly from: number;
  readonly now: number;
  /** Entries in the journal's order, from well before `from`, so that what began earlier and still stands is seen. */
  readonly entries: readonly Entry[];
  readonly incidents: readonly Incident[];
  readonly debts: readonly string[];
  readonly routines: readonly RoutineState[];
}

/** Alerts that stand without a word for so long are not known to stand: no console watched, ms. */
const forgottenMs = 7 * 24 * 3_600_000;

/** Gathers a shift. Pure. */
export function handoffOf({ fleet, from, now, entries, incidents, debts, routines }: HandoffInput): Handoff {
  const alerts = alertEpisodes(entries, fleet);
  const items = timelineOf(entries, { from, to: now, fleet, hosts: null, incident: null });
  const standing = alerts.filter((alert) => alert.endedAt === null && now - alert.since < forgottenMs);
  return {
    format: 'quarterdeck-handoff',
    version: 1,
    fleet,
    from: iso(from),
    to: iso(now),
    alertsOpen: standing.map(({ severity, name, host, what, since, ackedBy, cause }) => ({
      severity,
      name,
      host,
      what,
      since: iso(since),
      ackedBy,
      cause,
    })),
    alertsOver: alerts.filter((alert) => alert.endedAt !== null && alert.endedAt >= from).length,
    debts,
    runsOpen: runsIn(entries)
      .filter((run) => run.closedAt === null)
      .map(({ id, playbook, title, operator, openedAt }) => ({ id, playbook, title, operator, since: iso(openedAt) })),
    incidentsOpen: incidents
      .filter((incident) => incident.status !== 'closed' && incident.fleet === fleet)
      .map((incident) => {
        const due = updateDueAt(incident);
        const since = incident.times.began ?? incident.times.declared;
        return {
          id: incident.id,
          severity: sev(incident.severity),
          title: incident.title,
          status: incident.status,
          commander: holderOf(incident, 'commander'),
          since: iso(since?.at ?? now),
          updateDueAt: due === null ? null : iso(due),
          followUps: incident.followUps.filter((each) => !each.done).length,
        };
      }),
    incidentsEnded: incidents.filter((incident) => incident.fleet === fleet).flatMap((incident) => endedSince(incident, from)),
    changes: items
      .filter((item) => item.source === 'change' && item.at >= from)
      .map(({ at, who, text, command, outcome }) => ({ at: iso(at), who, text, command, outcome })),
    notes: items
      .filter((item) => (item.source === 'note' || item.source === 'decision') && item.by === 'person' && item.at >= from)
      .map(({ at, who, text }) => ({ at: iso(at), who, text })),
    routines: routines.map(({ period, text, due, done }) => ({
      period,
      text,
      due,
      doneAt: done === null ? null : iso(done.at),
      doneBy: done?.who ?? null,
      state: done?.state ?? null,
      note: done?.note ?? null,
    })),
  };
}

/** So long after its end an incident's open follow-ups are no business of a shift any more, ms. */
const remindMs = 14 * 24 * 3_600_000;

function endedSince(incident: Incident, from: number): Handoff['incidentsEnded'] {
  const { id, severity, title, times, followUps } = incident;
  const span = spanOf(incident);
  const asked = followUps.filter((each) => !each.done);
  if (times.closed === null || span.to === null) return [];
  if (times.closed.at < from && (asked.length === 0 || times.closed.at < from - remindMs)) return [];
  return [
    {
      id,
      severity: sev(severity),
      title,
      endedAt: iso(span.to),
      lastedMs: span.to - span.from,
      followUps: asked.map(({ text, owner, due }) => ({ text, owner, due })),
    },
  ];
}

/** The summary as Markdown that can be read as it is; what needs somebody comes first. */
export function handoffMarkdown(handoff: Handoff): string {
  const now = Date.parse(handoff.to);
  const age = (at: string): string => formatDuration(now - Date.parse(at));
  const e = escapeMarkdown;
  const sections: (readonly [string, readonly string[]])[] = [
    [
      'Open incidents',
      handoff.incidentsOpen.map((incident) => {
        const due =
          incident.updateDueAt === null
            ? ''
            : `, next update ${incident.updateDueAt < handoff.to ? 'overdue since' : 'at'} ${clock(incident.updateDueAt)}`;
        return `- ${incident.id} ${incident.severity} ${e(incident.title)}: ${incident.status} for ${age(incident.since)}, commander ${e(incident.commander ?? 'nobody')}${due}, open follow-ups: ${incident.followUps}`;
      }),
    ],
    [
      'Incidents that ended',
      handoff.incidentsEnded.flatMap(({ id, severity, title, endedAt, lastedMs, followUps }) => [
        `- ${id} ${severity} ${e(title)}: ended ${formatMinute(endedAt)} after ${formatDuration(lastedMs)}`,
        ...followUps.map(
          ({ text, owner, due }) => `  - to do: ${e(text)} (${e(owner ?? 'nobody yet')}${due === null ? '' : `, due ${e(due)}`})`,
        ),
      ]),
    ],
    [
      'Alerts that stand',
      handoff.alertsOpen
        .filter((alert) => alert.cause === null)
        .map((alert) => {
          const explained = handoff.alertsOpen.filter((other) => other.cause !== null && other.cause.startsWith(`${alert.name}@`)).length;
          const more = explained === 0 ? '' : ` (explains ${explained} more)`;
          return `- ${alert.severity} ${e(alert.name)}${alert.host === null ? '' : ` on ${e(alert.host)}`}: ${e(alert.what)}, for ${age(alert.since)}${alert.ackedBy === null ? '' : `, acknowledged by ${e(alert.ackedBy)}`}${more}`;
        }),
    ],
    ['Owed back', handoff.debts.map((debt) => `- ${e(debt)}`)],
    [
      'Runs left open',
      handoff.runsOpen.map(
        (run) =>
          `- ${e(run.playbook)}: ${e(run.title)}, by ${e(run.operator)}, for ${age(run.since)}; quarterdeck playbook resume ${markdownCode(run.id)}`,
      ),
    ],
    [
      'Changes made',
      handoff.changes.map(
        (change) =>
          `- ${clock(change.at)} ${e(change.who)}: ${e(change.text)}${change.command === null ? '' : ` ${markdownCode(change.command)}`}`,
      ),
    ],
    ['Notes', handoff.notes.map((note) => `- ${clock(note.at)} ${e(note.who)}: ${e(note.text)}`)],
    [
      'Routines',
      handoff.routines.map((routine) => {
        const last =
          routine.doneAt === null
            ? 'never done'
            : `${routine.state ?? 'done'} ${formatMinute(routine.doneAt)} by ${e(routine.doneBy ?? '?')}${routine.note === null ? '' : `: ${e(routine.note)}`}`;
        return `- [${routine.due ? ' ' : 'x'}] ${routine.period}: ${e(routine.text)} (${last})`;
      }),
    ],
  ];
  const body = sections.map(([title, lines]) => `## ${title}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}`);
  const head = `# Hand-off of ${e(handoff.fleet)}, ${formatMinute(handoff.from)} to ${formatMinute(handoff.to)} UTC`;
  return `${[head, ...body].join('\n\n')}\n\nAlerts that came and went in this time: ${handoff.alertsOver}.\n`;
}

function clock(at: string): string {
  return at.slice(11, 16);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

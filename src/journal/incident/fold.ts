import type { Entry } from '../entry.ts';
import { type IncidentEvent, type IncidentTime, isLate, readIncidentEvent, type RecordedEvent } from './event.ts';
import { type FollowUp, holds, type Incident, type Told } from './incident.ts';

/**
 * Every incident of a journal, oldest first, from its entries in their order; entries of other kinds are passed over. Their numbers count
 * the incidents of the journal, so all of its entries of kind `incident` must be given.
 */
export function foldIncidents(entries: readonly Entry[]): readonly Incident[] {
  const incidents = new Map<string, Incident>();
  let count = 0;
  for (const entry of entries) {
    const recorded = readIncidentEvent(entry);
    if (recorded === null) continue;
    const before = incidents.get(recorded.key);
    if (recorded.event.event === 'start') {
      count += 1;
      if (before === undefined) incidents.set(recorded.key, started(recorded, recorded.event, `INC-${count}`));
    } else if (before !== undefined) {
      incidents.set(recorded.key, step(before, recorded));
    }
  }
  return [...incidents.values()];
}

/** Those that are not closed, oldest first. */
export function openIncidents(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.filter((incident) => incident.status !== 'closed');
}

/** An incident by `INC-12`, `inc-12` or `12`; `null` when there is none. */
export function incidentNamed(incidents: readonly Incident[], name: string): Incident | null {
  const number = /^(?:inc-)?([1-9]\d*)$/i.exec(name.trim())?.[1];
  return incidents.find((incident) => incident.id === `INC-${number ?? ''}`) ?? null;
}

type StartEvent = Extract<IncidentEvent, { event: 'start' }>;

function started(recorded: RecordedEvent, event: StartEvent, id: string): Incident {
  const told = toldOf(recorded);
  return {
    id,
    key: recorded.key,
    fleet: event.fleet,
    title: event.title,
    status: 'open',
    severity: event.severity,
    severities: [{ ...told, to: event.severity, why: null }],
    visibility: event.visibility,
    alert: event.alert,
    hosts: unique(event.hosts),
    services: unique(event.services),
    times: { began: null, detected: null, acknowledged: null, declared: told, mitigated: null, resolved: null, closed: null },
    roles: [],
    notes: [],
    followUps: [],
    decisions: [],
    updates: [],
    impact: [],
    analysis: {},
    evidence: [],
    people: [recorded.who],
    startedBy: recorded.who,
  };
}

function step(before: Incident, recorded: RecordedEvent): Incident {
  const next = applied(before, recorded);
  const named = recorded.event.event === 'role' ? [recorded.who, recorded.event.person] : [recorded.who];
  const fresh = unique(named).filter((person) => !next.people.includes(person));
  return fresh.length === 0 ? next : { ...next, people: [...next.people, ...fresh] };
}

function applied(incident: Incident, recorded: RecordedEvent): Incident {
  const { event } = recorded;
  const told = toldOf(recorded);
  switch (event.event) {
    case 'start':
      return incident;
    case 'scope':
      return {
        ...incident,
        hosts: unique([...incident.hosts, ...event.hosts]),
        services: unique([...incident.services, ...event.services]),
      };
    case 'visibility':
      return { ...incident, visibility: event.to };
    case 'title':
      return { ...incident, title: event.to };
    case 'severity': {
      const all = [...incident.severities, { ...told, to: event.to, why: event.why }].toSorted((a, b) => a.at - b.at || a.seq - b.seq);
      return { ...incident, severities: all, severity: all.at(-1)?.to ?? event.to };
    }
    case 'time':
      return withTimes(incident, {
        ...incident.times,
        [event.which]: { ...told, late: isLate(recorded, incident.times.declared?.at ?? 0) },
      });
    case 'reopen':
      return withTimes(incident, { ...incident.times, mitigated: null, resolved: null, closed: null });
    case 'role':
      return event.change === 'take' ? taken(incident, event.role, event.person, told) : left(incident, event.role, event.person, told.at);
    case 'note': {
      const todo = todoOf(event.text);
      const followUp: FollowUp[] = todo === null ? [] : [{ ...open, of: told.seq, text: todo, who: told.who, at: told.at }];
      return {
        ...incident,
        notes: [...incident.notes, { ...told, text: event.text, source: event.source }],
        followUps: [...incident.followUps, ...followUp],
      };
    }
    case 'follow-up': {
      const { owner, ticket, due, done, of } = event;
      // What is not said stays as it was.
      const changed = (old: FollowUp): FollowUp => ({
        ...old,
        owner: owner ?? old.owner,
        ticket: ticket ?? old.ticket,
        due: due ?? old.due,
        done,
      });
      return { ...incident, followUps: incident.followUps.map((old) => (old.of === of ? changed(old) : old)) };
    }
    case 'decision': {
      const { question, options, outcome, executes } = event;
      return { ...incident, decisions: [...incident.decisions, { ...told, question, options, outcome, executes }] };
    }
    case 'update':
      return { ...incident, updates: [...incident.updates, { ...told, to: event.to, text: event.text }] };
    case 'impact': {
      const kept = incident.impact.filter((impact) => impact.name !== event.name);
      return { ...incident, impact: [...kept, { ...told, name: event.name, value: event.value, unit: event.unit }] };
    }
    case 'analysis':
      return { ...incident, analysis: { ...incident.analysis, [event.field]: event.text } };
    case 'evidence':
      return { ...incident, evidence: [...incident.evidence, { ...told, text: event.text, file: event.file, sha256: event.sha256 }] };
    default:
      return event satisfies never;
  }
}

const open = { owner: null, ticket: null, due: null, done: false } as const;

/** PagerDuty's scribes mark follow-ups with a TODO in the chat (`scribe.md`). */
function todoOf(text: string): string | null {
  const found = [...text.matchAll(/(?<![\p{L}\p{N}_])TODO\b[\s:,-]*(?<what>\S(?:(?!(?<![\p{L}\p{N}_])TODO\b)[^\n])*)/gu)];
  const asked = found.flatMap((each) => each.groups?.['what']?.trim().replace(/[;,]$/, '') || []);
  return asked.length === 0 ? null : asked.join('; ');
}

function taken(incident: Incident, role: RoleOf, person: string, told: Told): Incident {
  if (holds(incident, role, person)) return incident;
  // Several experts take part at once; every other role has one holder, and the next relieves the one before.
  const relieved = (span: Incident['roles'][number]): boolean =>
    span.role === role && span.until === null && (role !== 'expert' || span.person === person);
  const roles = incident.roles.map((span) => (relieved(span) ? { ...span, until: told.at } : span));
  return { ...incident, roles: [...roles, { ...told, role, person, until: null }] };
}

type RoleOf = Incident['roles'][number]['role'];

function left(incident: Incident, role: RoleOf, person: string, at: number): Incident {
  const held = (span: Incident['roles'][number]): boolean => span.role === role && span.person === person && span.until === null;
  return { ...incident, roles: incident.roles.map((span) => (held(span) ? { ...span, until: at } : span)) };
}

function withTimes(incident: Incident, times: Record<IncidentTime, Told | null>): Incident {
  const status = times.closed ? 'closed' : times.resolved ? 'resolved' : times.mitigated ? 'mitigated' : 'open';
  return { ...incident, times, status };
}

function toldOf(recorded: RecordedEvent): Told {
  const { event, seq, who } = recorded;
  return { at: event.at, who, late: isLate(recorded, 0), seq };
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}

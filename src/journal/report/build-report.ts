import type { Entry } from '../entry.ts';
import type { HistoryRow } from '../history.ts';
import type { AnalysisField } from '../incident/event.ts';
import { sev } from '../incident/event-words.ts';
import { type Incident, spanOf, timeAtSeverity, type Told, worstOf } from '../incident/incident.ts';
import { chartsOf } from './charts.ts';
import type { Report, ReportItem } from './report.ts';
import { runsOf } from './runs-of.ts';
import { timelineOf } from './timeline.ts';
import type { Scope, TimelineItem } from './timeline-item.ts';
import { type Facts, wordsFor } from './told-by-record.ts';

export interface ReportInput {
  /** `null`: a period of the journal. */
  readonly incident: Incident | null;
  readonly scope: Scope;
  readonly fleetTitle: string;
  /** Entries of the journal in their order: those of the scope, and of an incident's report every one of incidents. */
  readonly entries: readonly Entry[];
  readonly history: readonly HistoryRow[];
  /** What is owed now, in words. */
  readonly debts: readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

/** The scope of an incident: from its first time to its end, and now while it goes on, with its hosts (all when it names none). */
export function scopeOf(incident: Incident, fleet: string, now: number): Scope {
  const { from, to } = spanOf(incident);
  return { from, to: to ?? now, fleet, hosts: incident.hosts.length === 0 ? null : incident.hosts, incident: incident.key };
}

/** Puts all that is known into one document. Pure: the same journal gives the same report. */
export function buildReport(input: ReportInput): Report {
  const { incident, scope, entries, now } = input;
  const period = incident === null ? scope : aroundIncident(scope, incident, now);
  const items = timelineOf(entries, period);
  const timeline = items.map(itemOf);
  const runs = runsOf(entries, scope).filter((run) => run.openedAt <= period.to && (run.closedAt ?? now) >= period.from);
  const ended = incident === null || spanOf(incident).to !== null;
  const facts: Facts = { incident, scope, items, runs, fleetTitle: input.fleetTitle, ended };
  return {
    format: 'quarterdeck-report',
    version: 1,
    variant: 'internal',
    id: incident?.id ?? null,
    title: incident?.title ?? `Record of ${input.fleetTitle}`,
    fleet: scope.fleet,
    status: incident?.status ?? null,
    severity: incident === null ? null : sev(incident.severity),
    worstSeverity: incident === null ? null : sev(worstOf(incident)),
    severities: (incident?.severities ?? []).map(({ at, to, why, who }) => ({ at: iso(at), severity: sev(to), why, who })),
    timeAtSeverity: incident === null ? [] : [...timeAtSeverity(incident, now)].map(([severity, ms]) => ({ severity: sev(severity), ms })),
    visibility: incident?.visibility ?? null,
    madeAt: iso(now),
    from: iso(scope.from),
    to: iso(scope.to),
    ongoing: !ended,
    times: incident === null ? null : timesOf(incident),
    hosts: incident === null ? (scope.hosts ?? []) : incident.hosts,
    services: incident?.services ?? [],
    alert: incident?.alert ?? null,
    analysis: analysisOf(facts),
    impact: (incident?.impact ?? []).map(({ name, value, unit }) => ({ name, value, unit })),
    responders: (incident?.roles ?? []).map(({ role, person, at, until }) => ({
      role,
      person,
      from: iso(at),
      until: until === null ? null : iso(until),
    })),
    timeline,
    decisions: (incident?.decisions ?? []).map(({ at, question, options, outcome, executes, who }) => ({
      at: iso(at),
      question,
      options,
      outcome,
      executes,
      who,
    })),
    followUps: (incident?.followUps ?? []).map(({ text, owner, ticket, due, done }) => ({ text, owner, ticket, due, done })),
    updates: (incident?.updates ?? []).map(({ at, to, text }) => ({ at: iso(at), to, text })),
    playbooks: runs.map((run) => ({
      playbook: run.playbook,
      title: run.title,
      sha256: run.sha256,
      from: iso(run.openedAt),
      to: run.closedAt === null ? null : iso(run.closedAt),
      operator: run.operator,
      hosts: run.hosts,
      result: run.result,
      message: run.message,
      looked: run.looked,
      changes: run.changes.map(({ at, text, outcome }) => ({ at: iso(at), text, outcome })),
      skipped: run.skipped.map(({ key, why }) => ({ step: key, why })),
    })),
    debts: input.debts,
    charts: chartsOf(input.history),
  };
}

/** What people told of an incident belongs to it even where it happened before the first time given, or after its end. */
export function aroundIncident(scope: Scope, incident: Incident, now: number): Scope {
  const times = Object.values(incident.times).filter((time) => time !== null);
  const told = [...times, ...incident.notes, ...incident.decisions, ...incident.updates, ...incident.evidence].map((each) => each.at);
  return {
    ...scope,
    from: Math.min(scope.from, ...told),
    to: incident.status === 'closed' ? Math.max(scope.to, ...told) : Math.max(scope.to, now),
  };
}

function timesOf(incident: Incident): Report['times'] {
  const { began, detected, acknowledged, declared, mitigated, resolved, closed } = incident.times;
  const one = (told: Told | null) => (told === null ? null : { at: iso(told.at), who: told.who, late: told.late });
  return {
    began: one(began),
    detected: one(detected),
    acknowledged: one(acknowledged),
    declared: one(declared),
    mitigated: one(mitigated),
    resolved: one(resolved),
    closed: one(closed),
  };
}

function analysisOf(facts: Facts): Report['analysis'] {
  const of = (field: AnalysisField): Report['analysis'][AnalysisField] => {
    const text = facts.incident?.analysis[field];
    if (text !== undefined && text !== '') return { text, by: 'person' };
    const told = wordsFor(field, facts);
    return told === null ? null : { text: told, by: 'machine' };
  };
  return {
    overview: of('overview'),
    'what-happened': of('what-happened'),
    'contributing-factors': of('contributing-factors'),
    'own-actions-that-made-it-worse': of('own-actions-that-made-it-worse'),
    'resolution-temporary': of('resolution-temporary'),
    'resolution-lasting': of('resolution-lasting'),
    impact: of('impact'),
    'went-well': of('went-well'),
    'went-wrong': of('went-wrong'),
    'messages-internal': of('messages-internal'),
    'messages-external': of('messages-external'),
  };
}

function itemOf(item: TimelineItem): ReportItem {
  const { source, by, who, text, command, outcome, hosts, significant, late, evidence } = item;
  return {
    at: iso(item.at),
    endAt: item.endAt === null ? null : iso(item.endAt),
    source,
    by,
    who,
    text,
    command,
    outcome,
    hosts,
    significant,
    late,
    evidence: { journal: evidence.seq, file: evidence.file, sha256: evidence.sha256 },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

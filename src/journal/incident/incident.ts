import type { AnalysisField, IncidentRole, IncidentTime, Severity, Visibility } from './event.ts';

/** Epoch ms of something, who told of it, and whether it was told long after. */
export interface Told {
  readonly at: number;
  readonly who: string;
  readonly late: boolean;
  /** Number of its journal entry. */
  readonly seq: number;
}

export interface SeverityChange extends Told {
  readonly to: Severity;
  readonly why: string | null;
}

export interface RoleSpan extends Told {
  readonly role: IncidentRole;
  readonly person: string;
  /** Epoch ms, `null` while held. */
  readonly until: number | null;
}

export interface IncidentNote extends Told {
  readonly text: string;
  /** Where a marked log line comes from. */
  readonly source: { readonly host: string; readonly service: string | null } | null;
}

/** A `TODO` of a note, and what became of it. */
export interface FollowUp {
  /** Number of the note's entry: its name when it is changed. */
  readonly of: number;
  readonly text: string;
  readonly who: string;
  readonly at: number;
  readonly owner: string | null;
  readonly ticket: string | null;
  /** A date in the person's own words. */
  readonly due: string | null;
  readonly done: boolean;
}

export interface Decision extends Told {
  readonly question: string;
  readonly options: readonly string[];
  readonly outcome: string;
  readonly executes: string | null;
}

export interface UpdateSent extends Told {
  readonly to: readonly string[];
  readonly text: string;
}

export interface Impact extends Told {
  readonly name: string;
  readonly value: number;
  readonly unit: string | null;
}

export interface Evidence extends Told {
  readonly text: string;
  readonly file: string;
  readonly sha256: string;
}

/** One incident as the journal tells it. Replaced, never mutated. */
export interface Incident {
  /** `INC-12`: the twelfth that this journal holds. */
  readonly id: string;
  /** Action id of its entries. */
  readonly key: string;
  readonly fleet: string;
  readonly title: string;
  readonly status: 'open' | 'mitigated' | 'resolved' | 'closed';
  readonly severity: Severity;
  readonly severities: readonly SeverityChange[];
  readonly visibility: Visibility;
  readonly alert: string | null;
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  readonly times: Readonly<Record<IncidentTime, Told | null>>;
  readonly roles: readonly RoleSpan[];
  readonly notes: readonly IncidentNote[];
  readonly followUps: readonly FollowUp[];
  readonly decisions: readonly Decision[];
  readonly updates: readonly UpdateSent[];
  readonly impact: readonly Impact[];
  readonly analysis: Readonly<Partial<Record<AnalysisField, string>>>;
  readonly evidence: readonly Evidence[];
  /** Who wrote anything into it, and who held a role, in order of appearance. */
  readonly people: readonly string[];
  readonly startedBy: string;
}

/** Who holds a role now; `null` when nobody does. An expert is one of several. */
export function holderOf(incident: Incident, role: IncidentRole): string | null {
  return incident.roles.findLast((span) => span.role === role && span.until === null)?.person ?? null;
}

/** Whether a person holds a role now. */
export function holds(incident: Incident, role: IncidentRole, person: string): boolean {
  return incident.roles.some((span) => span.role === role && span.person === person && span.until === null);
}

/**
 * From the first known time to its end, epoch ms: when the trouble was over, not when the last word about it was written, which may be a
 * week later. `to` is null while it is not over.
 */
export function spanOf(incident: Incident): { readonly from: number; readonly to: number | null } {
  const { times } = incident;
  const known = [times.began, times.detected, times.acknowledged, times.declared].flatMap((time) => (time === null ? [] : [time.at]));
  return { from: Math.min(...known), to: times.resolved?.at ?? times.closed?.at ?? null };
}

/** The worst it ever was. */
export function worstOf(incident: Incident): Severity {
  return incident.severities.reduce((worst, { to }) => (to < worst ? to : worst), incident.severity);
}

/** How long the incident was at each severity, ms; `until` is now, or its end. */
export function timeAtSeverity(incident: Incident, now: number): ReadonlyMap<Severity, number> {
  const end = spanOf(incident).to ?? now;
  const spent = new Map<Severity, number>();
  for (const [index, change] of incident.severities.entries()) {
    const until = Math.min(end, incident.severities[index + 1]?.at ?? end);
    spent.set(change.to, (spent.get(change.to) ?? 0) + Math.max(0, until - change.at));
  }
  return spent;
}

/** People outside expect to hear something this often, ms (PagerDuty, `during_an_incident.md`). */
export const updateEveryMs = 30 * 60_000;

/** When the next update is due, epoch ms; `null` once it is resolved. */
export function updateDueAt(incident: Incident): number | null {
  if (incident.status === 'resolved' || incident.status === 'closed') return null;
  const last = incident.updates.at(-1)?.at ?? incident.times.declared?.at ?? spanOf(incident).from;
  return last + updateEveryMs;
}

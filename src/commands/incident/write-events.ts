import {
  type AnalysisField,
  analysisFields,
  type IncidentRole,
  incidentRoles,
  type IncidentTime,
  incidentTimes,
  severities,
  type Severity,
} from '../../journal/incident/event.ts';
import type { GlobalOptions } from '../global-options.ts';
import { UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { recorded } from './open-desk.ts';

/** What most events of an incident are told with. */
export interface Telling {
  /** `INC-3`; `null`: the only open one. */
  readonly id: string | null;
  readonly at: string | null;
  readonly json: boolean;
}

const atOf = (how: Telling): number | null => eventTime(how.at, '--at', Date.now());

export function incidentNote(
  options: GlobalOptions,
  text: string,
  how: Telling & { readonly host: string | null; readonly service: string | null },
): Promise<number> {
  if (how.service !== null && how.host === null) throw new UsageError('--service says where a log line comes from; it needs --host');
  const source = how.host === null ? null : { host: how.host, service: how.service };
  return recorded(options, how.json, ({ desk }) => desk.note(how.id, text, source, atOf(how)));
}

export function incidentRole(
  options: GlobalOptions,
  role: string,
  person: string,
  how: Telling & { readonly leave: boolean },
): Promise<number> {
  const known = oneOf<IncidentRole>(incidentRoles, role, 'a role');
  return recorded(options, how.json, ({ desk }) => desk.role(how.id, known, person, how.leave ? 'leave' : 'take', atOf(how)));
}

export function incidentDecide(
  options: GlobalOptions,
  question: string,
  outcome: string,
  how: Telling & { readonly options: readonly string[]; readonly executes: string | null },
): Promise<number> {
  return recorded(options, how.json, ({ desk }) =>
    desk.decide(how.id, { question, outcome, options: how.options, executes: how.executes }, atOf(how)),
  );
}

export function incidentSeverity(
  options: GlobalOptions,
  severity: string,
  how: Telling & { readonly why: string | null },
): Promise<number> {
  const known = severityNamed(severity);
  return recorded(options, how.json, ({ desk }) => desk.severity(how.id, known, how.why, atOf(how)));
}

export function incidentTime(options: GlobalOptions, which: string, how: Telling): Promise<number> {
  const known = oneOf<IncidentTime>(incidentTimes, which, 'a time');
  return recorded(options, how.json, ({ desk }) => desk.time(how.id, known, atOf(how)));
}

export function incidentReopen(options: GlobalOptions, id: string, why: string, json: boolean): Promise<number> {
  return recorded(options, json, ({ desk }) => desk.reopen(id, why));
}

export function incidentImpact(options: GlobalOptions, name: string, value: string, unit: string | null, how: Telling): Promise<number> {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new UsageError(`impact takes a number, not ${JSON.stringify(value)}`);
  return recorded(options, how.json, ({ desk }) => desk.impact(how.id, name, number, unit, atOf(how)));
}

export function incidentAnalysis(options: GlobalOptions, field: string, text: string, how: Telling): Promise<number> {
  const known = oneOf<AnalysisField>(analysisFields, field, 'a field of the analysis');
  return recorded(options, how.json, ({ desk }) => desk.analysis(how.id, known, text));
}

export function incidentScope(
  options: GlobalOptions,
  hosts: readonly string[],
  services: readonly string[],
  how: Telling,
): Promise<number> {
  if (hosts.length + services.length === 0) throw new UsageError('scope needs --host or --service');
  return recorded(options, how.json, ({ desk }) => desk.scope(how.id, hosts, services));
}

export function incidentFollowUp(
  options: GlobalOptions,
  of: string,
  how: Telling & { readonly owner: string | null; readonly ticket: string | null; readonly due: string | null; readonly done: boolean },
): Promise<number> {
  const number = Number(of);
  if (!Number.isInteger(number)) throw new UsageError('follow-up takes the number that incident show prints before it');
  const { owner, ticket, due, done } = how;
  return recorded(options, how.json, ({ desk }) => desk.followUp(how.id, number, { owner, ticket, due, done }));
}

/** `sev2`, `SEV-2`, `2` */
export function severityNamed(text: string): Severity {
  const found = severities.find((severity) => severity === `sev${text.toLowerCase().replace(/^sev-?/, '')}`);
  if (found === undefined) throw new UsageError(`a severity is sev1 (the worst) to sev5, not ${JSON.stringify(text)}`);
  return found;
}

function oneOf<T extends string>(known: readonly T[], given: string, what: string): T {
  const found = known.find((each) => each === given);
  if (found === undefined) throw new UsageError(`${what} is one of ${known.join(', ')}, not ${JSON.stringify(given)}`);
  return found;
}

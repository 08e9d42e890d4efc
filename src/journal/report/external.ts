import { formatMinute } from '../../fleet/duration.ts';
import type { Fleet, Setting } from '../../fleet/definition.ts';
import type { Report, ReportItem } from './report.ts';
import { hasAlertsWords } from './report-words.ts';
import { cleaner, type Inside, leftOut } from './strike-out.ts';

/** Names that no fleet file holds: a cloud's list, the history and the journal know them. */
export interface Seen {
  readonly hosts: readonly string[];
  /** Zones, and what else of theirs is no ordinary word. */
  readonly other: readonly string[];
}

/** What a fleet file, a report's own record and what was seen name. */
export function insideOf(fleet: Fleet, report: Report, seen: Seen): Inside {
  const statics = fleet.sources.flatMap((source) => (source.kind === 'static' ? source.hosts : []));
  const local = fleet.sources.flatMap((source) => (source.kind === 'local' ? [source.hostName] : []));
  const checked = fleet.checks.flatMap((check) => ('host' in check && check.host !== null ? [check.host] : []));
  const items = report.timeline;
  const named = [
    ...fleet.environments.map((environment) => environment.name),
    ...fleet.sources.map((source) => source.name),
    ...fleet.sources.flatMap((source) => ('roles' in source ? source.roles.map((rule) => rule.role) : [])),
    ...statics.flatMap((host) => [host.role, host.env].filter((text) => text !== null)),
    ...fleet.checks.map((check) => check.name),
    ...fleet.pools.map((pool) => pool.name),
    ...fleet.backups.map((backup) => backup.name),
    ...fleet.releases.map((release) => release.name),
    ...fleet.drains.map((drain) => drain.name),
    ...fleet.actions.map((action) => action.name),
  ];
  const settings = fleet.sources.flatMap((source) => {
    if (source.kind === 'gce') return [source.project, ...source.zones].flatMap(literal);
    if (source.kind === 'azure') return [source.subscription, source.resourceGroup].flatMap(literal);
    return [];
  });
  const accounts = [fleet.ssh, ...fleet.sshByRole.values(), ...statics].flatMap(({ user }) => user ?? []);
  const mail = fleet.notify.mail === null ? [] : [...fleet.notify.mail.to, fleet.notify.mail.smtp];
  return {
    hosts: [
      ...statics.flatMap((host) => [host.name, host.address]),
      ...local,
      ...checked,
      ...report.hosts,
      ...items.flatMap((item) => item.hosts),
      ...report.charts.flatMap((chart) => chart.lines.map((line) => line.name)),
      ...seen.hosts.filter((name) => !named.includes(name)),
    ],
    services: [...fleet.services.flatMap((service) => [service.name, service.unit]), ...report.services],
    other: [
      fleet.name,
      fleet.title,
      fleet.file,
      ...statics.flatMap((host) => [host.zone, ...Object.values(host.labels)].filter((text) => text !== null)),
      ...report.playbooks.map((run) => run.playbook),
      ...named.filter((name) => !isOrdinary(name)),
      ...mail,
      ...settings,
      ...seen.other.filter((name) => !isOrdinary(name)),
    ],
    ordinary: named.filter(isOrdinary),
    people: [
      ...accounts,
      ...report.responders.map((each) => each.person),
      ...items.flatMap((item) => (item.who === null ? [] : [item.who])),
      ...report.followUps.flatMap((each) => (each.owner === null ? [] : [each.owner])),
      ...report.decisions.flatMap((each) => [each.executes, each.who].filter((text) => text !== null)),
      ...report.updates.flatMap((each) => each.to).filter((to) => !audiences.has(to.toLowerCase())),
    ],
    commands: [
      ...items.flatMap((item) => (item.command === null ? [] : [item.command])),
      ...fleet.actions.flatMap((action) => [action.run, action.undo].filter((text) => text !== null)),
      ...fleet.never,
      ...fleet.services.flatMap((service) => (service.precheck === null ? [] : [service.precheck])),
    ],
  };
}

/** A setting as it stands in the fleet file; what comes from elsewhere is a secret, or not known here. */
function literal(setting: Setting | string | null): readonly string[] {
  if (setting === null) return [];
  const text = typeof setting === 'string' ? setting : setting.kind === 'literal' ? setting.value : '';
  return isOrdinary(text) ? [] : [text];
}

/** Whom updates are given to that is nobody's name. */
const audiences = new Set([
  'users',
  'customers',
  'everyone',
  'everybody',
  'all',
  'staff',
  'team',
  'students',
  'teachers',
  'volunteers',
  'public',
  'mail',
  'webhook',
  'status',
]);

/** A name that a sentence may hold without meaning it. */
function isOrdinary(name: string): boolean {
  return /^[a-z]{2,12}$/.test(name);
}

/**
 * The report for people outside: made of what may be said, not of what is struck out. Machine-made texts are told by their kind alone;
 * texts of persons are kept with every inside name, address and command replaced; notes, follow-ups, decisions and evidence stay inside.
 */
export function externalReport(report: Report, inside: Inside): Report {
  const clean = cleaner(inside);
  const kept = (text: string | null): string | null => (text === null ? null : clean(text));
  return {
    ...report,
    variant: 'external',
    title: report.id === null ? 'Record of a period' : outsideTitle(report, clean),
    fleet: null,
    severities: report.severities.map(({ at, severity, why }) => ({ at, severity, why: kept(why), who: null })),
    times: report.times === null ? null : withoutPeople(report.times),
    hosts: [],
    services: [],
    alert: null,
    analysis: externalAnalysis(report, clean),
    impact: report.impact.map(({ name, value, unit }) => ({ name: clean(name), value, unit: kept(unit) })),
    responders: [],
    timeline: told(report).flatMap((item) => externalItem(item, clean)),
    decisions: [],
    // They are parts of notes, which stay inside.
    followUps: [],
    updates: report.updates.map(({ at, text }) => ({ at, to: [], text: clean(text) })),
    playbooks: [],
    debts: [],
    charts: [],
  };
}

/** The words of an alert, and a title that a part had to be taken out of, say nothing to people outside. */
function outsideTitle(report: Report, clean: (text: string) => string): string {
  const told = clean(report.title);
  if (hasAlertsWords(report) || told.includes(leftOut)) return 'Trouble with a service';
  const rest = told.replace(/^A server: /, '');
  return `${rest.slice(0, 1).toUpperCase()}${rest.slice(1)}`;
}

/** Without the changes that a run made: outside it is one thing that was done. */
function told({ timeline }: Report): readonly ReportItem[] {
  const runs = timeline.filter((item) => item.source === 'run' && item.endAt !== null);
  return timeline.filter((item) => item.source !== 'change' || !runs.some((run) => item.at >= run.at && item.at <= (run.endAt ?? '')));
}

function withoutPeople(times: NonNullable<Report['times']>): Report['times'] {
  const one = (time: { readonly at: string; readonly late: boolean } | null) =>
    time === null ? null : { at: time.at, who: null, late: time.late };
  return {
    began: one(times.began),
    detected: one(times.detected),
    acknowledged: one(times.acknowledged),
    declared: one(times.declared),
    mitigated: one(times.mitigated),
    resolved: one(times.resolved),
    closed: one(times.closed),
  };
}

function externalAnalysis(report: Report, clean: (text: string) => string): Report['analysis'] {
  const person = (field: keyof Report['analysis']): Report['analysis'][typeof field] => {
    const found = report.analysis[field];
    return found?.by === 'person' ? { text: clean(found.text), by: 'person' } : null;
  };
  const state = report.ongoing ? 'goes on' : `ended ${formatMinute(report.to)} UTC`;
  const overview = { text: `The trouble began ${formatMinute(report.from)} UTC and ${state}.`, by: 'machine' } as const;
  return {
    overview: person('overview') ?? overview,
    'what-happened': person('what-happened'),
    'contributing-factors': person('contributing-factors'),
    'own-actions-that-made-it-worse': null,
    'resolution-temporary': person('resolution-temporary'),
    'resolution-lasting': person('resolution-lasting'),
    // Told by the record it is a length of time.
    impact: person('impact') ?? report.analysis.impact,
    'went-well': person('went-well'),
    'went-wrong': person('went-wrong'),
    'messages-internal': null,
    'messages-external': person('messages-external'),
  };
}

const generic: Readonly<Record<string, string>> = {
  alert: 'Monitoring reported trouble',
  change: 'A change was made',
  run: 'A prepared procedure was carried out',
};

function externalItem(item: ReportItem, clean: (text: string) => string): ReportItem[] {
  if (!item.significant) return [];
  const base = { ...item, who: null, command: null, hosts: [], outcome: null, evidence: { journal: null, file: null, sha256: null } };
  if (item.source === 'update')
    return [{ ...base, text: clean(item.text.replace(/^Update to [^:]*: /, 'Announced: ').replace(/^told [^:]*: /, 'Announced: ')) }];
  if (item.source === 'incident')
    return isMilestone(item.text) ? [{ ...base, text: clean(item.text.replace(/^(Incident declared SEV-\d).*$/s, '$1')) }] : [];
  const words = generic[item.source];
  if (words === undefined) return [];
  if (item.source === 'alert') return [{ ...base, text: item.outcome === 'ok' ? 'Monitoring reported that it is over' : words }];
  return [{ ...base, text: `${words}: ${item.outcome === 'ok' ? 'it had its effect' : 'it did not have its effect'}` }];
}

/** Times of the incident, its beginning and its severities: what a status page shows. */
function isMilestone(text: string): boolean {
  return /^(The trouble began|Detected|Acknowledged|Declared|Mitigated|Resolved|Closed|Incident declared SEV-\d|Severity SEV-\d|Opened again)/.test(
    text,
  );
}

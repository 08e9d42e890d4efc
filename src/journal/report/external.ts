import { isIPv6 } from 'node:net';
import type { Fleet } from '../../fleet/definition.ts';
import type { Report, ReportItem } from './report.ts';

/** All that must not leave the house. */
export interface Inside {
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  /** Zones, addresses of mail, fleet names; roles, checks, pools and the like whose names are no ordinary words. */
  readonly other: readonly string[];
  /** Those whose names may be ordinary words (`load`, `web`): struck out where they are named as what they are, else `failed to load` could not be said. */
  readonly ordinary: readonly string[];
  /** `user@machine`, or a name that a role was given to. */
  readonly people: readonly string[];
  readonly commands: readonly string[];
}

/** What a fleet file and a report's own record name. */
export function insideOf(fleet: Fleet, report: Report, hostsSeen: readonly string[]): Inside {
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
  const mail = fleet.notify.mail === null ? [] : [...fleet.notify.mail.to, fleet.notify.mail.smtp];
  return {
    hosts: [
      ...statics.flatMap((host) => [host.name, host.address]),
      ...local,
      ...checked,
      ...report.hosts,
      ...items.flatMap((item) => item.hosts),
      ...report.charts.flatMap((chart) => chart.lines.map((line) => line.name)),
      ...hostsSeen,
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
    ],
    ordinary: named.filter(isOrdinary),
    people: [
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

/** Accounts that are nobody's name and words of their own: `root cause`. */
const sharedAccounts = new Set(['root', 'admin', 'ops', 'system', 'deploy', 'ubuntu', 'debian', 'user']);

/** A name that a sentence may hold without meaning it. */
function isOrdinary(name: string): boolean {
  return /^[a-z]{2,12}$/.test(name);
}

/**
 * The report for people outside: made of what may be said, not of what is struck out. Machine-made texts are told by their kind alone;
 * texts of persons are kept with every inside name, address and command replaced; notes, decisions and evidence stay inside.
 */
export function externalReport(report: Report, inside: Inside): Report {
  const clean = cleaner(inside);
  const kept = (text: string | null): string | null => (text === null ? null : clean(text));
  return {
    ...report,
    variant: 'external',
    title: report.id === null ? 'Record of a period' : outsideTitle(clean(report.title)),
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
    followUps: report.followUps.map(({ text, done }) => ({ text: clean(text), owner: null, ticket: null, due: null, done })),
    updates: report.updates.map(({ at, text }) => ({ at, to: [], text: clean(text) })),
    playbooks: [],
    debts: [],
    charts: [],
  };
}

/** A title made from an alert begins with its host; one that a part had to be taken out of says nothing to people outside. */
function outsideTitle(title: string): string {
  if (title.includes(leftOut)) return 'Trouble with a service';
  const rest = title.replace(/^A server: /, '');
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
  const state = report.ongoing ? 'goes on' : `ended ${report.to.slice(0, 16).replace('T', ' ')} UTC`;
  const overview = { text: `The trouble began ${report.from.slice(0, 16).replace('T', ' ')} UTC and ${state}.`, by: 'machine' } as const;
  return {
    overview: person('overview') ?? overview,
    'what-happened': person('what-happened'),
    'contributing-factors': person('contributing-factors'),
    'own-actions-that-made-it-worse': null,
    'resolution-temporary': person('resolution-temporary'),
    'resolution-lasting': person('resolution-lasting'),
    impact: person('impact'),
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

const leftOut = '[left out]';

/** Replaces every inside name, wherever it stands as a word, and everything that looks like an address, a path, an account or a command. */
function cleaner(inside: Inside): (text: string) => string {
  const commands = longestFirst(inside.commands);
  const whole = inside.people.flatMap((name) => [name, ...name.split('@').filter((part) => part.length > 2)]);
  const people = longestFirst(whole.filter((name) => !sharedAccounts.has(name.toLowerCase())));
  const names: (readonly [RegExp, string])[] = [
    ...wordsOf(longestFirst(inside.hosts), 'a server'),
    ...wordsOf(longestFirst(inside.services), 'a service'),
    ...wordsOf(people, 'a person'),
    ...wordsOf(longestFirst(inside.other), leftOut),
    ...longestFirst(inside.ordinary).map((name) => [asWhatItIs(name), leftOut] as const),
  ];
  return (text) => {
    let clean = text;
    for (const command of commands) clean = clean.replaceAll(command, leftOut);
    clean = clean
      .replace(/`[^`]*`/g, leftOut)
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, leftOut)
      .replace(/[\w.+-]+@[\w.-]+/g, 'a person')
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, 'a server')
      .replace(/[0-9a-f]*:[0-9a-f:]*[0-9a-f:](?:\.\d+)*/gi, (found) => (isIPv6(found) ? 'a server' : found))
      .replace(/(?<![\w.])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}[a-z]{2,}\b/gi, 'a server')
      .replace(/(?<![\w/])[~/](?:[\w.-]+\/)+[\w.-]*/g, leftOut);
    for (const [pattern, word] of names)
      clean = clean.replace(pattern, (_, article: string | undefined) =>
        article === undefined || word === leftOut ? word : word.replace(/^a /, `${article} `),
      );
    return tidied(clean);
  };
}

function longestFirst(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text.length > 1).toSorted((a, b) => b.length - a.length);
}

/** Not `\b`: names may begin and end with other signs than letters. An article before a name goes with it. */
function wordsOf(texts: readonly string[], word: string): (readonly [RegExp, string])[] {
  return texts.map((text) => [new RegExp(`(?<![\\p{L}\\p{N}_])(?:(the|an?)\\s+)?${escaped(text)}(?![\\p{L}\\p{N}_])`, 'giu'), word]);
}

/** An ordinary word where it is named for what it is: `role web`, `the load check`. */
function asWhatItIs(name: string): RegExp {
  const kinds = '(?:role|check|pool|environment|env|source|backup|release|drain|action)s?';
  const word = escaped(name);
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:()${kinds}\\s+["“]?${word}["”]?|${word}\\s+${kinds})(?![\\p{L}\\p{N}_])`, 'giu');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Words put in for names begin a sentence with a capital, and say a thing twice only once. */
function tidied(text: string): string {
  return text
    .replace(/\ba (server|service|person)(?:(?:, | and | )a \1)+\b/gi, (_, what: string) =>
      what === 'person' ? 'several people' : `several ${what}s`,
    )
    .replace(
      /(^|[.!?]\s+|\n)(a|several) (server|service|person|people)/g,
      (_, before: string, word: string, what: string) => `${before}${word === 'a' ? 'A' : 'Several'} ${what}`,
    );
}

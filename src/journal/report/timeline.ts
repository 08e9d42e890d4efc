import { formatDuration } from '../../fleet/duration.ts';
import { shownCommand } from '../../remote/shown-command.ts';
import { type AlertEpisode, alertEpisodes } from '../alert-episodes.ts';
import type { Entry } from '../entry.ts';
import { isLate, readIncidentEvent } from '../incident/event.ts';
import { eventWords } from '../incident/event-words.ts';
import { correctedTimes } from './corrected.ts';
import { listAt, textAt } from './detail.ts';
import { runItems, runsIn } from './run-items.ts';
import { runsOf } from './runs-of.ts';

export type TimelineSource = 'alert' | 'change' | 'run' | 'incident' | 'note' | 'decision' | 'update' | 'session' | 'debt' | 'other';

/** One line of a timeline (Netflix Dispatch's `Event`, with where the proof of it lies). Times are epoch ms. */
export interface TimelineItem {
  readonly at: number;
  readonly endAt: number | null;
  readonly source: TimelineSource;
  /** `person`: somebody typed it; `machine`: it was recorded as it happened. */
  readonly by: 'person' | 'machine';
  readonly who: string;
  readonly text: string;
  readonly command: string | null;
  /** Of a change or a run: its own word. */
  readonly outcome: string | null;
  readonly hosts: readonly string[];
  readonly significant: boolean;
  readonly late: boolean;
  readonly evidence: { readonly seq: number; readonly file: string | null; readonly sha256: string | null };
}

/** What a timeline is about. `hosts` null means every host; items that name no host always belong. */
export interface Scope {
  readonly from: number;
  readonly to: number;
  readonly fleet: string;
  readonly hosts: readonly string[] | null;
  /** Key of the incident whose own events belong; `null` takes those of every incident. */
  readonly incident: string | null;
}

/** All that happened in a scope, by the time it happened. Entries are of the journal, in its order. */
export function timelineOf(entries: readonly Entry[], scope: Scope): readonly TimelineItem[] {
  const declared = new Map(
    entries.flatMap((entry) => {
      const recorded = readIncidentEvent(entry);
      return recorded?.event.event === 'start' ? [[recorded.key, recorded.event.at] as const] : [];
    }),
  );
  const corrected = correctedTimes(entries);
  const runs = runsOf(entries, scope);
  const changed = new Set(runs.flatMap((run) => run.changes.flatMap(({ seq }) => seq ?? [])));
  const wanted = scope.hosts === null ? null : new Set(scope.hosts);
  const concerns = (item: TimelineItem): boolean =>
    wanted === null || item.hosts.length === 0 || item.by === 'person' || item.hosts.some((host) => wanted.has(host));
  const items = [
    ...alertItems(entries, scope),
    ...runItems(entries, new Set(runs.map(({ id }) => id))),
    ...changeItems(entries).filter((item) => changed.has(item.evidence.seq) || concerns(item)),
    ...entries
      .flatMap((entry) => incidentItem(entry, scope.incident, declared))
      .map((item) => (corrected.has(item.evidence.seq) ? { ...item, significant: false } : item))
      .filter(concerns),
    ...entries.flatMap(otherItem).filter(concerns),
  ];
  return items
    .filter((item) => item.at <= scope.to && (lastsUntil(item) ?? item.at) >= scope.from)
    .toSorted((a, b) => a.at - b.at || a.evidence.seq - b.evidence.seq);
}

/** An alert that is not over lasts on, whenever it began. */
function lastsUntil({ source, outcome, endAt }: TimelineItem): number | null {
  const stands = source === 'alert' && endAt === null && outcome !== null && outcome !== 'ok';
  return stands ? Number.POSITIVE_INFINITY : endAt;
}

/** Alerts of a scope: of its hosts, and what explains them or is explained by them. */
export function alertsIn(entries: readonly Entry[], scope: Scope): readonly AlertEpisode[] {
  const all = alertEpisodes(entries, scope.fleet).filter((alert) => alert.since <= scope.to && (alert.endedAt ?? scope.to) >= scope.from);
  if (scope.hosts === null) return all;
  const hosts = new Set(scope.hosts);
  const own = all.filter((alert) => alert.host === null || hosts.has(alert.host));
  const causes = new Set(own.flatMap((alert) => (alert.cause === null ? [] : [alert.cause])));
  const ids = new Set(own.map((alert) => alert.id));
  return all.filter((alert) => ids.has(alert.id) || causes.has(alert.id) || (alert.cause !== null && ids.has(alert.cause)));
}

function alertItems(entries: readonly Entry[], scope: Scope): TimelineItem[] {
  const alerts = alertsIn(entries, scope);
  const ids = new Set(alerts.map((alert) => alert.id));
  return alerts.flatMap((alert) => {
    const explained = alerts.filter((other) => other.cause === alert.id);
    const isRoot = alert.cause === null || !ids.has(alert.cause);
    const on = alert.host === null ? '' : ` on ${alert.host}`;
    const shared = {
      source: 'alert',
      by: 'machine',
      who: 'quarterdeck',
      command: null,
      hosts: alert.host === null ? [] : [alert.host],
      late: false,
      evidence: proof(alert.seq),
    } as const;
    const explains =
      explained.length === 0
        ? ''
        : `; explains ${explained.length} more ${explained.length === 1 ? 'alert' : 'alerts'} on ${[...new Set(explained.map((one) => one.host ?? 'the fleet'))].join(', ')}`;
    const begin: TimelineItem = {
      ...shared,
      at: alert.since,
      endAt: alert.endedAt,
      text: `${severityWords[alert.severity]}: ${alert.name}${on}: ${alert.what}${explains}`,
      outcome: alert.severity,
      significant: isRoot,
    };
    const later: TimelineItem[] = [];
    if (alert.ackedBy !== null && alert.ackedAt !== null)
      later.push({
        ...begin,
        at: alert.ackedAt,
        endAt: null,
        text: `${alert.name}${on} acknowledged by ${alert.ackedBy}`,
        outcome: null,
        evidence: proof(alert.ackedSeq ?? alert.seq),
      });
    if (alert.endedAt !== null)
      later.push({
        ...begin,
        at: alert.endedAt,
        endAt: null,
        text: `${alert.name}${on} is over after ${formatDuration(alert.endedAt - alert.since)}`,
        outcome: 'ok',
        evidence: proof(alert.endedSeq ?? alert.seq),
      });
    return [begin, ...later];
  });
}

const proof = (seq: number): TimelineItem['evidence'] => ({ seq, file: null, sha256: null });

const severityWords = { crit: 'Critical', warn: 'Warning', unknown: 'Unknown' } as const;

/** An intent and its outcome are one line; so is a run over many hosts. */
function changeItems(entries: readonly Entry[]): TimelineItem[] {
  // The line of a run says why, once for all that it changes.
  const ofRuns = new Map(runsIn(entries).flatMap((run) => run.changes.map((change) => [change.actionId, run.reason] as const)));
  const outcomes = new Map(
    entries.flatMap((entry) => (entry.kind === 'outcome' && entry.actionId !== null ? [[entry.actionId, entry] as const] : [])),
  );
  const ends = new Map(
    entries.flatMap((entry) => (entry.kind === 'bulk-end' ? [[textAt(entry.detail, 'run') ?? '', entry] as const] : [])),
  );
  return entries.flatMap((entry) => {
    if (entry.kind !== 'intent' && entry.kind !== 'bulk') return [];
    const end = entry.kind === 'intent' ? outcomes.get(entry.actionId ?? '') : ends.get(textAt(entry.detail, 'run') ?? '');
    const title = textAt(entry.detail, 'title') ?? entry.command ?? 'a change';
    const word = end?.outcome ?? 'no outcome recorded';
    const summary = summaryOf(end);
    const given = textAt(entry.detail, 'reason');
    const reason = given === ofRuns.get(entry.actionId ?? '') ? null : given;
    return [
      {
        at: Date.parse(entry.at),
        endAt: end === undefined ? null : Date.parse(end.at),
        source: 'change',
        by: 'machine',
        who: entry.who,
        text: `${title}: ${word}${summary === null || summary === '' ? '' : `, ${summary}`}${reason === null ? '' : ` (reason: ${reason})`}`,
        command: commandOf(entry),
        outcome: word,
        hosts: hostsOf(entry),
        significant: true,
        late: false,
        evidence: proof(entry.seq),
      } satisfies TimelineItem,
    ];
  });
}

/** `exit 0` says no more than `ok` does. */
function summaryOf(end: Entry | undefined): string | null {
  const summary = end === undefined ? null : (textAt(end.detail, 'summary') ?? textAt(end.detail, 'why'));
  // What was owed then may be long settled: debts have a place of their own.
  return summary === 'exit 0' ? null : (summary?.replace(/; it is owed back$/, '') ?? null);
}

/** The command as a person would type it; of a script its first line, or the comment there that names it: the journal keeps the whole. */
function commandOf(entry: Entry): string | null {
  const bare = listAt(entry.detail, 'plan', 'commands').flatMap((one) =>
    textAt(one, 'purpose') === 'change' ? (textAt(one, 'bare') ?? []) : [],
  );
  const whole = bare.length === 0 ? (entry.command === null ? [] : [entry.command]) : bare;
  return whole.length === 0 ? null : whole.map(firstLine).join('; ');
}

function firstLine(command: string): string {
  const [first = '', ...rest] = command.split('\n');
  if (rest.length === 0) return command;
  return /^# (?:quarterdeck )?(.+)$/.exec(first)?.[1] ?? `${first} …`;
}

function hostsOf(entry: Entry): readonly string[] {
  const planned = listAt(entry.detail, 'plan', 'targets').flatMap((target) => textAt(target, 'name') ?? []);
  return planned.length > 0 ? planned : entry.targets.map((target) => target.split('/', 1)[0] ?? target);
}

function incidentItem(entry: Entry, key: string | null, declared: ReadonlyMap<string, number>): TimelineItem[] {
  const recorded = readIncidentEvent(entry);
  if (recorded === null || (key !== null && recorded.key !== key)) return [];
  const { event, who, seq } = recorded;
  const source = event.event === 'note' || event.event === 'decision' || event.event === 'update' ? event.event : 'incident';
  const bookkeeping =
    event.event === 'analysis' ||
    event.event === 'follow-up' ||
    event.event === 'impact' ||
    event.event === 'visibility' ||
    event.event === 'title';
  const words = event.event === 'time' ? timeWords[event.which] : eventWords(event);
  const file = event.event === 'evidence' ? { file: event.file, sha256: event.sha256 } : { file: null, sha256: null };
  return [
    {
      at: event.at,
      endAt: null,
      source,
      by: 'person',
      who,
      text: event.event === 'start' ? `Incident ${words}` : toldWords(words, event),
      command: null,
      outcome: null,
      hosts: event.event === 'note' && event.source !== null ? [event.source.host] : [],
      significant: !bookkeeping,
      late: isLate(recorded, declared.get(recorded.key) ?? 0),
      evidence: { seq, ...file },
    },
  ];
}

/** What a note asks to be done stands among the action items too; here it reads as a part of the sentence. */
function toldWords(words: string, { event }: { readonly event: string }): string {
  if (event === 'role') return words;
  if (event !== 'note') return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return words.replace(/\s*(^|\s)TODO\b[\s:,-]*(\S(?:(?!\sTODO\b)[^\n])*)/gu, (_, before: string, what: string) =>
    before === '' ? `To do: ${what}` : ` (to do: ${what})`,
  );
}

const timeWords = {
  began: 'The trouble began',
  detected: 'Detected',
  acknowledged: 'Acknowledged',
  declared: 'Declared',
  mitigated: 'Mitigated: the effect on users is over',
  resolved: 'Resolved',
  closed: 'Closed',
} as const;

/** Kinds that other readers above turn into lines, or that repeat what a change already says. */
const told = new Set<string>(['intent', 'outcome', 'bulk', 'bulk-item', 'bulk-end', 'alert', 'incident', 'run']);

function otherItem(entry: Entry): TimelineItem[] {
  if (told.has(entry.kind)) return [];
  const said = ['title', 'text', 'message', 'summary', 'what', 'why', 'routine']
    .map((name) => textAt(entry.detail, name))
    .find((text) => text !== null);
  const about = entry.targets.length === 0 ? '' : ` ${entry.targets.join(' ')}`;
  const source = entry.kind === 'note' ? 'note' : entry.kind === 'session' ? 'session' : entry.kind.startsWith('debt') ? 'debt' : 'other';
  const typed = entry.kind === 'note' && entry.actionId === null;
  return [
    {
      at: Date.parse(entry.at),
      endAt: null,
      source,
      by: typed || entry.kind === 'routine' ? 'person' : 'machine',
      who: entry.who,
      text: typed ? (said ?? 'note') : `${wordOf(entry)}${about}${said === undefined ? '' : `: ${said}`}`,
      command: entry.command === null ? null : shownCommand(entry.command),
      outcome: entry.outcome,
      hosts: typed ? [] : hostsOf(entry),
      significant: typed || source === 'session' || entry.kind === 'approval',
      late: false,
      evidence: proof(entry.seq),
    },
  ];
}

/** A second person was asked, signed or declined: each is a line of its own. */
function wordOf({ kind, outcome, detail }: Entry): string {
  if (kind !== 'approval') return kindWords[kind] ?? kind;
  const [askedBy, reason] = [textAt(detail, 'askedBy'), textAt(detail, 'reason')];
  if (outcome === 'asked') return 'asked for a second person';
  const of = askedBy === null ? '' : ` what ${askedBy} asked for`;
  return outcome === 'declined' ? `declined${of}${reason === null ? '' : ` (${reason})`}` : `approved${of}`;
}

const kindWords: Readonly<Record<string, string>> = {
  session: 'shell',
  refused: 'refused',
  'host-key': 'host key',
  arm: 'writes armed',
  disarm: 'writes locked',
  'debt-open': 'owed',
  'debt-settled': 'settled',
  routine: 'routine done',
};

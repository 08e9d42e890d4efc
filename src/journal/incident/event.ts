import * as z from 'zod';
import { sanitizeLine, sanitizeText } from '../../remote/sanitize.ts';
import type { Entry, JsonValue, NewEntry } from '../entry.ts';

/*
 * What is known of an incident, as entries of kind `incident`: their action is the incident's key, their outcome the event's name, and
 * `detail.event` the event. Fields follow Netflix Dispatch (`incident/models.py`, `event/models.py`) and PagerDuty's post-mortem template.
 */

export const severities = ['sev1', 'sev2', 'sev3', 'sev4', 'sev5'] as const;
export type Severity = (typeof severities)[number];

export const incidentTimes = ['began', 'detected', 'acknowledged', 'declared', 'mitigated', 'resolved', 'closed'] as const;
export type IncidentTime = (typeof incidentTimes)[number];
/** Those that end its trouble, in their order. */
export const endingTimes: readonly IncidentTime[] = ['mitigated', 'resolved', 'closed'];

export const incidentRoles = ['commander', 'ops', 'comms', 'scribe', 'expert'] as const;
export type IncidentRole = (typeof incidentRoles)[number];

export const visibilities = ['internal', 'public'] as const;
export type Visibility = (typeof visibilities)[number];

/** Free texts of the analysis, in the order of PagerDuty's template. */
export const analysisFields = [
  'overview',
  'what-happened',
  'contributing-factors',
  'own-actions-that-made-it-worse',
  'resolution-temporary',
  'resolution-lasting',
  'impact',
  'went-well',
  'went-wrong',
  'messages-internal',
  'messages-external',
] as const;
export type AnalysisField = (typeof analysisFields)[number];

const longestText = 8000;
const longestLine = 400;

/** A break that was pasted into a line is no part of its sense. */
const line = z.string().transform((text) => sanitizeLine(text.replace(/\s*[\r\n]+\s*/g, ' '), longestLine));
const text = z.string().transform((text) => sanitizeText(text.slice(0, longestText)).trim());
/** Epoch ms of what is told of, not of the telling. */
const at = z.number().int();
const list = z.array(line).max(200);

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    title: line,
    fleet: line,
    severity: z.enum(severities),
    visibility: z.enum(visibilities),
    /** The alert it was started from; `null` by hand. */
    alert: line.nullable(),
    hosts: list,
    services: list,
    at,
  }),
  /** Hosts and services that turned out to take part. */
  z.object({ event: z.literal('scope'), hosts: list, services: list, at }),
  z.object({ event: z.literal('visibility'), to: z.enum(visibilities), at }),
  z.object({ event: z.literal('title'), to: line, at }),
  z.object({ event: z.literal('severity'), to: z.enum(severities), why: line.nullable(), at }),
  z.object({ event: z.literal('time'), which: z.enum(incidentTimes), at }),
  z.object({ event: z.literal('reopen'), why: line, at }),
  z.object({ event: z.literal('role'), role: z.enum(incidentRoles), person: line, change: z.enum(['take', 'leave']), at }),
  /** With a source it is a line of a log that somebody marked. */
  z.object({
    event: z.literal('note'),
    text,
    source: z.object({ host: line, service: line.nullable() }).nullable(),
    at,
  }),
  /** What the `TODO` of a note has become: `of` is the number of the note's entry. */
  z.object({
    event: z.literal('follow-up'),
    of: z.number().int(),
    owner: line.nullable(),
    ticket: line.nullable(),
    due: line.nullable(),
    done: z.boolean(),
    at,
  }),
  z.object({ event: z.literal('decision'), question: line, options: list, outcome: line, executes: line.nullable(), at }),
  z.object({ event: z.literal('update'), to: list, text, at }),
  /** An exact number with its unit: `users affected` 1200. */
  z.object({ event: z.literal('impact'), name: line, value: z.number(), unit: line.nullable(), at }),
  z.object({ event: z.literal('analysis'), field: z.enum(analysisFields), text, at }),
  z.object({ event: z.literal('evidence'), text: line, file: line, sha256: z.string().regex(/^[0-9a-f]{64}$/), at }),
]);

export type IncidentEvent = z.output<typeof eventSchema>;

/** An event with its place in the journal. */
export interface RecordedEvent {
  readonly event: IncidentEvent;
  /** Key of the incident. */
  readonly key: string;
  readonly seq: number;
  readonly who: string;
  /** When it was written, epoch ms; `event.at` is when it happened. */
  readonly writtenAt: number;
}

const lateMs = 5 * 60_000;

/**
 * Whether an event was told more than five minutes after it happened. When an incident began lies before its declaration by nature: such
 * a time is late only when it was told late after that (`declaredAt`, epoch ms).
 */
export function isLate({ event, writtenAt }: RecordedEvent, declaredAt: number): boolean {
  const due = event.event === 'time' ? Math.max(event.at, declaredAt) : event.at;
  return writtenAt - due > lateMs;
}

/** Keys of incidents; unlike their numbers they are known before the entry is written. */
export function incidentKey(now: number, random: string): string {
  return `incident-${now.toString(36)}-${random}`;
}

/** The event of a journal entry; `null` when it is none of an incident. */
export function readIncidentEvent(entry: Entry): RecordedEvent | null {
  if (entry.kind !== 'incident' || entry.actionId === null) return null;
  const before = known.get(entry);
  if (before !== undefined) return before;
  const read = eventSchema.safeParse(entry.detail['event']);
  const { seq, who, at, actionId } = entry;
  const event = read.success ? { event: read.data, key: actionId, seq, who, writtenAt: Date.parse(at) } : null;
  known.set(entry, event);
  return event;
}

/** A report reads an entry for its incidents, its runs and its timeline; checking it is what takes the time. */
const known = new WeakMap<Entry, RecordedEvent | null>();

/** An event as a new journal entry, its texts made safe and cut to length. `title` says it in words for the journal's own list. */
export function incidentEntry(key: string, event: IncidentEvent, who: string, title: string): NewEntry {
  const plain: JsonValue = JSON.parse(JSON.stringify(eventSchema.parse(event)));
  const targets = event.event === 'start' || event.event === 'scope' ? event.hosts : [];
  return {
    kind: 'incident',
    actionId: key,
    who,
    env: null,
    targets,
    command: null,
    outcome: event.event,
    detail: { title: sanitizeLine(title, longestLine), event: plain },
  };
}

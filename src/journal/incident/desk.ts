import { randomBytes } from 'node:crypto';
import type { Entry, Journal } from '../entry.ts';
import {
  type AnalysisField,
  type IncidentEvent,
  type IncidentRole,
  type IncidentTime,
  incidentEntry,
  incidentKey,
  type Severity,
  type Visibility,
} from './event.ts';
import { eventWords } from './event-words.ts';
import { foldIncidents, incidentNamed, openIncidents } from './fold.ts';
import { holds, type Incident } from './incident.ts';
import { misordered, utc } from './time-order.ts';

/** What an incident begins with; `at` is when it was declared, epoch ms. */
export interface NewIncident {
  readonly title: string;
  readonly severity: Severity;
  readonly visibility: Visibility;
  readonly alert: string | null;
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  /** Epoch ms, where known. */
  readonly began: number | null;
  readonly detected: number | null;
}

export interface DeskOptions {
  readonly journal: Journal;
  readonly fleet: string;
  /** `user@machine`. */
  readonly who: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * The one writer of incidents: screens, commands and runs use it alike. Every method appends and gives the incident as it then stands;
 * it throws a JournalError when the journal cannot be written, an Error in one plain sentence when the event makes no sense.
 * `at` is when it happened, epoch ms; without it, now.
 */
export class IncidentDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Every incident of the journal, oldest first. */
  all(): readonly Incident[] {
    return foldIncidents(this.#entries());
  }

  /** The open ones of this fleet, oldest first. */
  open(): readonly Incident[] {
    return openIncidents(this.all()).filter((incident) => incident.fleet === this.#options.fleet);
  }

  /** By `INC-12` or `12`; without a name the only open one. Throws a sentence when there is none, or more than one. */
  find(name: string | null): Incident {
    if (name !== null) {
      const found = incidentNamed(this.all(), name);
      if (found === null) throw new Error(`there is no incident ${JSON.stringify(name)}; quarterdeck incident list shows them`);
      return found;
    }
    const [only, second] = this.open();
    if (only === undefined) throw new Error('no incident is open; quarterdeck incident start TITLE opens one');
    if (second !== undefined)
      throw new Error(
        `several incidents are open (${this.open()
          .map((incident) => incident.id)
          .join(', ')}); say which with --id`,
      );
    return only;
  }

  start(incident: NewIncident, at: number | null = null): Incident {
    if (incident.title.trim() === '') throw new Error('an incident needs a title');
    const { now, fleet } = this.#options;
    const key = incidentKey(now(), randomBytes(4).toString('hex'));
    const { title, severity, visibility, alert, hosts, services } = incident;
    const time = this.#time(at);
    this.#append(key, { event: 'start', title, fleet, severity, visibility, alert, hosts: [...hosts], services: [...services], at: time });
    if (incident.began !== null) this.#append(key, { event: 'time', which: 'began', at: this.#time(incident.began) });
    if (incident.detected !== null) this.#append(key, { event: 'time', which: 'detected', at: this.#time(incident.detected) });
    return this.#again(key);
  }

  severity(id: string | null, to: Severity, why: string | null, at: number | null = null): Incident {
    return this.#write(id, { event: 'severity', to, why, at: this.#time(at) });
  }

  /** A time that stands already is moved only by saying where to. */
  time(id: string | null, which: IncidentTime, at: number | null = null): Incident {
    const incident = this.find(id);
    const before = incident.times[which];
    if (before !== null && at === null)
      throw new Error(`${incident.id} has its time ${which} already, ${utc(before.at)}; another is told with --at TIME`);
    const time = this.#time(at);
    const against = misordered(incident, which, time);
    if (against !== null) throw new Error(`${utc(time)} cannot be the time ${which} of ${incident.id}: ${against}`);
    return this.#write(incident.id, { event: 'time', which, at: time });
  }

  reopen(id: string | null, why: string): Incident {
    if (why.trim() === '') throw new Error('an incident is opened again only with a reason');
    const incident = this.find(id);
    if (incident.status === 'open') throw new Error(`${incident.id} is open; there is nothing to open again`);
    return this.#write(incident.id, { event: 'reopen', why, at: this.#time(null) });
  }

  role(id: string | null, role: IncidentRole, person: string, change: 'take' | 'leave' = 'take', at: number | null = null): Incident {
    if (person.trim() === '') throw new Error('a role needs a person');
    const incident = this.find(id);
    if (holds(incident, role, person.trim()) === (change === 'take'))
      throw new Error(`${person} ${change === 'take' ? 'is already' : 'is not'} ${role} of ${incident.id}`);
    return this.#write(incident.id, { event: 'role', role, person: person.trim(), change, at: this.#time(at) });
  }

  /** With a source it is a marked line of a log. A `TODO …` in it becomes a follow-up. */
  note(
    id: string | null,
    text: string,
    source: { readonly host: string; readonly service: string | null } | null = null,
    at: number | null = null,
  ): Incident {
    if (text.trim() === '') throw new Error('the note is empty');
    return this.#write(id, { event: 'note', text, source, at: this.#time(at) });
  }

  followUp(
    id: string | null,
    of: number,
    change: { readonly owner: string | null; readonly ticket: string | null; readonly due: string | null; readonly done: boolean },
  ): Incident {
    const incident = this.find(id);
    if (!incident.followUps.some((each) => each.of === of)) throw new Error(`${incident.id} has no follow-up ${of}`);
    return this.#write(incident.id, { event: 'follow-up', of, ...change, at: this.#time(null) });
  }

  decide(
    id: string | null,
    decision: {
      readonly question: string;
      readonly options: readonly string[];
      readonly outcome: string;
      readonly executes: string | null;
    },
    at: number | null = null,
  ): Incident {
    return this.#write(id, { event: 'decision', ...decision, options: [...decision.options], at: this.#time(at) });
  }

  /** That an update was given; who sends it is the notifier's. */
  update(id: string | null, to: readonly string[], text: string, at: number | null = null): Incident {
    if (text.trim() === '') throw new Error('the update is empty');
    return this.#write(id, { event: 'update', to: [...to], text, at: this.#time(at) });
  }

  impact(id: string | null, name: string, value: number, unit: string | null, at: number | null = null): Incident {
    return this.#write(id, { event: 'impact', name, value, unit, at: this.#time(at) });
  }

  analysis(id: string | null, field: AnalysisField, text: string): Incident {
    return this.#write(id, { event: 'analysis', field, text, at: this.#time(null) });
  }

  scope(id: string | null, hosts: readonly string[], services: readonly string[]): Incident {
    return this.#write(id, { event: 'scope', hosts: [...hosts], services: [...services], at: this.#time(null) });
  }

  visibility(id: string | null, to: Visibility): Incident {
    return this.#write(id, { event: 'visibility', to, at: this.#time(null) });
  }

  title(id: string | null, to: string): Incident {
    return this.#write(id, { event: 'title', to, at: this.#time(null) });
  }

  evidence(id: string | null, text: string, file: string, sha256: string, at: number | null = null): Incident {
    return this.#write(id, { event: 'evidence', text, file, sha256, at: this.#time(at) });
  }

  #write(id: string | null, event: IncidentEvent): Incident {
    const incident = this.find(id);
    // After it is closed only what belongs to its telling may still be written.
    const closing = ['analysis', 'follow-up', 'impact', 'note', 'reopen', 'time', 'evidence', 'update', 'visibility', 'title'];
    if (incident.status === 'closed' && !closing.includes(event.event))
      throw new Error(`${incident.id} is closed; quarterdeck incident reopen ${incident.id} WHY opens it again`);
    this.#append(incident.key, event, incident);
    return this.#again(incident.key);
  }

  #append(key: string, event: IncidentEvent, incident: Incident | null = null): void {
    const { journal, who } = this.#options;
    const name = incident === null ? 'incident' : incident.id;
    journal.append(incidentEntry(key, event, who, `${name}: ${eventWords(event)}`));
  }

  #again(key: string): Incident {
    const found = this.all().find((incident) => incident.key === key);
    if (found === undefined) throw new Error('the incident was written but cannot be read back; run quarterdeck journal verify');
    return found;
  }

  #entries(): readonly Entry[] {
    return this.#options.journal.ofKinds(['incident']);
  }

  #time(at: number | null): number {
    const now = this.#options.now();
    if (at === null) return now;
    // A minute is the slip of a clock; more is a slip of the pen.
    if (at > now + 60_000) throw new Error(`${new Date(at).toISOString()} lies in the future`);
    return at;
  }
}

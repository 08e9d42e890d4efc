import { join } from 'node:path';
import type { Fleet } from '../../fleet/definition.ts';
import type { Journal } from '../../journal/entry.ts';
import { IncidentDesk } from '../../journal/incident/desk.ts';
import type { Incident } from '../../journal/incident/incident.ts';
import { aroundIncident, scopeOf } from '../../journal/report/build-report.ts';
import { handoffMarkdown } from '../../journal/report/handoff.ts';
import { saveReport } from '../../journal/report/save-report.ts';
import { timelineOf } from '../../journal/report/timeline.ts';
import type { TimelineItem } from '../../journal/report/timeline-item.ts';
import { routineEntry, type RoutineState } from '../../journal/routines.ts';
import type { Clock } from '../../poll/clock.ts';
import { sanitizeLine, sanitizeText } from '../../remote/sanitize.ts';
import type { IncidentsOnScreen, RoutinesOnScreen } from '../../../views/console.ts';
import { entriesFor, handoffFrom, type ReportForm, reportText, routinesNow } from './make-report.ts';

export interface TellingParts {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly who: string;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
  /** State directory. Throws one plain sentence when it cannot be used. */
  dir(): string;
}

/** How old what is shown may be, ms: other consoles and commands write too. */
const freshMs = 1000;
const timelineFreshMs = 2000;
/** A shift, ms. */
const shiftMs = 8 * 3_600_000;

/** Each choice of the export key, and the files it makes. */
const forms: Readonly<Record<string, readonly (ReportForm & { readonly end: string })[]>> = {
  report: [
    { format: 'markdown', template: null, external: false, end: '.md' },
    { format: 'html', template: null, external: false, end: '.html' },
    { format: 'json', template: null, external: false, end: '.json' },
  ],
  external: [
    { format: 'markdown', template: null, external: true, end: '-external.md' },
    { format: 'html', template: null, external: true, end: '-external.html' },
  ],
  announcement: [{ format: 'markdown', template: 'aslo-announcement', external: false, end: '-announcement.txt' }],
  'aslo report': [{ format: 'markdown', template: 'aslo', external: false, end: '-report.txt' }],
};

/** The incidents of a console's journal for the screens: read at most once a second, and at once after this console wrote. */
export function incidentsOnScreen(parts: TellingParts): IncidentsOnScreen {
  const { fleet, journal, who, clock, mask } = parts;
  const desk = new IncidentDesk({ journal, fleet: fleet.name, who, now: clock.wallMs });
  let known: { readonly readAt: number; readonly seq: number; readonly mark: string; readonly list: readonly Incident[] } | null = null;
  const told = new Map<
    string,
    { readonly readAt: number; readonly seq: number; readonly of: Incident; readonly items: readonly TimelineItem[] }
  >();
  // An incident of thousands of entries is not read again before there is another.
  const lastSeq = (): number => readable(() => journal.tail(1)[0]?.seq ?? 0, -1);
  const source = (): Parameters<typeof reportText>[0] => ({ fleet, journal, dir: parts.dir(), mask });
  const fresh = <T>(made: T): T => {
    known = null;
    return made;
  };
  return {
    list: () => {
      const now = clock.monoMs();
      if (known !== null && now - known.readAt < freshMs) return known.list;
      const seq = lastSeq();
      if (known !== null && seq >= 0 && seq === known.seq) {
        known = { ...known, readAt: now };
        return known.list;
      }
      const list = readable(() => desk.all(), []).filter((incident) => incident.fleet === fleet.name);
      const mark = JSON.stringify(list);
      known = { readAt: now, seq, mark, list: known?.mark === mark ? known.list : list };
      return known.list;
    },
    desk: {
      start: (...given) => fresh(desk.start(...given)),
      note: (...given) => fresh(desk.note(...given)),
      role: (...given) => fresh(desk.role(...given)),
      severity: (...given) => fresh(desk.severity(...given)),
      decide: (...given) => fresh(desk.decide(...given)),
      update: (...given) => fresh(desk.update(...given)),
      time: (...given) => fresh(desk.time(...given)),
      reopen: (...given) => fresh(desk.reopen(...given)),
      followUp: (...given) => fresh(desk.followUp(...given)),
      impact: (...given) => fresh(desk.impact(...given)),
      analysis: (...given) => fresh(desk.analysis(...given)),
    },
    timeline: (incident) => {
      const now = clock.monoMs();
      const before = told.get(incident.key);
      if (before !== undefined && before.of === incident && now - before.readAt < timelineFreshMs) return before.items;
      const seq = lastSeq();
      if (before !== undefined && before.of === incident && seq >= 0 && seq === before.seq) {
        told.set(incident.key, { ...before, readAt: now });
        return before.items;
      }
      const scope = scopeOf(incident, fleet.name, clock.wallMs());
      const entries = readable(() => entriesFor(parts.dir(), scope, incident, journal.ofKinds(['incident']), () => {}), []);
      const items = timelineOf(entries, aroundIncident(scope, incident, clock.wallMs()));
      told.set(incident.key, { readAt: now, seq, of: incident, items });
      return items;
    },
    export: (incident, form) => {
      const scope = scopeOf(incident, fleet.name, clock.wallMs());
      const name = `${incident.id}-${stamp(clock)}`;
      return (forms[form] ?? []).map((one) => {
        const path = join(parts.dir(), `${name}${one.end}`);
        saveReport(
          path,
          reportText(source(), incident, scope, one, () => {}),
        );
        return path;
      });
    },
    handoff: () => {
      const now = clock.wallMs();
      const path = join(parts.dir(), `handoff-${stamp(clock)}.md`);
      saveReport(path, mask(handoffMarkdown(handoffFrom(source(), desk.all(), now - shiftMs, now))));
      return path;
    },
    noteAlone: (text, from) => {
      const host = from === null ? null : sanitizeLine(from.host, 400);
      journal.append({
        kind: 'note',
        actionId: null,
        who,
        env: null,
        targets: host === null ? [] : [host],
        command: null,
        outcome: null,
        detail: { text: sanitizeText(text.slice(0, 8000)).trim(), service: from?.service ?? null },
      });
    },
  };
}

/** The regular duties of the fleet file, as the journal has them. */
export function routinesOnScreen({ fleet, journal, who, clock }: TellingParts): RoutinesOnScreen {
  let known: { readonly readAt: number; readonly list: readonly RoutineState[] } | null = null;
  return {
    list: () => {
      const now = clock.monoMs();
      if (known !== null && now - known.readAt < freshMs) return known.list;
      known = { readAt: now, list: readable(() => routinesNow({ fleet, journal }, clock.wallMs()), []) };
      return known.list;
    },
    tick: ({ period, text }, state, note) => {
      journal.append(routineEntry({ fleet: fleet.name, who, period, text, state, note }));
      known = null;
    },
  };
}

function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** `20261122T140731Z` */
function stamp(clock: Clock): string {
  return new Date(clock.wallMs()).toISOString().replace(/[-:]|\.\d+/g, '');
}

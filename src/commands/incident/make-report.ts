import { debtsIn } from '../../actions/pools/debts.ts';
import { debtWords } from '../../fleet/debt.ts';
import type { Fleet } from '../../fleet/definition.ts';
import { namesInGoodLists } from '../../inventory/known-names.ts';
import type { Entry, Journal } from '../../journal/entry.ts';
import { History } from '../../journal/history.ts';
import type { Incident } from '../../journal/incident/incident.ts';
import { readJournal } from '../../journal/reader.ts';
import { asloAnnouncement, asloReport } from '../../journal/report/aslo.ts';
import { buildReport } from '../../journal/report/build-report.ts';
import { externalReport, insideOf, type Seen } from '../../journal/report/external.ts';
import { type Handoff, handoffOf } from '../../journal/report/handoff.ts';
import { reportHtml } from '../../journal/report/html.ts';
import { reportMarkdown } from '../../journal/report/markdown.ts';
import type { Report } from '../../journal/report/report.ts';
import type { Scope } from '../../journal/report/timeline-item.ts';
import { routinesState } from '../../journal/routines.ts';

export const exportFormats = ['markdown', 'json', 'html'] as const;
export const exportTemplates = ['aslo', 'aslo-announcement'] as const;

/** How a report is written down. */
export interface ReportForm {
  readonly format: (typeof exportFormats)[number];
  readonly template: (typeof exportTemplates)[number] | null;
  readonly external: boolean;
}

/** What reports are made from: one fleet's journal and state directory. */
export interface ReportSource {
  readonly fleet: Fleet;
  readonly journal: Pick<Journal, 'ofKinds'>;
  /** State directory. */
  readonly dir: string;
  /** Takes the fleet's secrets out of a text: what was kept before a pattern was in the fleet file must not leave either. */
  readonly mask: (text: string) => string;
}

const dayMs = 24 * 3_600_000;
/** What began so long before a shift and still stands is found. */
const beforeShiftMs = 14 * dayMs;
/** Charts begin and end so much outside the period, ms: a row of the history is a minute. */
const aroundMs = 10 * 60_000;
/** More entries than a month of a busy fleet; beyond it the newest are left out, which is said. */
const mostEntries = 200_000;

/** The text of a report of an incident or a period. `warn` is told what it lacks. */
export function reportText(
  source: ReportSource,
  incident: Incident | null,
  scope: Scope,
  form: ReportForm,
  warn: (text: string) => void,
): string {
  const { fleet, journal, dir, mask } = source;
  const entries = entriesFor(dir, scope, incident, journal.ofKinds(['incident']), warn);
  const history = new History(dir, fleet.name, true);
  const report = buildReport({
    incident,
    scope,
    fleetTitle: fleet.title,
    entries,
    history: history.range(scope.hosts, scope.from - aroundMs, scope.to + aroundMs),
    debts: debtsIn(journal.ofKinds(['debt-open', 'debt-settled']), fleet.name).map(debtWords),
    now: Date.now(),
  });
  const shown = form.external ? externalReport(report, insideOf(fleet, report, seenIn(dir, entries, fleet, history))) : report;
  history.close();
  return mask(rendered(shown, form));
}

/** What the next shift must know of the time since `from`, epoch ms. */
export function handoffFrom({ fleet, journal, dir }: ReportSource, incidents: readonly Incident[], from: number, now: number): Handoff {
  const reader = readJournal(dir);
  const entries = reader?.since(new Date(from - beforeShiftMs).toISOString(), mostEntries) ?? [];
  reader?.close();
  return handoffOf({
    fleet: fleet.name,
    from,
    now,
    entries,
    incidents,
    debts: debtsIn(journal.ofKinds(['debt-open', 'debt-settled']), fleet.name).map(debtWords),
    routines: routinesNow({ fleet, journal }, now),
  });
}

/** The fleet's regular duties as they stand, days and weeks begun at this machine's midnight. */
export function routinesNow({ fleet, journal }: Pick<ReportSource, 'fleet' | 'journal'>, now: number): ReturnType<typeof routinesState> {
  return routinesState(fleet.routines, journal.ofKinds(['routine']), fleet.name, now, -new Date(now).getTimezoneOffset());
}

/** Entries from a day before the scope (what began earlier and still stood) to now (what was told later). */
export function entriesFor(
  dir: string,
  scope: Scope,
  incident: Incident | null,
  incidents: readonly Entry[],
  warn: (text: string) => void,
): readonly Entry[] {
  const reader = readJournal(dir);
  if (reader === null) return [];
  try {
    const found = reader.since(new Date(scope.from - dayMs).toISOString(), mostEntries);
    if (found.length === mostEntries) warn(`only the first ${mostEntries} entries of this time are in the export`);
    const known = new Set(found.map((entry) => entry.seq));
    // Which runs are an incident's depends on what else was open.
    const own = incident === null ? [] : incidents.filter((entry) => !known.has(entry.seq));
    return [...own, ...found].toSorted((a, b) => a.seq - b.seq);
  } finally {
    reader.close();
  }
}

/** What no fleet file names: hosts of clouds and of the past, from the journal, the history and the clouds' last lists. */
function seenIn(dir: string, entries: readonly Entry[], { sshByRole, depends }: Fleet, history: History): Seen {
  const targets = entries.flatMap((entry) => entry.targets.map((target) => target.split('/', 2)));
  const roles = new Set([...sshByRole.keys(), ...depends.keys()]);
  const listed = namesInGoodLists(dir);
  const hosts = [...targets.flatMap(([host = '']) => host), ...history.hosts(), ...listed.hosts];
  return {
    hosts: [...new Set(hosts)].filter((host) => !roles.has(host)),
    other: [...new Set([...listed.zones, ...targets.flatMap(([, part = '']) => part)])],
  };
}

function rendered(report: Report, form: ReportForm): string {
  if (form.template === 'aslo') return asloReport(report);
  if (form.template === 'aslo-announcement') return asloAnnouncement(report);
  switch (form.format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'html':
      return reportHtml(report);
    case 'markdown':
      return reportMarkdown(report);
    default:
      return form.format satisfies never;
  }
}

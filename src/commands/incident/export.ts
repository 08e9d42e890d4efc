import { createHash } from 'node:crypto';
import { readBounded } from '../../config/bounded-file.ts';
import { debtsIn } from '../../actions/pools/debts.ts';
import { debtWords } from '../../fleet/debt.ts';
import type { Fleet } from '../../fleet/definition.ts';
import type { Entry } from '../../journal/entry.ts';
import { History } from '../../journal/history.ts';
import type { Incident } from '../../journal/incident/incident.ts';
import { readJournal } from '../../journal/reader.ts';
import { asloAnnouncement, asloReport } from '../../journal/report/aslo.ts';
import { buildReport, scopeOf } from '../../journal/report/build-report.ts';
import { externalReport, insideOf } from '../../journal/report/external.ts';
import { reportHtml } from '../../journal/report/html.ts';
import { reportMarkdown } from '../../journal/report/markdown.ts';
import type { Report } from '../../journal/report/report.ts';
import { saveReport } from '../../journal/report/save-report.ts';
import type { Scope } from '../../journal/report/timeline.ts';
import type { GlobalOptions } from '../global-options.ts';
import { openStateDir } from '../open-state-dir.ts';
import { exitCode, UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { type OpenDesk, recorded, withDesk } from './open-desk.ts';

export const exportFormats = ['markdown', 'json', 'html'] as const;
export const exportTemplates = ['aslo', 'aslo-announcement'] as const;

export interface ExportOptions {
  readonly format: (typeof exportFormats)[number];
  readonly template: (typeof exportTemplates)[number] | null;
  readonly external: boolean;
  /** `null`: standard output. */
  readonly out: string | null;
}

const dayMs = 24 * 3_600_000;
/** More entries than a month of a busy fleet; beyond it the newest are left out, which is said. */
const mostEntries = 200_000;

/** Exports one incident. */
export function incidentExport(options: GlobalOptions, id: string | null, how: ExportOptions): Promise<number> {
  return withDesk(options, (open) => {
    const incident = id === null ? theLatest(open) : open.desk.find(id);
    return exported(options, open, incident, scopeOf(incident, open.fleet.name, Date.now()), how);
  });
}

/** Exports a period of the journal, by default the last eight hours. */
export function journalExport(
  options: GlobalOptions,
  period: { readonly from: string | null; readonly to: string | null; readonly hosts: readonly string[] },
  how: ExportOptions,
): Promise<number> {
  return withDesk(options, (open) => {
    const now = Date.now();
    const from = eventTime(period.from, '--since', now) ?? now - dayMs / 3;
    const to = eventTime(period.to, '--until', now) ?? now;
    if (from >= to) throw new UsageError('--since must lie before --until');
    const hosts = period.hosts.length === 0 ? null : period.hosts;
    return exported(options, open, null, { from, to, fleet: open.fleet.name, hosts, incident: null }, how);
  });
}

/** Notes that a file is evidence, with its SHA-256 at this moment; the file itself stays where it is. */
export async function incidentEvidence(
  options: GlobalOptions,
  file: string,
  how: { text: string; id: string | null; at: string | null; json: boolean },
): Promise<number> {
  const read = await readBounded(file, 64 * 1024 * 1024);
  if (!read.ok) throw new UsageError(`${file} ${read.text}`);
  const sha256 = createHash('sha256').update(read.bytes).digest('hex');
  return recorded(options, how.json, ({ desk }) => desk.evidence(how.id, how.text, file, sha256, eventTime(how.at, '--at', Date.now())));
}

/** The only open incident, else the newest of the fleet. */
function theLatest({ desk, fleet }: OpenDesk): Incident {
  if (desk.open().length > 1) return desk.find(null);
  const newest = desk.open()[0] ?? desk.all().findLast((incident) => incident.fleet === fleet.name);
  return newest ?? desk.find(null);
}

function exported(options: GlobalOptions, open: OpenDesk, incident: Incident | null, scope: Scope, how: ExportOptions): number {
  const { fleet, journal, mask } = open;
  const dir = openStateDir(options);
  const entries = entriesFor(dir, scope, incident, journal.ofKinds(['incident']));
  const history = new History(dir, fleet.name, true);
  const report = buildReport({
    incident,
    scope,
    fleetTitle: fleet.title,
    entries,
    history: history.range(scope.hosts, scope.from, scope.to),
    debts: debtsIn(journal.ofKinds(['debt-open', 'debt-settled']), fleet.name).map(debtWords),
    now: Date.now(),
  });
  history.close();
  const shown = how.external ? externalReport(report, insideOf(fleet, report, hostsIn(entries, fleet))) : report;
  // What was kept before a pattern was in the fleet file must not leave either.
  const text = mask(rendered(shown, how));
  if (how.out === null) process.stdout.write(text);
  else {
    saveReport(how.out, text);
    process.stderr.write(`${how.out} is written\n`);
  }
  return exitCode.ok;
}

/** Entries from a day before the scope (what began earlier and still stood) to now (what was told later). */
function entriesFor(dir: string, scope: Scope, incident: Incident | null, incidents: readonly Entry[]): readonly Entry[] {
  const reader = readJournal(dir);
  if (reader === null) return [];
  try {
    const found = reader.since(new Date(scope.from - dayMs).toISOString(), mostEntries);
    if (found.length === mostEntries) process.stderr.write(`only the first ${mostEntries} entries of this time are in the export\n`);
    const known = new Set(found.map((entry) => entry.seq));
    const own = incidents.filter((entry) => entry.actionId === incident?.key && !known.has(entry.seq));
    return [...own, ...found].toSorted((a, b) => a.seq - b.seq);
  } finally {
    reader.close();
  }
}

/** Names of hosts and machines that the record itself holds: a cloud's are in no fleet file. */
function hostsIn(entries: readonly Entry[], fleet: Fleet): readonly string[] {
  const targets = entries.flatMap((entry) => entry.targets.flatMap((target) => [target, ...target.split('/')]));
  const roles = new Set([...fleet.sshByRole.keys(), ...fleet.depends.keys()]);
  return [...new Set(targets)].filter((target) => !roles.has(target));
}

function rendered(report: Report, how: ExportOptions): string {
  if (how.template === 'aslo') return asloReport(report);
  if (how.template === 'aslo-announcement') return asloAnnouncement(report);
  switch (how.format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'html':
      return reportHtml(report);
    case 'markdown':
      return reportMarkdown(report);
    default:
      return how.format satisfies never;
  }
}

import { createHash } from 'node:crypto';
import { readBounded } from '../../config/bounded-file.ts';
import type { Incident } from '../../journal/incident/incident.ts';
import { unwritten } from '../../journal/incident/unwritten.ts';
import { scopeOf } from '../../journal/report/build-report.ts';
import { saveReport } from '../../journal/report/save-report.ts';
import type { Scope } from '../../journal/report/timeline-item.ts';
import type { GlobalOptions } from '../global-options.ts';
import { openStateDir } from '../open-state-dir.ts';
import { exitCode, UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { type ReportForm, reportText } from './make-report.ts';
import { type OpenDesk, recorded, withDesk } from './open-desk.ts';

export interface ExportOptions extends ReportForm {
  /** `null`: standard output. */
  readonly out: string | null;
}

const dayMs = 24 * 3_600_000;

/** Exports one incident. */
export function incidentExport(options: GlobalOptions, id: string | null, how: ExportOptions): Promise<number> {
  return withDesk(options, (open) => {
    const incident = id === null ? theLatest(open) : open.desk.find(id);
    const missing = how.external || how.template === 'aslo-announcement' ? [] : unwritten(incident).map(({ words }) => words);
    const status = exported(options, open, incident, scopeOf(incident, open.fleet.name, Date.now()), how);
    if (missing.length > 0)
      process.stderr.write(`nobody has written yet: ${missing.join(', ')}; quarterdeck incident impact and analysis do\n`);
    return status;
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
  const text = reportText({ ...open, dir: openStateDir(options) }, incident, scope, how, (said) => process.stderr.write(`${said}\n`));
  if (how.out === null) process.stdout.write(text);
  else {
    saveReport(how.out, text);
    process.stderr.write(`${how.out} is written\n`);
  }
  return exitCode.ok;
}

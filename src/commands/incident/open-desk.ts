import type { Fleet } from '../../fleet/definition.ts';
import type { Journal } from '../../journal/entry.ts';
import { IncidentDesk } from '../../journal/incident/desk.ts';
import type { Incident } from '../../journal/incident/incident.ts';
import { JournalError } from '../../journal/journal-error.ts';
import type { GlobalOptions } from '../global-options.ts';
import { maskOf } from '../mask.ts';
import { chooseFleet, definitionOf } from '../open-fleet.ts';
import { openOrFailed } from '../open-state-dir.ts';
import { operator } from '../operator.ts';
import { exitCode, UsageError } from '../usage-error.ts';

/** What the commands of an incident work with; nothing of the fleet is connected to. */
export interface OpenDesk {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly desk: IncidentDesk;
  readonly who: string;
  /** Takes the fleet's secrets out of a text. */
  readonly mask: (text: string) => string;
}

/** Opens the journal for one command and closes it after; what is wrong becomes one sentence, with exit 1 when the journal is at fault. */
export async function withDesk(options: GlobalOptions, work: (open: OpenDesk) => number | Promise<number>): Promise<number> {
  const fleet = await definitionOf(await chooseFleet(options, null));
  const mask = await maskOf(fleet);
  const journal = openOrFailed(mask, options);
  const who = operator();
  const desk = new IncidentDesk({ journal, fleet: fleet.name, who, now: Date.now });
  try {
    if (journal.failure !== null) throw new UsageError(journal.failure, exitCode.failed);
    return await work({ fleet, journal, desk, who, mask });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof JournalError) throw new UsageError(error.message, exitCode.failed);
    throw new UsageError(error instanceof Error ? error.message : 'the incident could not be written');
  } finally {
    journal.close();
  }
}

/** One event of an incident: writes it and prints the incident in a line, or as JSON. */
export function recorded(options: GlobalOptions, json: boolean, write: (open: OpenDesk) => Incident): Promise<number> {
  return withDesk(options, (open) => {
    const incident = write(open);
    process.stdout.write(json ? `${JSON.stringify(incident)}\n` : `${incidentLine(incident)}\n`);
    return exitCode.ok;
  });
}

/** `INC-3  SEV-2  open  nfs1: NFS latency 48 ms` */
export function incidentLine(incident: Incident): string {
  return [incident.id, incident.severity.replace('sev', 'SEV-'), incident.status, incident.title].join('  ');
}

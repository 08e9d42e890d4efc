import type { Journal } from '../entry.ts';
import { foldIncidents, openIncidents } from './fold.ts';

/** The newest open incident of a fleet that names one of these hosts, as `INC-12`; `null` when there is none or it cannot be read. */
export function incidentOn(journal: Pick<Journal, 'ofKinds'>, fleet: string, hosts: readonly string[]): string | null {
  try {
    const open = openIncidents(foldIncidents(journal.ofKinds(['incident'])));
    return open.findLast((incident) => incident.fleet === fleet && incident.hosts.some((host) => hosts.includes(host)))?.id ?? null;
  } catch {
    return null;
  }
}

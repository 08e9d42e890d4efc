import type { Entry } from '../entry.ts';
import { foldIncidents } from '../incident/fold.ts';
import type { Incident } from '../incident/incident.ts';
import { type RunTold, runsIn } from './run-items.ts';

/** Whose runs are meant: hosts `null` means every one, incident `null` none in particular. */
export interface RunScope {
  readonly fleet: string;
  readonly hosts: readonly string[] | null;
  /** Key of an incident. */
  readonly incident: string | null;
}

/**
 * The runs that belong to a scope, each as a whole: what it changed, what a person answered and noted in it. One belongs that changed one of
 * the hosts, or none at all; and one that changed others only, when somebody of the incident began it while no other incident was open.
 * Entries are of the journal in its order, with all those of incidents.
 */
export function runsOf(entries: readonly Entry[], scope: RunScope): readonly RunTold[] {
  const runs = runsIn(entries);
  const { hosts } = scope;
  if (hosts === null) return runs;
  const incidents = foldIncidents(entries).filter(({ fleet }) => fleet === scope.fleet);
  return runs.filter(
    (run) => run.hosts.length === 0 || run.hosts.some((host) => hosts.includes(host)) || isMeantFor(scope.incident, run, incidents),
  );
}

function isMeantFor(key: string | null, { openedAt, operator }: RunTold, incidents: readonly Incident[]): boolean {
  const [only, second] = incidents.filter(({ times: { declared, closed } }) => {
    return declared !== null && declared.at <= openedAt && (closed === null || openedAt <= closed.at);
  });
  if (only === undefined || second !== undefined || only.key !== key) return false;
  return only.people.some((person) => nameOf(person) === nameOf(operator));
}

/** `ann@deck` and `ann` are one person. */
function nameOf(person: string): string {
  return person.split('@', 1)[0] ?? person;
}

import { fileProblem } from '../../config/problem.ts';
import type { Fleet } from '../../fleet/definition.ts';
import { cloudStale } from '../../health/cloud-state.ts';
import { ownAlertNames } from '../../health/alert-kind.ts';
import type { Library } from '../library.ts';
import { specificity } from '../pattern-breadth.ts';
import type { LintFinding } from './finding.ts';

/** Names of the alerts that a fleet can raise: of its services, checks and backups, and those that its hosts may have under its limits. */
export function alertNamesOf(fleet: Fleet): readonly string[] {
  return [
    ...new Set([
      ...fleet.services.map((service) => `${service.name}-down`),
      ...fleet.checks.map((check) => (check.kind === 'version' ? 'version-skew' : `${check.name}-failing`)),
      ...(fleet.backups.length > 0 ? ['backup-old', 'backup-failed'] : []),
      ...ownAlertNames.filter((name) => canRaise(fleet, name)),
    ]),
  ];
}

/** What a fleet file sets no limit for, or has nothing of, raises no alert. */
function canRaise(fleet: Fleet, name: string): boolean {
  const { limits } = fleet;
  switch (name) {
    case 'nfs-iops':
      return limits.nfsIops.length > 0;
    case 'swap-high':
      return limits.swap !== null;
    case 'steal-high':
      return limits.steal !== null;
    case 'iowait-high':
      return limits.iowait !== null;
    case 'load-high':
      return limits.load !== null;
    case cloudStale:
      return fleet.sources.some(({ kind }) => kind === 'gce' || kind === 'azure');
    default:
      return !name.startsWith('nfs-') || namesNfs(fleet);
  }
}

/** Mounts are found on the hosts; a file that never speaks of NFS, in a role, a service, a check or a path, is taken at its word. */
function namesNfs({ sources, services, checks, backups, drains, depends, limits, sshByRole }: Fleet): boolean {
  const said = JSON.stringify([sources, services, checks, backups, drains, [...depends], [...sshByRole.keys()]]);
  return limits.nfsIops.length > 0 || /nfs/i.test(said);
}

/**
 * One warning that names every alert to which no playbook of the library leads specifically; a pattern that matches anything leads
 * nowhere. Empty when each has one.
 */
export function lintAlerts(library: Library, fleet: Fleet): readonly LintFinding[] {
  const patterns = library.files
    .flatMap(({ playbook }) => playbook.suggest.map((suggested) => suggested.alert))
    .filter((pattern) => pattern !== null && specificity(pattern) > 0);
  const bare = alertNamesOf(fleet).filter((name) => !patterns.some((pattern) => pattern !== null && pattern.test(name)));
  if (bare.length === 0) return [];
  const message = `No playbook is about ${bare.length === 1 ? 'this alert' : `these ${bare.length} alerts`} in particular: ${bare.join(', ')}.`;
  const remedy = 'Name it under "suggest: alert" of the playbook that mends it, or write one.';
  return [{ ...fileProblem(library.folder ?? fleet.file, message, remedy), severity: 'warning', rule: 'alert-without-playbook' }];
}

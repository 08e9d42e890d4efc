import { fileProblem } from '../../config/problem.ts';
import type { Fleet } from '../../fleet/definition.ts';
import { ownAlertNames } from '../../health/alert-kind.ts';
import { matches } from '../bounded-match.ts';
import type { Library } from '../library.ts';
import { specificity } from '../pattern-breadth.ts';
import type { LintFinding } from './finding.ts';

/** Names of the alerts that a fleet can raise: of its services, checks and backups, and those that every host may have. */
export function alertNamesOf(fleet: Fleet): readonly string[] {
  return [
    ...new Set([
      ...fleet.services.map((service) => `${service.name}-down`),
      ...fleet.checks.map((check) => (check.kind === 'version' ? 'version-skew' : `${check.name}-failing`)),
      ...(fleet.backups.length > 0 ? ['backup-old', 'backup-failed'] : []),
      ...ownAlertNames,
    ]),
  ];
}

/**
 * One warning that names every alert to which no playbook of the library leads specifically; a pattern that matches anything leads
 * nowhere. Empty when each has one.
 */
export function lintAlerts(library: Library, fleet: Fleet): readonly LintFinding[] {
  const patterns = library.files
    .flatMap(({ playbook }) => playbook.suggest.map((suggested) => suggested.alert))
    .filter((pattern) => pattern !== null && specificity(pattern) > 0);
  const bare = alertNamesOf(fleet).filter((name) => !patterns.some((pattern) => pattern !== null && matches(pattern, name)));
  if (bare.length === 0) return [];
  const message = `No playbook is about ${bare.length === 1 ? 'this alert' : `these ${bare.length} alerts`} in particular: ${bare.join(', ')}.`;
  const remedy = 'Name it under "suggest: alert" of the playbook that mends it, or write one.';
  return [{ ...fileProblem(library.folder ?? fleet.file, message, remedy), severity: 'warning', rule: 'alert-without-playbook' }];
}

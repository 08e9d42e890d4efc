import type { Alert } from '../../fleet/alert.ts';
import { rootLines } from '../../health/root-lines.ts';
import type { Standing } from './standing.ts';

/**
 * What makes all of these fail at once, in words: one root cause that stands behind an alert of each, or the same fault on each. `null`
 * when fewer than two fail, or nothing shared is seen. Taking one of them out would only take capacity away.
 */
export function sharedCause(failing: readonly Standing[], alerts: readonly Alert[], nowMs: number): string | null {
  if (failing.length < 2) return null;
  const roots = failing.map(
    ({ hostId }) => new Set(alerts.filter((alert) => alert.host === hostId).map((alert) => alert.suppressedBy ?? alert.id)),
  );
  const common = [...(roots[0] ?? [])].find((id) => roots.every((own) => own.has(id)));
  const line = rootLines(alerts, nowMs).find(({ root }) => root.id === common);
  if (line !== undefined) return line.text;
  const faults = failing.map(({ view }) => view?.verdict.reasons.filter((reason) => reason.health !== 'warn') ?? []);
  const same = faults[0]?.find((reason) => faults.every((own) => own.some((each) => each.name === reason.name)));
  return same === undefined ? null : `${failing.map(({ name }) => name).join(', ')} all say: ${same.text}`;
}

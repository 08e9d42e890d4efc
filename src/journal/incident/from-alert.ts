import type { Severity } from './event.ts';

/** What of an alert an incident needs; the fleet's alerts and the journal's both have it. */
export interface AlertTold {
  readonly id: string;
  readonly name: string;
  readonly severity: 'warn' | 'crit' | 'unknown';
  readonly hostName: string | null;
  readonly what: string;
  /** Epoch ms. */
  readonly since: number;
  readonly cause: string | null;
}

/** How an incident begins that is started from an alert: its root cause, every host it explains, and when it began. */
export function incidentFromAlert(
  alert: AlertTold,
  all: readonly AlertTold[],
): {
  readonly title: string;
  readonly severity: Severity;
  readonly alert: string;
  readonly hosts: readonly string[];
  readonly began: number;
} {
  const root = all.find((other) => other.id === alert.cause) ?? alert;
  const explained = all.filter((other) => other.cause === root.id);
  const hosts = [root, alert, ...explained].flatMap((each) => each.hostName ?? []);
  return {
    title: root.hostName === null ? root.what : `${root.hostName}: ${root.what}`,
    severity: root.severity === 'crit' ? 'sev2' : 'sev3',
    alert: root.id,
    hosts: [...new Set(hosts)],
    began: Math.min(root.since, alert.since, ...explained.map((each) => each.since)),
  };
}

import type { Alert } from '../fleet/alert.ts';
import { cloudStale } from './cloud-state.ts';
import { isHostSilence } from './evidence.ts';

/** What an alert is about, as far as blame goes. */
export type AlertKind =
  | 'network'
  | 'silence'
  | 'nfs-server'
  | 'nfs-hung'
  | 'nfs-slow'
  | 'nfs-iops'
  | 'disk'
  | 'inodes'
  | 'memory'
  | 'swap'
  | 'oom'
  | 'cpu'
  | 'iowait'
  | 'load'
  | 'service-down'
  | 'service'
  | 'check'
  | 'backup'
  | 'unknown'
  | 'inventory'
  | 'skew'
  /** What somebody owes back; nothing else is its cause. */
  | 'debt';

export const networkDown = 'network-down';
export const nfsServerHung = 'nfs-server-hung';
export const debtOwed = 'owed-back';
export const debtForgotten = 'pool-forgot';

const byName: Readonly<Record<string, AlertKind>> = {
  [networkDown]: 'network',
  [nfsServerHung]: 'nfs-server',
  'nfs-hung': 'nfs-hung',
  // Nothing behind the mount is reached either way.
  'nfs-refused': 'nfs-hung',
  'nfs-slow': 'nfs-slow',
  'nfs-iops': 'nfs-iops',
  'disk-full': 'disk',
  'inodes-full': 'inodes',
  'memory-low': 'memory',
  'swap-high': 'swap',
  'oom-kill': 'oom',
  'cpu-high': 'cpu',
  'steal-high': 'cpu',
  'iowait-high': 'iowait',
  'load-high': 'load',
  [cloudStale]: 'inventory',
};

/** Names of alerts that every fleet may have; those of services, checks and backups are made of their names. */
export const ownAlertNames: readonly string[] = Object.keys(byName);

/** The kind of an alert by its labels and name; a service may be called like one of our own alerts. */
export function kindOf(alert: Pick<Alert, 'name' | 'labels' | 'severity'>): AlertKind {
  if (alert.name === 'version-skew') return 'skew';
  if (alert.labels['debt'] !== undefined) return 'debt';
  const service = alert.labels['service'];
  if (service !== undefined) {
    if (alert.severity === 'unknown') return 'unknown';
    return alert.name === `${service}-down` ? 'service-down' : 'service';
  }
  if (alert.labels['check'] !== undefined) return 'check';
  if (alert.labels['backup'] !== undefined) return alert.severity === 'unknown' ? 'unknown' : 'backup';
  const known = Object.hasOwn(byName, alert.name) ? byName[alert.name] : undefined;
  if (known !== undefined) return known;
  return isHostSilence(alert.name, { kind: 'host' }) ? 'silence' : 'unknown';
}

const order: readonly AlertKind[] = [
  'network',
  'silence',
  'nfs-server',
  'nfs-hung',
  'nfs-iops',
  'disk',
  'inodes',
  'memory',
  'oom',
  'service-down',
  'iowait',
  'load',
  'cpu',
  'swap',
  'service',
  'nfs-slow',
  'check',
  'backup',
  'unknown',
  'inventory',
  'skew',
  'debt',
];

/** Of several that could explain an alert, the lower takes the blame. */
export function blameOrder(kind: AlertKind): number {
  return order.indexOf(kind);
}

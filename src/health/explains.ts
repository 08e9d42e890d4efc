import type { Alert } from '../fleet/alert.ts';
import type { Fleet } from '../fleet/definition.ts';
import { healthRank } from '../fleet/health.ts';
import { type AlertKind, kindOf } from './alert-kind.ts';
import type { Places } from './places.ts';

type Kinds = ReadonlySet<AlertKind>;
const kinds = (...list: readonly AlertKind[]): Kinds => new Set(list);

const serviceKinds = ['service-down', 'service', 'check', 'unknown'] as const;

/** On one host: what an alert of the key's kind can bring about. */
const sameHost: ReadonlyMap<AlertKind, Kinds> = new Map<AlertKind, Kinds>([
  [
    'silence',
    kinds(...serviceKinds, 'nfs-hung', 'nfs-slow', 'nfs-iops', 'disk', 'inodes', 'memory', 'swap', 'oom', 'cpu', 'iowait', 'load'),
  ],
  ['nfs-hung', kinds(...serviceKinds, 'nfs-slow', 'iowait', 'load')],
  ['nfs-slow', kinds('check', 'iowait', 'load')],
  ['nfs-iops', kinds('iowait', 'load')],
  ['disk', kinds(...serviceKinds)],
  ['inodes', kinds(...serviceKinds)],
  ['memory', kinds(...serviceKinds, 'oom', 'swap', 'iowait', 'load')],
  ['oom', kinds(...serviceKinds)],
]);

/** What a host of another role can suffer from the one it depends on, and what of that one can make it suffer. */
const suffers = kinds('nfs-hung', 'nfs-slow', 'service-down', 'service', 'check', 'iowait', 'load', 'silence');
const strikes = kinds(
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
  'check',
);

/** What an NFS server can have that its clients feel. */
const serverFaults = kinds(
  'silence',
  'nfs-server',
  'nfs-iops',
  'disk',
  'inodes',
  'memory',
  'oom',
  'service-down',
  'iowait',
  'load',
  'cpu',
  'nfs-slow',
  'nfs-hung',
);

/** Silences that a dependency can cause; a refused login or port is the host's own matter. */
const causedSilences = new Set(['host-timeout', 'host-unreachable', 'host-stale', 'host-no-shell']);

/** Whether `parent` is of a kind and place that can have brought about `child`. Times are not looked at. */
export function explains(parent: Alert, child: Alert, fleet: Fleet, places: Places): boolean {
  return linkOf(parent, child, fleet, places) !== null;
}

/** What in the fleet joins `child` to `parent`, as one clause: `web1 mounts /mnt/data from nfs1`. `null` where `parent` cannot have brought it about. */
export function linkOf(parent: Alert, child: Alert, fleet: Fleet, places: Places): string | null {
  if (parent.id === child.id) return null;
  const parentKind = kindOf(parent);
  const childKind = kindOf(child);
  if (childKind === 'debt' || parentKind === 'debt') return null;
  if (parentKind === 'network') return 'every host is reached over this network';
  if (parent.severity === 'unknown' && parentKind !== 'silence') return null;
  if (parentKind === 'nfs-server') return sharesServer(parent, child, places) ? mountWords(parent, child) : null;
  if (parent.host === null || child.host === null) return null;
  if (parent.host === child.host) return onSameHost(parent, parentKind, child, childKind, fleet);
  if (servesMountOf(parent, parentKind, child, places)) return mountWords(parent, child);
  return byDependency(parent, parentKind, child, childKind, places);
}

function mountWords(parent: Alert, child: Alert): string {
  const mount = child.labels['mount'];
  const from = parent.hostName ?? parent.labels['server'] ?? 'that server';
  return `${child.hostName ?? 'it'} mounts ${mount === undefined ? 'its files' : mount} from ${from}`;
}

function onSameHost(parent: Alert, parentKind: AlertKind, child: Alert, childKind: AlertKind, fleet: Fleet): string | null {
  if (parentKind === 'service-down' || parentKind === 'service') {
    const proves = childKind === 'check' && provesService(parent, child, fleet);
    return proves ? `check ${child.labels['check'] ?? ''} asks service ${parent.labels['service'] ?? ''}` : null;
  }
  // A disk that is only filling up stops nothing yet.
  if ((parentKind === 'disk' || parentKind === 'inodes' || parentKind === 'memory') && parent.severity !== 'crit') return null;
  return sameHost.get(parentKind)?.has(childKind) === true
    ? `${child.name} and ${parent.name} are both on ${child.hostName ?? 'one host'}`
    : null;
}

/** A check falls with a service that names it as its proof, or whose port or socket it asks. */
function provesService(parent: Alert, child: Alert, fleet: Fleet): boolean {
  const service = fleet.services.find((spec) => spec.name === parent.labels['service']);
  const check = fleet.checks.find((spec) => spec.name === child.labels['check']);
  if (service === undefined || check === undefined) return false;
  if (service.verify.includes(check.name)) return true;
  if (check.kind === 'tcp') return service.port === check.port;
  if (check.kind === 'mysql') return service.socket !== null && service.socket === check.socket;
  if (check.kind !== 'http' && check.kind !== 'version') return false;
  if (check.unix !== null) return check.unix === service.socket;
  return service.port !== null && portOf(check.url) === service.port;
}

/** No URL class here: `fleet` and `health` know no platform. */
function portOf(url: string): number | null {
  const found = /^(https?):\/\/(?:\[[^\]]*\]|[^/:?#]*)(?::(\d+))?/.exec(url);
  if (found === null) return null;
  return found[2] === undefined ? (found[1] === 'https' ? 443 : 80) : Number(found[2]);
}

function sharesServer(parent: Alert, child: Alert, places: Places): boolean {
  const childKind = kindOf(child);
  const server = child.labels['server'];
  if ((childKind !== 'nfs-hung' && childKind !== 'nfs-slow') || server === undefined) return false;
  const host = places.server(server);
  return host === null ? server === parent.labels['server'] : host.id === parent.host;
}

function servesMountOf(parent: Alert, parentKind: AlertKind, child: Alert, places: Places): boolean {
  const server = child.labels['server'];
  return server !== undefined && serverFaults.has(parentKind) && places.server(server)?.id === parent.host;
}

function byDependency(parent: Alert, parentKind: AlertKind, child: Alert, childKind: AlertKind, places: Places): string | null {
  if (!suffers.has(childKind) || !strikes.has(parentKind)) return null;
  if (childKind === 'silence' && !causedSilences.has(child.name)) return null;
  const [childRole, parentRole] = [child.labels['role'], parent.labels['role']];
  if (childRole === undefined || parentRole === undefined || !places.dependencies(childRole).includes(parentRole)) return null;
  if (parentKind !== 'silence' && healthRank(parent.severity) < healthRank(child.severity)) return null;
  return sameWorld(parent, child, parentRole, places) ? `role ${childRole} depends on role ${parentRole}` : null;
}

/** A test server takes no blame for production, unless production has none of its role. */
function sameWorld(parent: Alert, child: Alert, parentRole: string, places: Places): boolean {
  const env = child.labels['env'];
  return parent.labels['env'] === env || !places.has(parentRole, env);
}

import type { ActionRequest } from '../actions/request.ts';
import type { BackupSpec, Fleet } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import type { HostView } from '../fleet/view.ts';
import { UsageError } from './usage-error.ts';

/** `NAME`, or `HOST/NAME`; a backup's name holds no slash. */
function partsOf(target: string): { readonly host: string | null; readonly name: string } {
  const slash = target.lastIndexOf('/');
  return slash < 1 ? { host: null, name: target } : { host: target.slice(0, slash), name: target.slice(slash + 1) };
}

function specOf(fleet: Fleet, name: string): BackupSpec {
  const spec = fleet.backups.find((each) => each.name === name);
  if (spec !== undefined) return spec;
  const known = fleet.backups.map((each) => each.name).join(', ');
  throw new UsageError(
    `no backup ${JSON.stringify(name)} in fleet ${fleet.name}${known === '' ? ': the fleet file has none' : `; there are ${known}`}`,
  );
}

/** Hosts that must be asked for these targets. */
export function backupHosts(fleet: Fleet, targets: readonly string[]): (host: Host) => boolean {
  const wanted = targets.map(partsOf);
  return (host) =>
    wanted.some(
      ({ host: named, name }) =>
        (named === null || host.name === named || host.id === named) &&
        fleet.backups.some((spec) => spec.name === name && host.role !== null && spec.on.includes(host.role)),
    );
}

/** One request a backup and host: on every host of its roles, or on the one named; of a cloud's disk there is one snapshot, whatever its hosts. */
export function backupRequests(fleet: Fleet, views: readonly HostView[], targets: readonly string[]): ActionRequest[] {
  const requests = targets.flatMap((target) => {
    const { host, name } = partsOf(target);
    const spec = specOf(fleet, name);
    const on = views.filter(
      (view) =>
        view.goneSince === null &&
        view.host.role !== null &&
        spec.on.includes(view.host.role) &&
        (host === null || view.host.name === host || view.host.id === host),
    );
    if (on.length === 0)
      throw new UsageError(
        host === null
          ? `no host has the role ${spec.on.join(' or ')}, on which backup ${name} runs`
          : `no host ${JSON.stringify(host)} with the role ${spec.on.join(' or ')}, on which backup ${name} runs`,
      );
    const chosen = spec.kind.endsWith('-snapshot') ? on.slice(0, 1) : on;
    return chosen.map((view) => ({ action: 'backup' as const, hostId: view.host.id, name }));
  });
  return requests.filter(
    (request, index) => requests.findIndex((other) => other.hostId === request.hostId && other.name === request.name) === index,
  );
}

import type { Fleet, Source } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './visible.ts';
import type { Path } from './yaml-data.ts';

/** Every role that is named must be given by some source, unless a source's host names decide the roles. */
export function checkRoles(reader: FleetReader, fleet: Fleet, complete: boolean): string[] {
  checkCycles(reader, fleet);
  if (!complete) return [];
  const open = fleet.sources.find(readsRolesFromNames);
  if (open !== undefined) return [`Host names of ${open.name} decide the roles, so the roles named in this file could not be checked.`];
  const given = new Set(fleet.sources.flatMap(rolesOf));
  for (const { path, role } of references(reader, fleet)) {
    if (given.has(role)) continue;
    const remedy = given.size === 0 ? 'Give hosts a role in the inventory.' : suggestion(role, given, 'Roles of this file');
    reader.complain(path, 'value', `${pathInWords(path)}: no inventory source gives any host the role ${quoted(role)}.`, remedy);
  }
  return [];
}

function readsRolesFromNames(source: Source): boolean {
  return (source.kind === 'gce' || source.kind === 'azure') && /\(\?<role>/.test(source.namePattern?.source ?? '');
}

function rolesOf(source: Source): string[] {
  if (source.kind === 'static') return source.hosts.flatMap((host) => host.role ?? []);
  if (source.kind === 'local') return source.role === null ? [] : [source.role];
  return source.roles.map((rule) => rule.role);
}

interface Reference {
  readonly path: Path;
  readonly role: string;
}

function references(reader: FleetReader, fleet: Fleet): Reference[] {
  const lists = (path: Path, roles: readonly string[]) => roles.map((role, index) => ({ path: reader.itemPath(path, index), role }));
  const named = (section: string, entries: readonly { readonly name: string; readonly on: readonly string[] }[]) =>
    entries.flatMap(({ name, on }) => lists([section, name, 'on'], on));
  const keys = (path: Path, roles: Iterable<string>) => [...roles].map((role) => ({ path: [...path, role], role }));
  return [
    ...keys(['ssh', 'roles'], fleet.sshByRole.keys()),
    ...named('services', fleet.services),
    ...named('checks', fleet.checks),
    ...fleet.limits.nfsIops.flatMap(({ on }, index) => lists([...reader.itemPath(['limits', 'nfs_iops'], index), 'on'], on)),
    ...keys(['depends'], fleet.depends.keys()),
    ...[...fleet.depends].flatMap(([role, on]) => lists(['depends', role], on)),
    ...fleet.pools.flatMap(({ name, memberRoles, options }) => [
      ...lists(['pools', name, 'members', 'role'], memberRoles),
      ...(typeof options['on'] === 'string' ? [{ path: ['pools', name, 'on'], role: options['on'] }] : []),
    ]),
    ...named('backups', fleet.backups),
    ...named('releases', fleet.releases),
    ...keys(['maintenance_mode'], fleet.maintenanceMode.keys()),
    ...named('actions', fleet.actions),
  ];
}

/** Blame flows along `depends`; in a circle it would never arrive. Depth first without recursion: a file may chain thousands. */
function checkCycles(reader: FleetReader, fleet: Fleet): void {
  const done = new Set<string>();
  for (const start of fleet.depends.keys()) {
    const trail = new Map<string, Iterator<[number, string]>>();
    const order: string[] = [];
    const enter = (role: string): void => {
      trail.set(role, (fleet.depends.get(role) ?? []).entries());
      order.push(role);
    };
    if (!done.has(start)) enter(start);
    while (order.length > 0) {
      const role = order.at(-1) ?? '';
      const rest = trail.get(role);
      const step = rest?.next();
      if (step === undefined || step.done === true) {
        trail.delete(role);
        order.pop();
        done.add(role);
        continue;
      }
      const [index, next] = step.value;
      if (trail.has(next)) {
        const circle = [...order.slice(order.indexOf(next)), next].map((name) => quoted(name)).join(' → ');
        const path = reader.itemPath(['depends', role], index);
        reader.complain(path, 'value', `Roles must not depend on each other in a circle: ${circle}.`);
      } else if (!done.has(next)) enter(next);
    }
  }
}

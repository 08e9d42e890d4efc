import type { Fleet } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import { nearest, suggestion } from './nearest.ts';
import { quoted } from './visible.ts';
import type { Path } from './yaml-data.ts';

/**
 * Every role that is named must be given by some source, unless a source's host names decide the roles.
 * Looks at the file's own words, so that a fault elsewhere in an entry hides nothing.
 */
export function checkRoles(reader: FleetReader, fleet: Fleet): string[] {
  checkCycles(reader, fleet);
  const items = reader.valueAt(['inventory']);
  const count = Array.isArray(items) ? items.length : 0;
  const sources = Array.from({ length: count }, (_, index): Path => ['inventory', index]);
  const open = sources.findIndex((path) => reader.textsAt([...path, 'name']).some(({ text }) => text.includes('(?<role>')));
  if (open !== -1) {
    const name = fleet.sources[open]?.name ?? 'a source';
    return [`Host names of ${name} decide the roles, so the roles named in this file could not be checked.`];
  }
  const given = new Set(sources.flatMap((path) => rolesAt(reader, path)));
  const faulty = reader.complaints.some(({ path }) => path[0] === 'inventory');
  for (const { path, text: role } of references(reader)) {
    if (given.has(role)) continue;
    // A source with faults may give more roles than could be read: then only a likely misspelling is told.
    if (faulty && nearest(role, given) === null) continue;
    const remedy = given.size === 0 ? 'Give hosts a role in the inventory.' : suggestion(role, given, 'Roles of this file');
    reader.complain(path, 'value', `${pathInWords(path)}: no inventory source gives any host the role ${quoted(role)}.`, remedy);
  }
  return [];
}

function rolesAt(reader: FleetReader, path: Path): string[] {
  const hosts = reader.valueAt([...path, 'static']);
  const listed = Array.isArray(hosts) ? hosts.flatMap((_, index) => reader.textsAt([...path, 'static', index, 'role'])) : [];
  const local = reader.textsAt([...path, 'local', 'role']);
  return [...listed, ...local].map(({ text }) => text).concat(reader.keysAt([...path, 'role']));
}

type Reference = ReturnType<FleetReader['textsAt']>[number];

function references(reader: FleetReader): Reference[] {
  const keys = (...path: string[]): Reference[] => reader.keysAt(path).map((role) => ({ path: [...path, role], text: role }));
  const under = (section: string, ...rest: string[]) =>
    reader.keysAt([section]).flatMap((name) => reader.textsAt([section, name, ...rest]));
  const iops = reader.valueAt(['limits', 'nfs_iops']);
  const iopsPaths: Path[] = Array.isArray(iops) ? iops.map((_, index) => ['limits', 'nfs_iops', index]) : [['limits', 'nfs_iops']];
  return [
    ...keys('ssh', 'roles'),
    ...under('services', 'on'),
    ...under('checks', 'on'),
    ...iopsPaths.flatMap((path) => reader.textsAt([...path, 'on'])),
    ...keys('depends'),
    ...under('depends'),
    ...under('pools', 'members', 'role'),
    ...under('pools', 'on'),
    ...under('backups', 'on'),
    ...under('releases', 'on'),
    ...under('drains', 'on'),
    ...keys('maintenance_mode'),
    ...under('actions', 'on'),
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

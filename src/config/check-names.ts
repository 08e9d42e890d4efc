import type { Fleet } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import { nearest, suggestion } from './nearest.ts';
import { parseJump } from './schema/ssh.ts';
import { quoted } from './visible.ts';
import type { Path } from './yaml-data.ts';

/**
 * Names that must exist, and names and keys that may be used once only.
 * Looks at the file's own words where it can, so that a fault elsewhere in an entry hides nothing.
 */
export function checkNames(reader: FleetReader, fleet: Fleet): string[] {
  checkHosts(reader);
  checkProofs(reader, fleet);
  checkReleases(reader, fleet);
  checkKeys(reader, 'services', true);
  checkKeys(reader, 'backups', false);
  checkKeys(reader, 'actions', true);
  return jumpNotes(fleet);
}

function checkHosts(reader: FleetReader): void {
  const seen = new Set<string>();
  const environments = [...reader.keysAt(['environments']), 'default'];
  const sources = reader.valueAt(['inventory']);
  for (const index of Array.isArray(sources) ? sources.keys() : []) {
    const hosts = reader.valueAt(['inventory', index, 'static']);
    const paths = Array.isArray(hosts) ? hosts.map((_, at): Path => ['inventory', index, 'static', at]) : [];
    for (const { path, text } of paths.flatMap((host) => reader.textsAt([...host, 'name']))) {
      if (seen.has(text)) reader.complain(path, 'value', `There are two static hosts called ${quoted(text)}.`, 'Rename one of them.');
      seen.add(text);
    }
    for (const { path, text } of [...paths, ['inventory', index, 'local']].flatMap((host) => reader.textsAt([...host, 'env']))) {
      if (environments.includes(text)) continue;
      reader.complain(path, 'value', `There is no environment ${quoted(text)}.`, suggestion(text, environments, 'Environments'));
    }
  }
}

/** A check that proves a restart must exist and be asked where the service runs. */
function checkProofs(reader: FleetReader, fleet: Fleet): void {
  const checks = reader.keysAt(['checks']);
  const missing = (path: Path, name: string): void =>
    reader.complain(
      path,
      'value',
      `${pathInWords(path)}: there is no check ${quoted(name)}.`,
      suggestion(name, checks, 'Checks of this file'),
    );
  for (const service of reader.keysAt(['services'])) {
    const roles = reader.textsAt(['services', service, 'on']).map(({ text }) => text);
    for (const { path, text: name } of reader.textsAt(['services', service, 'verify'])) {
      if (!checks.includes(name)) {
        missing(path, name);
        continue;
      }
      const check = fleet.checks.find((one) => one.name === name);
      if (check === undefined || check.from === 'here' || roles.length === 0 || check.on.some((role) => roles.includes(role))) continue;
      const asked = `the check ${quoted(name)} is asked on ${check.on.join(', ')}, where ${quoted(service)} does not run`;
      reader.complain(path, 'value', `${pathInWords(path)}: ${asked}.`);
    }
  }
  for (const pool of reader.keysAt(['pools'])) {
    if (reader.valueAt(['pools', pool, 'kind']) !== 'health-file') continue;
    for (const { path, text } of reader.textsAt(['pools', pool, 'check'])) if (!checks.includes(text)) missing(path, text);
  }
}

function checkReleases(reader: FleetReader, fleet: Fleet): void {
  const services = reader.keysAt(['services']);
  for (const release of reader.keysAt(['releases'])) {
    const roles = reader.textsAt(['releases', release, 'on']).map(({ text }) => text);
    for (const { path, text } of reader.textsAt(['releases', release, 'restart'])) {
      const service = fleet.services.find((one) => one.name === text);
      if (!services.includes(text)) {
        const remedy = suggestion(text, services, 'Services of this file');
        reader.complain(path, 'value', `${pathInWords(path)}: there is no service ${quoted(text)}.`, remedy);
      } else if (service !== undefined && !service.on.some((role) => roles.includes(role))) {
        reader.complain(path, 'value', `${pathInWords(path)}: ${quoted(text)} does not run on ${roles.join(', ')}.`);
      }
    }
  }
}

/** The second key of a chord means one thing: on each role, or in the whole section. */
function checkKeys(reader: FleetReader, section: string, byRole: boolean): void {
  const taken = new Map<string, string>();
  for (const name of reader.keysAt([section])) {
    const roles = byRole ? reader.textsAt([section, name, 'on']).map(({ text }) => text) : [''];
    for (const { path, text: key } of reader.textsAt([section, name, 'key'])) {
      const other = roles.flatMap((role) => taken.get(JSON.stringify([role, key])) ?? [])[0];
      if (other !== undefined) {
        reader.complain(path, 'value', `${pathInWords(path)}: the key ${quoted(key)} is taken by ${quoted(other)}.`, 'Choose another key.');
      }
      for (const role of roles) taken.set(JSON.stringify([role, key]), other ?? name);
    }
  }
}

/** A jump host may be any name that ssh_config or the DNS knows, so a misspelling can only be suspected. */
function jumpNotes(fleet: Fleet): string[] {
  const hosts = fleet.sources.flatMap((source) => (source.kind === 'static' ? source.hosts.map(({ name }) => name) : []));
  const items = new Set([fleet.ssh, ...fleet.sshByRole.values()].flatMap(({ jump }) => jump));
  return [...items].flatMap((item) => {
    const host = parseJump(item)?.host ?? item;
    const near = hosts.includes(host) ? null : nearest(host, hosts);
    return near === null ? [] : [`The jump host ${quoted(host)} is no host of this file; did you mean ${quoted(near)}?`];
  });
}

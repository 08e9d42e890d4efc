import type { Fleet } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import { nearest, suggestion } from './nearest.ts';
import type { PlacedSource } from './schema/sources.ts';
import { parseJump } from './schema/ssh.ts';
import { quoted } from './visible.ts';
import type { Path } from './yaml-data.ts';

/** Names that must exist, and names and keys that may be used once only. */
export function checkNames(reader: FleetReader, fleet: Fleet, sources: readonly PlacedSource[]): string[] {
  checkHosts(reader, fleet, sources);
  checkProofs(reader, fleet);
  checkReleases(reader, fleet);
  checkKeys(reader, fleet);
  return jumpNotes(fleet);
}

function checkHosts(reader: FleetReader, fleet: Fleet, sources: readonly PlacedSource[]): void {
  const seen = new Set<string>();
  const environments = fleet.environments.map(({ name }) => name);
  const checkEnv = (path: Path, env: string | null): void => {
    if (env === null || environments.includes(env)) return;
    reader.complain(path, 'value', `There is no environment ${quoted(env)}.`, suggestion(env, environments, 'Environments'));
  };
  for (const { index, source } of sources) {
    if (source.kind === 'local') checkEnv(['inventory', index, 'local', 'env'], source.env);
    if (source.kind !== 'static') continue;
    for (const [at, host] of source.hosts.entries()) {
      const path = ['inventory', index, 'static', at];
      if (seen.has(host.name))
        reader.complain([...path, 'name'], 'value', `There are two static hosts called ${quoted(host.name)}.`, 'Rename one of them.');
      seen.add(host.name);
      checkEnv([...path, 'env'], host.env);
    }
  }
}

/** A check that proves a restart must exist and be asked where the service runs. */
function checkProofs(reader: FleetReader, fleet: Fleet): void {
  const checks = new Set([...fleet.checks.map(({ name }) => name), ...reader.entryNames('checks')]);
  for (const service of fleet.services) {
    for (const [index, name] of service.verify.entries()) {
      const path = reader.itemPath(['services', service.name, 'verify'], index);
      if (!checks.has(name)) {
        reader.complain(
          path,
          'value',
          `${pathInWords(path)}: there is no check ${quoted(name)}.`,
          suggestion(name, checks, 'Checks of this file'),
        );
        continue;
      }
      const check = fleet.checks.find((one) => one.name === name);
      if (check === undefined || check.from === 'here' || check.on.some((role) => service.on.includes(role))) continue;
      const message = `${pathInWords(path)}: the check ${quoted(name)} is asked on ${check.on.join(', ')}, where ${quoted(service.name)} does not run.`;
      reader.complain(path, 'value', message);
    }
  }
  for (const pool of fleet.pools) {
    const name = pool.kind === 'health-file' ? pool.options['check'] : undefined;
    if (typeof name !== 'string' || checks.has(name)) continue;
    const path = ['pools', pool.name, 'check'];
    reader.complain(
      path,
      'value',
      `${pathInWords(path)}: there is no check ${quoted(name)}.`,
      suggestion(name, checks, 'Checks of this file'),
    );
  }
}

function checkReleases(reader: FleetReader, fleet: Fleet): void {
  const names = reader.entryNames('services');
  for (const { name, restart, on } of fleet.releases) {
    if (restart === null) continue;
    const path = ['releases', name, 'restart'];
    const service = fleet.services.find((one) => one.name === restart);
    if (!names.includes(restart)) {
      reader.complain(
        path,
        'value',
        `${pathInWords(path)}: there is no service ${quoted(restart)}.`,
        suggestion(restart, names, 'Services of this file'),
      );
    } else if (service !== undefined && !service.on.some((role) => on.includes(role))) {
      reader.complain(path, 'value', `${pathInWords(path)}: ${quoted(restart)} does not run on ${on.join(', ')}.`);
    }
  }
}

/** The second key of a chord means one thing on one host. */
function checkKeys(reader: FleetReader, fleet: Fleet): void {
  const everywhere = (entries: readonly { readonly name: string; readonly key: string | null }[]) =>
    entries.map((entry) => ({ ...entry, on: [''] }));
  checkUnique(reader, 'services', fleet.services);
  checkUnique(reader, 'backups', everywhere(fleet.backups));
  checkUnique(reader, 'actions', fleet.actions);
}

function checkUnique(
  reader: FleetReader,
  section: string,
  entries: readonly { readonly name: string; readonly key: string | null; readonly on: readonly string[] }[],
): void {
  for (const [index, { name, key, on }] of entries.entries()) {
    if (key === null) continue;
    const other = entries.slice(0, index).find((one) => one.key === key && one.on.some((role) => on.includes(role)));
    if (other === undefined) continue;
    const path = [section, name, 'key'];
    reader.complain(
      path,
      'value',
      `${pathInWords(path)}: the key ${quoted(key)} is taken by ${quoted(other.name)}.`,
      'Choose another key.',
    );
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

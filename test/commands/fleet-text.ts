import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningSshd } from '../sshd/sshd.ts';

/** A host as the fleet file's static source takes it. */
export interface ListedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly role: string;
}

/** Limits that no load of the machine under the tests can reach. */
export const calmLimits = {
  cpu: { warn: null, crit: null },
  memory: { warn: null, crit: null },
  disk: { warn: null, crit: null },
  inodes: { warn: null, crit: null },
} as const;

/** Writes a fleet file into `directory` and returns its path. JSON is YAML. */
export function writeFleet(directory: string, hosts: readonly ListedHost[], sections: Readonly<Record<string, unknown>>): string {
  const file = join(directory, 'fleet.yaml');
  const text = { fleet: 'loopback', inventory: [{ static: hosts }], limits: calmLimits, ...sections };
  writeFileSync(file, `${JSON.stringify(text, null, 1)}\n`);
  return file;
}

/** The `ssh` section that logs in to these servers with the first one's key and reads nothing of the person who runs the tests. */
export function sshSection(directory: string, servers: readonly RunningSshd[], more: Readonly<Record<string, unknown>> = {}): object {
  const [first] = servers;
  if (first === undefined) throw new Error('At least one server.');
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, servers.map((server) => server.knownHosts()).join(''), { mode: 0o600 });
  return {
    user: first.user,
    identity: first.identityFile,
    agent: false,
    config: 'none',
    known_hosts: knownHosts,
    host_keys: 'strict',
    sudo: false,
    ...more,
  };
}

/** Loopback addresses `127.0.<net>.1` to `.<count>`. */
export function loopback(net: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `127.0.${net}.${index + 1}`);
}

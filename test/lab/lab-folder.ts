import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FleetHost, fleetFile } from './fleet-file.ts';
import { loginOf } from './role.ts';
import { mustRun } from './run-command.ts';

const image = fileURLToPath(new URL('./image', import.meta.url));

/** What host-power.sh reads of a host. */
export interface HostSettings {
  readonly lowerdir: string;
  readonly cgroup: string;
  /** With the length of the prefix: 198.18.5.11/24. */
  readonly address: string;
  /** Its port at the switch, an interface name (at most 15 characters). */
  readonly plug: string;
  readonly switchPid: number;
}

export function identityFile(folder: string): string {
  return join(folder, 'id_ed25519');
}

export function knownHostsFile(folder: string): string {
  return join(folder, 'known_hosts');
}

/** Writes the operator's key pair and the fleet file of a lab. */
export async function writeLabFolder(folder: string, hosts: readonly FleetHost[]): Promise<string> {
  await newKey(identityFile(folder), 'operator');
  writeFileSync(knownHostsFile(folder), '');
  const file = join(folder, 'fleet.yaml');
  writeFileSync(file, fleetFile(hosts, identityFile(folder), knownHostsFile(folder)));
  return file;
}

/** Writes what host-power.sh reads into a host's folder. */
export function writeHostSettings(place: string, settings: HostSettings): void {
  const { lowerdir, cgroup, address, plug, switchPid } = settings;
  const lines = Object.entries({ lowerdir, cgroup, address, plug, switch_pid: String(switchPid) });
  writeFileSync(join(place, 'settings'), lines.map(([name, value]) => `${name}='${value}'\n`).join(''));
}

/** Writes a host's folder: its role, and the files that make it this host and no other. Its host key is added to known_hosts. */
export async function writeHostFolder(folder: string, host: FleetHost, all: readonly FleetHost[]): Promise<void> {
  const place = join(folder, host.name);
  mkdirSync(join(place, 'shared'), { recursive: true });
  writeFileSync(join(place, 'shared', 'role'), `${host.role}\n`);

  const files = join(place, 'files');
  mkdirSync(join(files, 'etc', 'ssh'), { recursive: true });
  writeFileSync(join(files, 'etc', 'hostname'), `${host.name}\n`);
  writeFileSync(join(files, 'etc', 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
  const known = all.map((other) => `${other.address} ${other.name}\n`).join('');
  writeFileSync(join(files, 'etc', 'hosts'), `127.0.0.1 localhost\n::1 localhost\n${known}`);
  const key = join(files, 'etc', 'ssh', 'ssh_host_ed25519_key');
  await newKey(key, host.name);
  appendFileSync(knownHostsFile(folder), `${host.address} ${readFileSync(`${key}.pub`, 'utf8')}`);
  copyFileSync(`${identityFile(folder)}.pub`, join(files, 'etc', 'ssh', 'lab_authorized_keys'));
  if (host.role === 'app') {
    // Its login's services run without a session, as `loginctl enable-linger` would have it.
    const linger = join(files, 'var', 'lib', 'systemd', 'linger');
    mkdirSync(linger, { recursive: true });
    writeFileSync(join(linger, loginOf('app')), '');
  }
  if (host.role === 'lb') writeHaproxy(join(files, 'etc', 'haproxy', 'haproxy.cfg'), all);
}

function writeHaproxy(file: string, all: readonly FleetHost[]): void {
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(image, 'etc', 'haproxy', 'haproxy.cfg'), file);
  chmodSync(file, 0o644);
  const webs = all.filter((host) => host.role === 'web');
  appendFileSync(file, webs.map((web) => `  server ${web.name} ${web.address}:80\n`).join(''));
}

async function newKey(file: string, comment: string): Promise<void> {
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
}

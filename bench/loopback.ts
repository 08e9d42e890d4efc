import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, makeKey, type RunningSshd, startSshd } from '../test/sshd/sshd.ts';

/** What a client needs to know of the hosts; goes over IPC to the measured children. */
export interface LoopbackFleet {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** For OpenSSH's tools: port, user, key and known hosts of all addresses. */
  readonly sshConfigFile: string;
  /** The same over one master a host, whose socket bears its address in `directory`. */
  readonly mastersConfigFile: string;
  /** Private, gone with `stop`. */
  readonly directory: string;
}

/** sshd listens on no more addresses than that (sshd.c, MAX_LISTEN_SOCKS). */
const addressesPerSshd = 16;

/** Real sshds that together answer on `count` loopback addresses at one port. */
export async function startLoopback(count: number): Promise<{ readonly fleet: LoopbackFleet; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'qd-bench-'));
  const identityFile = makeKey(directory, 'id_ed25519');
  const authorizedKeys = [readFileSync(`${identityFile}.pub`, 'utf8').trim()];
  const setEnv = `HOME=${directory} PATH=${withoutProcessScan(directory)}:/usr/bin:/bin`;
  const addresses = Array.from({ length: count }, (_, index) => `127.0.${10 + Math.floor(index / 200)}.${1 + (index % 200)}`);
  const port = await freePort();
  const servers: RunningSshd[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (let at = 0; at < count; at += addressesPerSshd) {
      const own = addresses.slice(at, at + addressesPerSshd);
      servers.push(await startSshd({ addresses: own, port, authorizedKeys, config: { LogLevel: 'ERROR', SetEnv: setEnv } }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const knownHostsFile = join(directory, 'known_hosts');
  writeFileSync(knownHostsFile, servers.map((server) => server.knownHosts()).join(''));
  const user = servers[0]?.user ?? 'root';
  const sshConfig = [
    'Host 127.0.*',
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${identityFile}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${knownHostsFile}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  LogLevel ERROR',
    '',
  ].join('\n');
  const sshConfigFile = join(directory, 'ssh_config');
  writeFileSync(sshConfigFile, sshConfig);
  const mastersConfigFile = join(directory, 'ssh_config.masters');
  writeFileSync(mastersConfigFile, `${sshConfig}  ControlPath ${directory}/%h\n`);
  return { fleet: { addresses, port, user, identityFile, knownHostsFile, sshConfigFile, mastersConfigFile, directory }, stop };
}

/**
 * A slow round looks through the host's processes with one grep. Here all hosts are one machine with N times the processes, so that the
 * search would grow with the square of N and drown the clients: the hosts' grep does nothing.
 */
function withoutProcessScan(directory: string): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  symlinkSync('/bin/true', join(bin, 'grep'));
  return bin;
}

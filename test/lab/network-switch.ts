import { readlinkSync } from 'node:fs';
import { type KnownProcess, kill } from './known-process.ts';
import { pollUntil } from './poll-until.ts';
import { mustRun, runCommand } from './run-command.ts';
import { startHolder } from './start-holder.ts';

/**
 * The network of one lab: a bridge in a network namespace that `holder` keeps, and one cable (`uplink`) from it to this machine.
 * Hosts have addresses of their own with their real ports, so a stopped sshd refuses, a dropped packet times out and a host that is off
 * is unreachable, as in life; a forwarder on loopback would accept all three. Nothing is routed further.
 */
export interface NetworkSwitch {
  readonly holder: KnownProcess;
  /** This machine's interface; it vanishes with the holder's namespace. */
  readonly uplink: string;
  /** First three numbers of the addresses, from 198.18.0.0/16, which RFC 2544 keeps for tests. */
  readonly prefix: string;
}

/** Address of the nth host, from 0. */
export function hostAddress(network: NetworkSwitch, index: number): string {
  return `${network.prefix}.${11 + index}`;
}

export async function startSwitch(kept: boolean): Promise<NetworkSwitch> {
  const holder = startHolder('unshare', ['--net', 'sleep', 'infinity'], kept, null);
  try {
    const own = readlinkSync('/proc/self/ns/net');
    if (!(await pollUntil(() => readlinkSync(`/proc/${holder.pid}/ns/net`) !== own, 5_000)))
      throw new Error('unshare made no network namespace');
    await inside(holder, ['link', 'add', 'switch', 'type', 'bridge']);
    await inside(holder, ['link', 'set', 'switch', 'up']);
    const number = await plugIn(holder);
    const network = { holder, uplink: `qdlab${number}`, prefix: `198.18.${number}` };
    await inside(holder, ['link', 'set', 'uplink', 'master', 'switch', 'up']);
    await mustRun('ip', ['address', 'add', `${network.prefix}.1/24`, 'dev', network.uplink]);
    await mustRun('ip', ['link', 'set', network.uplink, 'up']);
    return network;
  } catch (error) {
    kill(holder);
    throw error;
  }
}

/** The name is the claim: two labs that start at once cannot both make it. */
async function plugIn(holder: KnownProcess): Promise<number> {
  for (let tried = 0; tried < 250; tried += 1) {
    const number = 1 + ((process.pid + tried) % 250);
    const made = ['link', 'add', `qdlab${number}`, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', String(holder.pid)];
    const ran = await runCommand('ip', made, 5_000);
    if (ran.code === 0) return number;
    if (!ran.stderr.includes('File exists')) throw new Error(`cannot make the lab's network interface: ${ran.stderr.trim()}`);
  }
  throw new Error('250 labs run already');
}

async function inside(holder: KnownProcess, args: readonly string[]): Promise<void> {
  await mustRun('nsenter', ['--target', String(holder.pid), '--net', 'ip', ...args]);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { procFiles } from '../src/probe/wire.ts';
import type { Cost } from './client/measured.ts';
import type { LoopbackFleet } from './loopback.ts';
import { memoryMb, onCpuMs, runTool } from './reaped.ts';

const command = `head -n 99999 ${procFiles.join(' ')} 2>/dev/null; true`;
const atOnce = 32;

/** A way of OpenSSH's to run one command on many hosts, each over a connection of its own. */
export interface Peer {
  readonly name: string;
  readonly program: string;
  /** @param config the ssh_config to use: with or without masters. */
  run(fleet: LoopbackFleet, config: string): Promise<Cost & { readonly ok: boolean }>;
}

export const peers: readonly Peer[] = [
  {
    name: `ssh, ${atOnce} at a time`,
    program: 'ssh',
    run: (fleet, config) =>
      runTool(
        'xargs',
        ['-P', String(atOnce), '-n', '1', 'sh', '-c', `exec ssh -F ${config} -n "$0" '${command}'`],
        fleet.addresses.join('\n'),
      ),
  },
  {
    name: `clush -f ${atOnce}`,
    program: 'clush',
    run: (fleet, config) => runTool('clush', ['-q', '-f', String(atOnce), '-o', `-F ${config}`, '-w', fleet.addresses.join(','), command]),
  },
  {
    name: `pdsh -f ${atOnce}`,
    program: 'pdsh',
    run: (fleet, config) =>
      runTool('env', [
        `PDSH_SSH_ARGS_APPEND=-F ${config}`,
        'pdsh',
        '-R',
        'ssh',
        '-f',
        String(atOnce),
        '-w',
        fleet.addresses.join(','),
        command,
      ]),
  },
];

/** One OpenSSH master a host, kept open. */
export interface Masters {
  readonly contact: Cost;
  /** Time of all masters on a CPU so far, ms. */
  cpuMs(): number;
  memoryMb(): number;
  stop(): Promise<void>;
}

/** Opens masters, `atOnce` handshakes at a time. */
export async function startMasters(fleet: LoopbackFleet): Promise<Masters> {
  const began = performance.now();
  const children: ChildProcess[] = [];
  const waiting = fleet.addresses.values();
  const worker = async (): Promise<void> => {
    for (const address of waiting) {
      const child = spawn('ssh', ['-F', fleet.mastersConfigFile, '-M', '-N', '-n', address], { stdio: 'ignore' });
      children.push(child);
      const deadline = performance.now() + 30_000;
      while (!existsSync(join(fleet.directory, address))) {
        if (child.exitCode !== null || performance.now() > deadline) throw new Error(`the master of ${address} did not open`);
        await sleep(10);
      }
    }
  };
  const pids = (): number[] => children.flatMap((child) => (child.pid === undefined || child.exitCode !== null ? [] : [child.pid]));
  const stop = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }),
    );
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } catch (error) {
    await stop();
    throw error;
  }
  const contact = {
    cpuMs: onCpuMs(pids()),
    wallMs: performance.now() - began,
    rssMb: memoryMb(pids()),
    blockedMs: Number.NaN,
    count: fleet.addresses.length,
  };
  return { contact, cpuMs: () => onCpuMs(pids()), memoryMb: () => memoryMb(pids()), stop };
}

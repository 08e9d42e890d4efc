import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeCgroup, sweepCgroups } from './cgroup-tree.ts';
import type { FleetHost } from './fleet-file.ts';
import { isRunning, kill, type KnownProcess } from './known-process.ts';
import type { NetworkSwitch } from './network-switch.ts';
import { pollUntil } from './poll-until.ts';

/** Begins the name of all that a lab leaves visible outside: its folder and its cgroup. */
export const labPrefix = 'quarterdeck-lab';

/** A host that was started. */
export interface LabHost extends FleetHost {
  /** Runs host-power.sh, or is the virtual machine: the host is on while it lives. */
  readonly power: KnownProcess;
  /** Whether it is a virtual machine, with a kernel of its own. */
  readonly vm: boolean;
  /** Its port at the switch, an interface in the switch's network namespace. */
  readonly plug: string;
}

/** All that must be known to stop a lab, also from another process. */
export interface LabRecord {
  readonly folder: string;
  readonly fleetFile: string;
  readonly cgroup: string;
  readonly network: NetworkSwitch;
  readonly hosts: readonly LabHost[];
}

/** Ends a lab and takes away all it made: processes, network, cgroups and its folder. */
export async function stopLab(record: LabRecord): Promise<void> {
  for (const host of record.hosts) kill(host.power);
  kill(record.network.holder);
  await removeCgroup(record.cgroup);
  const processes = [record.network.holder, ...record.hosts.map((host) => host.power)];
  if (!(await pollUntil(() => !processes.some(isRunning), 5_000))) throw new Error('a process of the lab outlives SIGKILL');
  // The namespace is taken down after its last process: wait until the cable is gone.
  if (!(await pollUntil(() => !existsSync(`/sys/class/net/${record.network.uplink}`), 10_000))) {
    throw new Error(`network interface ${record.network.uplink} stays`);
  }
  rmSync(record.folder, { recursive: true, force: true });
}

/** Takes away what labs left whose process was killed: their hosts died with it, empty cgroups and folders did not. */
export async function sweepLabs(mount: string): Promise<void> {
  await sweepCgroups(mount, isLeft);
  for (const name of readdirSync(tmpdir()).filter(isLeft)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

function isLeft(name: string): boolean {
  const pid = new RegExp(`^${labPrefix}-(?<pid>\\d+)-`).exec(name)?.groups?.['pid'];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

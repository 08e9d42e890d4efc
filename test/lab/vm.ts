import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KnownProcess } from './known-process.ts';
import type { NetworkSwitch } from './network-switch.ts';
import type { Role } from './role.ts';
import { mustRun } from './run-command.ts';
import { startHolder } from './start-holder.ts';

const image = fileURLToPath(new URL('./image', import.meta.url));

/** What tell-ready writes to the serial line. */
const readyWord = 'lab-ready';

export interface VmPlan {
  /** The host's folder, filled by `writeHostFolder`. */
  readonly place: string;
  readonly role: Role;
  /** With the length of the prefix. */
  readonly address: string;
  readonly plug: string;
  /** Folder of root.ext4, vmlinuz and initrd, made by build-root.sh. */
  readonly image: string;
  readonly network: NetworkSwitch;
  readonly index: number;
  readonly kept: boolean;
}

/**
 * Starts a virtual machine at a port of the lab's switch: a processor, kernel and memory of its own, all by translation (TCG), since
 * few test machines let a guest use theirs. Its root is the shared one, with what it writes kept as long as it runs.
 */
export async function startVm(plan: VmPlan): Promise<KnownProcess> {
  const { place, role, image: built, network, plug } = plan;
  mkdirSync(join(place, 'files', 'etc', 'lab'), { recursive: true });
  appendFileSync(join(place, 'files', 'etc', 'lab', 'address'), `${plan.address}\n`);
  const own = await makeDisk(place, 'own', [
    [join(place, 'files'), 'files'],
    [join(place, 'shared'), 'shared'],
  ]);
  const disks = [join(built, 'root.ext4'), own];
  if (role === 'nfs') {
    // What a web host without NFS has below its mount, so that both find the same.
    disks.push(
      await makeDisk(place, 'data', [
        [join(image, 'data'), '.'],
        [join(image, 'mnt', 'datadisk'), '.'],
      ]),
    );
  }
  await inSwitch(network, ['ip', 'tuntap', 'add', 'dev', plug, 'mode', 'tap']);
  await inSwitch(network, ['ip', 'link', 'set', plug, 'master', 'switch', 'up']);
  const kernel = ['root=/dev/vda', 'rw', 'console=ttyS0', 'quiet', 'net.ifnames=0', 'fsck.mode=skip', 'mitigations=off'];
  const mac = `52:54:00:1a:b0:${(16 + plan.index).toString(16)}`;
  const options = [
    // One a line: a name, or a name and its value.
    '-nodefaults',
    '-no-user-config',
    '-display none',
    '-monitor none',
    '-accel tcg,tb-size=128',
    '-cpu qemu64',
    '-smp 1',
    '-m 384',
    '-serial chardev:line',
    `-netdev tap,id=net,ifname=${plug},script=no,downscript=no`,
    `-device virtio-net-pci,netdev=net,mac=${mac},romfile=`,
    '-device virtio-rng-pci',
  ].flatMap((option) => option.split(' '));
  const paths = {
    '-kernel': join(built, 'vmlinuz'),
    '-initrd': join(built, 'initrd'),
    '-append': [...kernel, `systemd.unit=role-${role}.target`].join(' '),
    '-chardev': `file,id=line,path=${consoleLog(place)},append=on`,
  };
  // Written to a file that is deleted already: nothing is left of it, and the shared root stays as it was built.
  const drives = disks.flatMap((disk) => ['-drive', `file=${disk},format=raw,if=virtio,snapshot=on`]);
  const qemu = [...options, ...Object.entries(paths).flat(), ...drives];
  const enter = ['--target', String(network.holder.pid), '--net', 'qemu-system-x86_64'];
  const machine = startHolder('nsenter', [...enter, ...qemu], plan.kept, join(place, 'power.log'));
  goFirst(machine);
  return machine;
}

/** Before what else this machine does: a host that answers late because the tests are busy would look ill. */
function goFirst({ pid }: KnownProcess): void {
  try {
    // It has a session, and so a group of its own, within which alone its nice value would count; sched(7), autogroup.
    writeFileSync(`/proc/${pid}/autogroup`, '-10');
  } catch {
    setPriority(pid, -10);
  }
}

export function consoleLog(place: string): string {
  return join(place, 'console.log');
}

/** Whether a virtual machine has said that it serves, since its serial line was last forgotten. */
export function saidReady(log: string): boolean {
  return existsSync(log) && readFileSync(log, 'latin1').includes(readyWord);
}

export function forgetReady(log: string): void {
  truncateSync(log);
}

/** Makes an ext4 disk out of folders, given with the folder of the disk that each becomes. Returns its path. */
async function makeDisk(place: string, name: string, folders: readonly (readonly [string, string])[]): Promise<string> {
  const tree = join(place, `${name}.tree`);
  for (const [from, to] of folders) cpSync(from, join(tree, to), { recursive: true });
  const disk = join(place, `${name}.ext4`);
  await mustRun('mke2fs', ['-q', '-t', 'ext4', '-L', name, '-d', tree, disk, '128M']);
  return disk;
}

async function inSwitch(network: NetworkSwitch, command: readonly string[]): Promise<void> {
  await mustRun('nsenter', ['--target', String(network.holder.pid), '--net', ...command]);
}

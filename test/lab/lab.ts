import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cgroup2Mount, makeCgroup, setFrozen } from './cgroup-tree.ts';
import type { FleetHost } from './fleet-file.ts';
import { isRunning, signal } from './known-process.ts';
import { identityFile, knownHostsFile, writeHostFolder, writeHostSettings, writeLabFolder } from './lab-folder.ts';
import { type LabHost, labPrefix, type LabRecord, stopLab, sweepLabs } from './lab-record.ts';
import { hostAddress, startSwitch } from './network-switch.ts';
import { pollUntil } from './poll-until.ts';
import { missingForLab, missingForVms } from './requirements.ts';
import { loginOf, type Role } from './role.ts';
import { mustRun, type Ran, runCommand } from './run-command.ts';
import { startHolder } from './start-holder.ts';
import { consoleLog, forgetReady, startVm } from './vm.ts';
import { whenReady } from './when-ready.ts';

export interface LabOptions {
  /** `vm` makes a virtual machine of it: half a minute to boot, half a gigabyte of memory. */
  readonly hosts: readonly { readonly name: string; readonly role: Role; readonly vm?: boolean }[];
  /** A new, empty folder to outlive this process with; without it the lab lives in a temporary one and dies with this process. */
  readonly keepIn?: string;
}

const labFiles = fileURLToPath(new URL('.', import.meta.url));

/** Real hosts on this machine: own address, real ports, real systemd, sshd and services. */
export class Lab {
  readonly record: LabRecord;

  constructor(record: LabRecord) {
    this.record = record;
  }

  /** Path of a fleet file for the console. */
  get fleetFile(): string {
    return this.record.fleetFile;
  }

  host(name: string): FleetHost {
    return this.#find(name);
  }

  /** Runs a shell command over ssh as the login of the host's role. Exit 255 is ssh's own failure. */
  ssh(name: string, command: string, forMs = 15_000): Promise<Ran> {
    return runCommand('ssh', [...this.sshArguments(name), command], forMs);
  }

  /** Arguments of ssh(1) for a host, up to and without the command. */
  sshArguments(name: string, login: string = loginOf(this.#find(name).role)): string[] {
    const host = this.#find(name);
    const options = ['BatchMode=yes', `UserKnownHostsFile=${knownHostsFile(this.record.folder)}`, 'IdentitiesOnly=yes', 'ConnectTimeout=5'];
    const flags = options.flatMap((option) => ['-o', option]);
    return ['-F', '/dev/null', ...flags, '-i', identityFile(this.record.folder), `${login}@${host.address}`];
  }

  /**
   * Runs a shell command inside a host as root: for setting scenes. Past sshd, so that it works while the host is frozen; in a virtual
   * machine over one connection that stays, so that it does not.
   */
  run(name: string, command: string, forMs = 15_000): Promise<Ran> {
    if (this.#find(name).vm) {
      const stays = ['ControlMaster=auto', `ControlPath=${join(this.record.folder, name, 'ssh')}`, 'ControlPersist=yes', 'LogLevel=ERROR'];
      return runCommand('ssh', [...stays.flatMap((option) => ['-o', option]), ...this.sshArguments(name, 'root'), command], forMs);
    }
    const pid = readFileSync(join(this.record.folder, name, 'pid'), 'utf8').trim();
    const enter = ['--target', pid, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
    const clean = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'];
    return runCommand('nsenter', [...enter, ...clean, 'sh', '-c', command], forMs);
  }

  /** As `run`, but anything other than exit 0 throws; returns standard output. */
  async must(name: string, command: string, forMs = 15_000): Promise<string> {
    const ran = await this.run(name, command, forMs);
    if (ran.code !== 0) throw new Error(`${name}: ${command}: exit ${ran.code ?? 'by signal'}: ${ran.stderr.trim()}`);
    return ran.stdout;
  }

  /** Stops every process of the host at once; its kernel still accepts connections, as on a host that is wedged. A virtual machine stops whole. */
  async freeze(name: string): Promise<void> {
    const { vm, power } = this.#find(name);
    if (vm) signal(power, 'SIGSTOP');
    else await setFrozen(this.#cgroup(name), '1');
  }

  async thaw(name: string): Promise<void> {
    const { vm, power } = this.#find(name);
    if (vm) signal(power, 'SIGCONT');
    else await setFrozen(this.#cgroup(name), '0');
  }

  /** From now on the host neither hears nor answers, as behind a broken network. */
  async dropPackets(name: string): Promise<void> {
    await this.must(name, `nft 'add table inet lab; ${dropAll('input')}; ${dropAll('output')}'`);
  }

  async passPackets(name: string): Promise<void> {
    await this.must(name, 'nft delete table inet lab');
  }

  /** An orderly reboot; resolves when the host serves again. Its disk, address and dropped packets stay as they were. */
  async reboot(name: string): Promise<void> {
    await this.beginReboot(name);
    await whenReady(this.record, name);
  }

  /** The same, without waiting for the host to serve again; `untilReady` does. A virtual machine forgets what it wrote to no disk of its own. */
  async beginReboot(name: string): Promise<void> {
    const place = join(this.record.folder, name);
    if (this.#find(name).vm) forgetReady(consoleLog(place));
    else rmSync(join(place, 'shared', 'ready'), { force: true });
    await this.must(name, 'systemctl reboot');
  }

  untilReady(name: string): Promise<void> {
    return whenReady(this.record, name);
  }

  /** An orderly power-off, for good; its address is gone from the network when this resolves. */
  async powerOff(name: string): Promise<void> {
    const { power, plug, address } = this.#find(name);
    const { holder, uplink } = this.record.network;
    await this.must(name, 'systemctl poweroff');
    if (!(await pollUntil(() => !isRunning(power), 30_000))) throw new Error(`${name} did not power off within 30 s`);
    // Its network namespace is taken down a little later, and answers until then.
    const gone = async () =>
      (await runCommand('nsenter', ['--target', String(holder.pid), '--net', 'ip', 'link', 'show', plug], 5_000)).code !== 0;
    if (!(await pollUntil(gone, 10_000))) throw new Error(`the network of ${name} stays`);
    // The machine would go on sending to the known hardware address for up to 45 s (arp(7)).
    await mustRun('ip', ['neighbour', 'flush', 'to', address, 'dev', uplink]);
  }

  stop(): Promise<void> {
    return stopLab(this.record);
  }

  #find(name: string): LabHost {
    const host = this.record.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`the lab has no host ${name}`);
    return host;
  }

  #cgroup(name: string): string {
    return join(this.record.cgroup, this.#find(name).name);
  }
}

/** Starts the hosts and resolves when each serves: every port and socket of its role is listened on and logins are allowed. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const missing = missingForLab();
  const mount = cgroup2Mount();
  if (missing.length > 0 || mount === null) throw new Error(missing.join('; '));
  const needsVms = options.hosts.some((host) => host.vm === true);
  const bare = options.hosts.filter((host) => host.vm !== true);
  if (bare.some((host) => host.role === 'nfs')) throw new Error('an NFS server needs a kernel of its own: vm');
  if (needsVms && missingForVms().length > 0) throw new Error(missingForVms().join('; '));
  const lowerdir = bare.length === 0 ? '' : await layers(bare.some((host) => host.role === 'docker'));
  const vmImage = needsVms ? await builtVm() : '';
  await sweepLabs(mount);

  const kept = options.keepIn !== undefined;
  const folder = options.keepIn ?? mkdtempSync(join(tmpdir(), `${labPrefix}-${process.pid}-`));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const cgroup = join(mount, kept ? `${labPrefix}-kept-${process.pid}` : basename(folder));
  const network = await startSwitch(kept);
  const hosts = options.hosts.map(({ name, role, vm }, index) => ({ name, role, vm: vm ?? false, address: hostAddress(network, index) }));
  const started: LabHost[] = [];
  const record: LabRecord = { folder, fleetFile: join(folder, 'fleet.yaml'), cgroup, network, hosts: started };
  try {
    await writeLabFolder(folder, hosts);
    for (const [index, host] of hosts.entries()) {
      const plug = `plug${index}`;
      const place = join(folder, host.name);
      const address = `${host.address}/24`;
      await writeHostFolder(folder, host, hosts);
      if (host.vm) {
        const power = await startVm({ place, role: host.role, address, plug, image: vmImage, network, index, kept });
        started.push({ ...host, plug, power });
        continue;
      }
      writeHostSettings(place, { lowerdir, cgroup: makeCgroup(cgroup, host.name), address, plug, switchPid: network.holder.pid });
      const args = ['--net', '--mount', join(labFiles, 'host-power.sh'), place];
      started.push({ ...host, plug, power: startHolder('unshare', args, kept, join(place, 'power.log')) });
    }
    writeFileSync(join(folder, 'lab.json'), JSON.stringify(record, null, 2));
    await Promise.all(hosts.map((host) => whenReady(record, host.name)));
    return new Lab(record);
  } catch (error) {
    await stopLab(record);
    throw error;
  }
}

/** A chain of nft(8) that lets nothing through. */
function dropAll(hook: 'input' | 'output'): string {
  return `add chain inet lab ${hook} { type filter hook ${hook} priority 0; policy drop; }`;
}

/** The host root, ready for overlayfs: topmost layer first. */
async function layers(withDocker: boolean): Promise<string> {
  const printed = await buildRoot({ LAB_EXTRA: withDocker ? '1' : '', LAB_VM: '' });
  return [printed.get('image'), printed.get('base')].join(':');
}

/** Folder of the virtual machines' disk, kernel and first RAM disk. */
async function builtVm(): Promise<string> {
  const printed = await buildRoot({ LAB_EXTRA: '', LAB_VM: '1' });
  return printed.get('vm') ?? '';
}

async function buildRoot(wanted: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  const set = Object.entries(wanted).map(([name, value]) => `${name}=${value}`);
  const printed = await mustRun('env', [...set, 'sh', join(labFiles, 'build-root.sh')], 600_000);
  const lines = printed.trim().split('\n');
  return new Map(lines.map((line): [string, string] => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

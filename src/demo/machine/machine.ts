import type { DemoClock } from '../clock.ts';
import { HostScripts } from './host-scripts.ts';
import { breathing, Random } from '../random.ts';
import { CpuCounters } from './cpu.ts';
import type { DiskCounters } from './disk.ts';
import type { Filesystem } from './filesystem.ts';
import { LoadAverage } from './load-average.ts';
import { InterfaceCounters } from './network.ts';
import type { NfsClient } from './nfs-client.ts';
import type { NfsServer } from './nfs-server.ts';
import { Pressure } from './pressure.ts';
import { Unit, type UnitHost } from './unit.ts';
import { type MachineRole, unitsOf } from './units.ts';
import { type Levers, lbWorkload, nfsWorkload, rttMs, type Workload, webWorkload } from './workload.ts';

export interface MachineSpec {
  readonly name: string;
  readonly role: MachineRole;
  readonly seed: number;
  readonly cores: number;
  readonly memoryKb: number;
  /** Address in the simulated network. */
  readonly address: string;
  readonly bootedAt: number;
  /** Calls a second a web asks of its NFS mount on average. */
  readonly nfsOpsPerS: number;
}

/** Longest step of the integration, s; a longer silence takes longer steps rather than more of them. */
const stepS = 2;
const mostSteps = 60;

/** One simulated computer. Its counters move when somebody looks: `advance` carries them to the present. */
export class Machine implements UnitHost {
  readonly spec: MachineSpec;
  readonly clock: DemoClock;
  readonly bootId: string;
  readonly cpu: CpuCounters;
  readonly load: LoadAverage;
  readonly pressure = new Pressure();
  readonly disks: readonly DiskCounters[];
  readonly loopback = new InterfaceCounters('lo');
  readonly ethernet = new InterfaceCounters('ens4');
  readonly filesystems: readonly Filesystem[];
  readonly units: readonly Unit[];
  readonly nfsMount: NfsClient | null;
  readonly nfsServer: NfsServer | null;
  readonly levers: Levers = { hog: null };
  /** Webs behind a load balancer; empty elsewhere. */
  readonly backends: Machine[] = [];
  readonly scripts = new HostScripts();
  /** Mounts that are gone, by their place. */
  readonly unmounted = new Set<string>();
  /** Share of its usual requests that it gets now; a load balancer says. */
  traffic: () => number = () => 1;
  now: Workload;
  /** Calls made, context switches, forks: what has no story of its own grows with the processor. */
  switches = 0;
  forks = 0;
  /** The NFS mount is gone and its directory is empty. */
  mountLost = false;
  readonly #random: Random;
  #lastAt: number;
  #pid = 600;
  #inode = 15_000;
  #reachable = true;
  #givesShell = true;
  readonly #watchers = new Set<() => void>();

  constructor(
    spec: MachineSpec,
    clock: DemoClock,
    parts: { filesystems: readonly Filesystem[]; disks: readonly DiskCounters[]; nfsMount: NfsClient | null; nfsServer: NfsServer | null },
  ) {
    this.spec = spec;
    this.clock = clock;
    this.#random = new Random(spec.seed);
    this.bootId = this.#random.uuid();
    this.cpu = new CpuCounters(spec.cores);
    this.filesystems = parts.filesystems;
    this.disks = parts.disks;
    this.nfsMount = parts.nfsMount;
    this.nfsServer = parts.nfsServer;
    this.units = unitsOf[spec.role].map((unit, index) => new Unit(unit, this, spec.bootedAt + 9_000 + index * 700));
    this.#lastAt = spec.bootedAt;
    this.nfsMount?.advance((clock.now() - spec.bootedAt) / 1000, spec.nfsOpsPerS, rttMs(this.nfsMount.server, 0));
    this.now = this.#workload(clock.now());
    this.load = new LoadAverage(this.now.running);
    this.#step((clock.now() - spec.bootedAt) / 1000, this.now);
    this.#lastAt = clock.now();
  }

  get name(): string {
    return this.spec.name;
  }

  unit(id: string): Unit | null {
    const wanted = id.includes('.') ? id : `${id}.service`;
    return this.units.find((unit) => unit.spec.id === wanted || unit.spec.aliases.includes(wanted)) ?? null;
  }

  /** Inode of the listener on a port or unix socket, `null` when the connection would be refused. */
  listener(portOrPath: number | string): number | null {
    for (const unit of this.units) {
      const inode = unit.listener(portOrPath);
      if (inode !== null) return inode;
    }
    return null;
  }

  /** What is mounted now. */
  get mounted(): readonly Filesystem[] {
    return this.filesystems.filter(({ mount }) => !this.unmounted.has(mount));
  }

  /** Whether its sshd takes connections. */
  get reachable(): boolean {
    return this.#reachable;
  }

  setReachable(reachable: boolean): void {
    if (this.#reachable === reachable) return;
    this.#reachable = reachable;
    for (const watcher of this.#watchers) watcher();
  }

  /** Whether a login gets a shell, or any command. */
  get givesShell(): boolean {
    return this.#givesShell;
  }

  setShell(gives: boolean): void {
    if (this.#givesShell === gives) return;
    this.#givesShell = gives;
    for (const watcher of this.#watchers) watcher();
  }

  /** Calls `watcher` at every change of reachability, of shells or of the listeners. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Carries every counter to the present; a server first lets its clients do so, since its counters are theirs. */
  advance(): void {
    for (const client of this.nfsServer === null ? [] : this.backends) client.advance();
    const now = this.clock.now();
    const seconds = (now - this.#lastAt) / 1000;
    if (seconds <= 0) return;
    const steps = Math.max(1, Math.min(mostSteps, Math.ceil(seconds / stepS)));
    const from = this.#lastAt;
    this.#lastAt = now;
    for (let step = 1; step <= steps; step += 1) {
      const at = from + ((now - from) * step) / steps;
      if (this.nfsMount !== null) {
        const demand = 1 + 0.32 * breathing(this.spec.seed + 5, at / 1000);
        const serving = this.unit('pencils')?.alive === true;
        this.nfsMount.advance(
          seconds / steps,
          this.spec.nfsOpsPerS * (this.mountLost ? 0 : serving ? demand * (0.1 + 0.9 * this.traffic()) : 0.12),
          rttMs(this.nfsMount.server, at / 1000),
        );
      }
      this.now = this.#workload(at);
      this.#step(seconds / steps, this.now);
    }
  }

  nextPid(): number {
    this.#pid = this.#pid + this.#random.whole(3, 60);
    if (this.#pid > 4_100_000) this.#pid = 900;
    return this.#pid;
  }

  nextInode(): number {
    this.#inode += this.#random.whole(2, 90);
    return this.#inode;
  }

  invocationId(): string {
    return this.#random.hex(32);
  }

  listenersChanged(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #workload(at: number): Workload {
    const seconds = at / 1000;
    const { seed, cores } = this.spec;
    if (this.nfsServer !== null) return nfsWorkload(seed, seconds, this.nfsServer);
    if (this.nfsMount !== null) {
      const served = this.unit('pencils')?.alive === true ? this.traffic() : null;
      return webWorkload(seed, seconds, cores, this.nfsMount, served, this.levers);
    }
    return lbWorkload(seed, seconds, this.backends.length);
  }

  #step(seconds: number, load: Workload): void {
    this.cpu.advance(seconds, load.cpu, 0.4 * breathing(this.spec.seed + 3, this.#lastAt / 1000));
    this.load.advance(seconds, load.running + load.blocked);
    this.pressure.advance(seconds, load.stall);
    for (const disk of this.disks) {
      const work = load.disks[disk.spec.name];
      if (work === undefined) continue;
      disk.inFlight = this.nfsServer?.mode === 'stuck' && disk.spec.name === 'sdb' ? 32 : 0;
      disk.advance(seconds, work);
    }
    this.ethernet.advance(seconds, load.rxBytesPerS, load.txBytesPerS);
    this.loopback.advance(seconds, 40_000, 40_000);
    const busy = load.cpu.user + load.cpu.system;
    this.switches += seconds * (900 + 14_000 * busy);
    this.forks += seconds * (0.6 + 4 * busy);
    for (const unit of this.units)
      if (unit.alive) unit.cpuNs += seconds * 1e9 * load.cpu.user * (unit.spec.id === 'pencils.service' ? 0.6 : 0.05);
  }
}

import type { DemoClock } from '../clock.ts';

/** `sysv`: made by systemd-sysv-generator, RemainAfterExit=yes, GuessMainPID=no. */
export type UnitKind = 'forking' | 'sysv' | 'simple' | 'oneshot';

export interface PortSpec {
  readonly port: number;
  /** IPv4 address it is bound to. */
  readonly address: '0.0.0.0' | '127.0.0.1';
  readonly uid: number;
}

/** A systemd service of a simulated machine. Times in ms. */
export interface UnitSpec {
  /** With `.service`. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly kind: UnitKind;
  readonly description: string;
  readonly fragmentPath: string;
  readonly sourcePath: string | null;
  readonly unitFileState: 'enabled' | 'generated';
  /** SubState while its processes live. */
  readonly liveSub: 'running' | 'exited';
  /** Command lines of ExecStartPre and ExecStart. */
  readonly startPre: string | null;
  readonly start: string;
  readonly program: string;
  readonly ports: readonly PortSpec[];
  readonly sockets: readonly string[];
  readonly memoryBytes: number | null;
  readonly tasks: number | null;
  readonly stopMs: number;
  readonly startMs: number;
  /** From "active" to the first accepted connection; 0 when the port is open before. */
  readonly listenAfterMs: number;
  /** Extra properties as `systemctl show` prints them, by name. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface JournalLine {
  readonly at: number;
  readonly ident: string;
  readonly pid: number;
  readonly text: string;
}

/** What a unit needs of its machine. */
export interface UnitHost {
  readonly clock: DemoClock;
  nextPid(): number;
  nextInode(): number;
  invocationId(): string;
  /** A listener appeared or went away. */
  listenersChanged(): void;
}

const keptLines = 200;

/** One unit with its systemd state, its processes and its listeners, which need not agree. */
export class Unit {
  readonly spec: UnitSpec;
  activeState: 'active' | 'inactive' | 'activating' | 'deactivating' | 'failed' = 'active';
  subState: string;
  result: 'success' | 'exit-code' | 'signal' = 'success';
  mainPid = 0;
  execPid = 0;
  execStatus = 0;
  execCode = 0;
  invocation: string;
  restarts = 0;
  /** Whether its processes live, whatever systemd believes. */
  alive = true;
  /** Epoch ms since which they do not, `null` while they live. */
  deadSince: number | null = null;
  /** Set by a scenario: the program ends at once, and the init script still exits 0. */
  refusesToStart = false;
  execStartAt: number;
  stateChangeAt: number;
  inactiveExitAt: number;
  activeEnterAt: number;
  activeExitAt = 0;
  inactiveEnterAt = 0;
  cpuNs = 0;
  /** Jobs under way or waiting. */
  jobs = 0;
  readonly journal: JournalLine[] = [];
  /** What of its program's memory a start or a reload takes away. */
  forgets: () => void = () => {};
  readonly #listeners = new Map<string, number>();
  readonly #host: UnitHost;
  #job: Promise<void> = Promise.resolve();
  #callOffListening: () => void = () => {};

  constructor(spec: UnitSpec, host: UnitHost, startedAt: number) {
    this.spec = spec;
    this.#host = host;
    this.invocation = host.invocationId();
    this.subState = spec.liveSub;
    this.inactiveExitAt = startedAt;
    this.execStartAt = startedAt;
    this.activeEnterAt = startedAt + spec.startMs;
    this.stateChangeAt = this.activeEnterAt;
    this.execPid = host.nextPid();
    this.mainPid = this.#hasMainPid() ? this.execPid : 0;
    this.#log(startedAt, 'systemd', 1, `Starting ${spec.id} - ${spec.description}...`);
    this.#log(this.activeEnterAt, 'systemd', 1, `Started ${spec.id} - ${spec.description}.`);
    this.#listen();
  }

  /** Inode of what listens on this port or path, `null` when nothing does. */
  listener(portOrPath: number | string): number | null {
    return this.#listeners.get(String(portOrPath)) ?? null;
  }

  start(): Promise<void> {
    return this.#queue(async () => {
      if (this.activeState !== 'active') await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#queue(async () => {
      if (this.activeState !== 'inactive') await this.#stop();
    });
  }

  restart(): Promise<void> {
    return this.#queue(async () => {
      if (this.activeState !== 'inactive') await this.#stop();
      await this.#start();
    });
  }

  /** Its processes end by themselves. systemd notices only for units whose main process it knows. */
  die(text: string): void {
    if (!this.alive) return;
    const now = this.#host.clock.now();
    this.#log(now, this.spec.program, this.execPid, text);
    this.#silence();
    if (this.spec.kind === 'sysv') {
      this.subState = 'exited';
      return;
    }
    this.#log(now, 'systemd', 1, `${this.spec.id}: Main process exited, code=exited, status=1/FAILURE`);
    this.#log(now, 'systemd', 1, `${this.spec.id}: Failed with result 'exit-code'.`);
    this.activeState = 'failed';
    this.subState = 'failed';
    this.result = 'exit-code';
    this.execCode = 1;
    this.execStatus = 1;
    this.mainPid = 0;
    this.activeExitAt = now;
    this.inactiveEnterAt = now;
    this.stateChangeAt = now;
  }

  /** A line of its program in the journal. */
  note(text: string): void {
    this.#log(this.#host.clock.now(), this.spec.program, this.execPid, text);
  }

  async #start(): Promise<void> {
    const begun = this.#host.clock.now();
    this.invocation = this.#host.invocationId();
    this.#enter('activating', 'start', begun);
    this.inactiveExitAt = begun;
    this.execStartAt = begun;
    this.execPid = this.#host.nextPid();
    this.result = 'success';
    this.execCode = 0;
    this.execStatus = 0;
    this.#log(begun, 'systemd', 1, `Starting ${this.spec.id} - ${this.spec.description}...`);
    await this.#wait(this.spec.startMs);
    const done = this.#host.clock.now();
    this.activeEnterAt = done;
    if (this.refusesToStart) {
      this.#log(done, this.spec.program, this.execPid, 'Did not start.');
      this.#enter('active', 'exited', done);
      this.#log(done, 'systemd', 1, `Started ${this.spec.id} - ${this.spec.description}.`);
      return;
    }
    this.alive = true;
    this.forgets();
    this.deadSince = null;
    this.cpuNs = 0;
    this.mainPid = this.#hasMainPid() ? this.execPid : 0;
    this.#enter('active', this.spec.liveSub, done);
    this.#log(done, 'systemd', 1, `Started ${this.spec.id} - ${this.spec.description}.`);
    if (this.spec.listenAfterMs === 0) this.#listen();
    else this.#callOffListening = this.#host.clock.after(this.spec.listenAfterMs, () => this.#listen());
  }

  async #stop(): Promise<void> {
    const begun = this.#host.clock.now();
    this.activeExitAt = begun;
    this.#enter('deactivating', 'stop', begun);
    this.#log(begun, 'systemd', 1, `Stopping ${this.spec.id} - ${this.spec.description}...`);
    this.#silence();
    await this.#wait(this.spec.stopMs);
    const done = this.#host.clock.now();
    this.mainPid = 0;
    this.inactiveEnterAt = done;
    this.#enter('inactive', 'dead', done);
    this.#log(done, 'systemd', 1, `${this.spec.id}: Deactivated successfully.`);
    this.#log(done, 'systemd', 1, `Stopped ${this.spec.id} - ${this.spec.description}.`);
  }

  #enter(active: Unit['activeState'], sub: string, at: number): void {
    this.activeState = active;
    this.subState = sub;
    this.stateChangeAt = at;
  }

  #listen(): void {
    for (const { port } of this.spec.ports) this.#listeners.set(String(port), this.#host.nextInode());
    for (const path of this.spec.sockets) this.#listeners.set(path, this.#host.nextInode());
    this.#host.listenersChanged();
  }

  #silence(): void {
    this.alive = false;
    this.deadSince ??= this.#host.clock.now();
    this.#callOffListening();
    this.#listeners.clear();
    this.#host.listenersChanged();
  }

  #hasMainPid(): boolean {
    return this.spec.kind === 'forking' || this.spec.kind === 'simple';
  }

  #queue(job: () => Promise<void>): Promise<void> {
    this.jobs += 1;
    this.#job = this.#job.then(job).finally(() => {
      this.jobs -= 1;
    });
    return this.#job;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#host.clock.after(ms, resolve);
    });
  }

  /** `systemctl reload`: its program reads its configuration again, and forgets what it was told since. */
  reload(): void {
    const now = this.#host.clock.now();
    this.#log(now, 'systemd', 1, `Reloading ${this.spec.id} - ${this.spec.description}...`);
    this.forgets();
    this.#log(now, 'systemd', 1, `Reloaded ${this.spec.id} - ${this.spec.description}.`);
  }

  #log(at: number, ident: string, pid: number, text: string): void {
    this.journal.push({ at, ident, pid, text });
    if (this.journal.length > keptLines) this.journal.shift();
  }
}

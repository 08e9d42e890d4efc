import type { CloudReader } from '../cloud/calls.ts';
import type { BackupState } from '../fleet/backup.ts';
import type { BackupSpec, Fleet, PoolSpec } from '../fleet/definition.ts';
import type { Host, HostId } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import { Asker } from '../poll/asker.ts';
import { readBackup } from '../probe/backups/read-backup.ts';
import { readPool } from '../probe/pools/read-pool.ts';
import type { ReadContext } from '../probe/pools/reader.ts';

/** Times between two readings, ms. A cloud counts requests; a backup under way is watched. */
const poolEveryMs = 5000;
const cloudPoolEveryMs = 60_000;
const backupEveryMs = 60_000;
const cloudBackupEveryMs = 300_000;
const runningEveryMs = 3000;
/** A host just found has no connection yet: what could not be read for that is read again soon. */
const unreadEveryMs = 2000;

export interface ReadingsOptions {
  readonly fleet: Fleet;
  readonly cloud: CloudReader;
  readonly continuous: boolean;
  readonly hosts: () => readonly Host[];
  readonly run: ReadContext['run'];
  readonly now: () => number;
  readonly changed: () => void;
}

/** What the balancers and the backups say, each read on its own period. */
export class Readings {
  readonly #options: ReadingsOptions;
  readonly #pools = new Map<string, { state: PoolState; readonly asker: Asker<PoolState> }>();
  readonly #backups = new Map<string, { state: BackupState; readonly asker: Asker<BackupState> }>();
  #stopped = false;

  constructor(options: ReadingsOptions) {
    this.#options = options;
    for (const spec of options.fleet.pools) this.#addPool(spec);
  }

  pools(): readonly PoolState[] {
    return [...this.#pools.values()].map((entry) => entry.state);
  }

  backups(): readonly BackupState[] {
    return [...this.#backups.values()].map((entry) => entry.state);
  }

  pool(name: string): PoolState | null {
    return this.#pools.get(name)?.state ?? null;
  }

  backup(name: string, hostId: HostId): BackupState | null {
    return this.#backups.get(keyOf(name, hostId))?.state ?? null;
  }

  async freshPool(name: string): Promise<PoolState | null> {
    return (await this.#pools.get(name)?.asker.fresh()) ?? null;
  }

  async freshBackup(name: string, hostId: HostId): Promise<BackupState | null> {
    return (await this.#backups.get(keyOf(name, hostId))?.asker.fresh()) ?? null;
  }

  /** Follows the inventory: a backup is read on every host of its roles, and no longer where the host is gone. */
  setHosts(hosts: readonly Host[]): void {
    const wanted = new Map<string, { readonly spec: BackupSpec; readonly host: Host }>();
    for (const spec of this.#options.fleet.backups)
      for (const host of hosts)
        if (host.role !== null && spec.on.includes(host.role)) wanted.set(keyOf(spec.name, host.id), { spec, host });
    for (const [key, entry] of this.#backups) {
      if (wanted.has(key)) continue;
      entry.asker.stop();
      this.#backups.delete(key);
    }
    for (const [key, { spec, host }] of wanted) if (!this.#backups.has(key)) this.#addBackup(key, spec, host);
  }

  /** Everything once: what the one-shot commands need. */
  async readAll(): Promise<void> {
    const askers = [...this.#pools.values(), ...this.#backups.values()].map((entry) => entry.asker);
    await Promise.all(askers.map((asker) => asker.now()));
  }

  /** Begins to read on the periods. */
  start(): void {
    for (const { asker } of this.#pools.values()) asker.start((state) => nextPool(state));
  }

  stop(): void {
    this.#stopped = true;
    for (const entry of [...this.#pools.values(), ...this.#backups.values()]) entry.asker.stop();
  }

  #addPool(spec: PoolSpec): void {
    const asker = new Asker<PoolState>(
      async () => {
        const before = this.#pools.get(spec.name)?.state ?? unreadPool(spec);
        const reading = await readPool(spec, this.#context());
        const error = reading.error;
        const readAt = error === null ? this.#options.now() : before.readAt;
        return { name: spec.name, kind: spec.kind, members: reading.members, warnings: reading.warnings, readAt, error };
      },
      (state) => this.#told(this.#pools.get(spec.name), state),
    );
    this.#pools.set(spec.name, { state: unreadPool(spec), asker });
  }

  #addBackup(key: string, spec: BackupSpec, host: Host): void {
    const asker = new Asker<BackupState>(
      async () => {
        const before = this.#backups.get(key)?.state ?? unreadBackup(spec, host.id);
        const reading = await readBackup(spec, host, this.#context());
        // A host that cannot be asked does not lose its copies.
        if (reading.error !== null) return { ...before, error: reading.error, running: null };
        return { ...before, ...reading, readAt: this.#options.now() };
      },
      (state) => this.#told(this.#backups.get(key), state),
    );
    this.#backups.set(key, { state: unreadBackup(spec, host.id), asker });
    if (this.#options.continuous && !this.#stopped) asker.start((state) => nextBackup(state));
  }

  #told<State>(entry: { state: State } | undefined, state: State): void {
    if (entry === undefined) return;
    entry.state = state;
    this.#options.changed();
  }

  #context(): ReadContext {
    const { fleet, cloud, hosts, run, now } = this.#options;
    return { fleet, cloud, hosts: hosts(), run, now };
  }
}

function unreadPool(spec: PoolSpec): PoolState {
  return { name: spec.name, kind: spec.kind, members: [], readAt: null, error: null, warnings: [] };
}

function unreadBackup(spec: BackupSpec, hostId: HostId): BackupState {
  const { name, kind, maxAgeMs, sameHost } = spec;
  const nothing = { readAt: null, error: null, artifacts: [], running: null, failed: null };
  return { name, kind, hostId, ...nothing, maxAgeMs, sameHost, watched: kind === 'watch' };
}

function nextPool(state: PoolState): number {
  if (state.readAt === null) return unreadEveryMs;
  return state.kind.startsWith('gce-') || state.kind.startsWith('azure-') ? cloudPoolEveryMs : poolEveryMs;
}

function nextBackup(state: BackupState): number {
  if (state.readAt === null) return unreadEveryMs;
  if (state.running !== null) return runningEveryMs;
  return state.kind.endsWith('-snapshot') ? cloudBackupEveryMs : backupEveryMs;
}

function keyOf(name: string, hostId: HostId): string {
  return `${name}\n${hostId}`;
}

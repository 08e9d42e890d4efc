import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupSpec, Fleet } from '../../../src/fleet/definition.ts';
import { backupCommands } from '../../../src/actions/backups/commands.ts';
import { noCloud } from '../../../src/cloud/cloud.ts';
import { Series } from '../../../src/fleet/series.ts';
import type { HostView } from '../../../src/fleet/view.ts';
import { readBackup } from '../../../src/probe/backups/read-backup.ts';
import type { BackupReading } from '../../../src/probe/backups/reader.ts';
import { sanitizeText } from '../../../src/remote/sanitize.ts';
import { fleetOf } from '../../config/fixture.ts';

export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that stands for one host: a home, programs of its own before the machine's, and the planned commands run in a real shell. */
export class Bench {
  readonly place: string;
  readonly #under: readonly string[];
  readonly #started = new Set<ChildProcess>();

  /** `under`: words that a shell of this host is started with, e.g. a mount namespace. */
  constructor(under: readonly string[] = []) {
    this.place = mkdtempSync(join(tmpdir(), 'qd-backup-'));
    this.#under = under;
    for (const folder of ['home', 'bin', 'source', 'copies']) mkdirSync(join(this.place, folder));
  }

  path(...parts: readonly string[]): string {
    return join(this.place, ...parts);
  }

  /** A program that stands before the machine's own of that name. */
  program(name: string, text: string): void {
    writeFileSync(join(this.place, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  fleet(backups: Readonly<Record<string, unknown>>): Fleet {
    return fleetOf(
      JSON.stringify({
        fleet: 'bench',
        inventory: [{ static: [{ name: 'nfs1', address: '127.0.0.1', role: 'nfs' }] }],
        ssh: { sudo: false },
        backups,
      }),
    );
  }

  /** A backup as the fleet file would say it. */
  spec(options: Readonly<Record<string, unknown>>, name = 'tree'): BackupSpec {
    const [spec] = this.fleet({ [name]: { on: 'nfs', ...options } }).backups;
    if (spec === undefined) throw new Error('the fleet file has no backup');
    return spec;
  }

  /** The precheck alone. */
  check(spec: BackupSpec): Promise<Ran> {
    return this.#ran(this.#start(this.#texts(spec)[0] ?? ''));
  }

  /** The copying alone, without what the executor does before and after. */
  run(spec: BackupSpec): Promise<Ran> {
    return this.begin(spec).ended;
  }

  /** The copying, to be watched or killed. */
  begin(spec: BackupSpec): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
    const child = this.#start(this.#texts(spec)[1] ?? '');
    return { child, ended: this.#ran(child) };
  }

  /** The command that lets old copies go. */
  retire(spec: BackupSpec): Promise<Ran> {
    return this.#ran(this.#start(this.#texts(spec)[2] ?? 'exit 99'));
  }

  read(spec: BackupSpec): Promise<BackupReading> {
    return readBackup(spec, benchView.host, {
      fleet: this.fleet({}),
      hosts: [benchView.host],
      cloud: noCloud,
      now: Date.now,
      run: async (_hostId, command) => {
        const { exit, stdout, stderr } = await this.#ran(this.#start(command));
        const [out, err] = [sanitizeText(stdout), sanitizeText(stderr)];
        return { exit, signal: null, stdout: out, stderr: err, droppedBytes: 0, durationMs: 0, end: 'exit' };
      },
    });
  }

  stop(): void {
    for (const child of this.#started) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Its group is gone already.
      }
    }
    rmSync(this.place, { recursive: true, force: true });
  }

  #texts(spec: BackupSpec): string[] {
    const commands = backupCommands(
      this.fleet({}),
      spec,
      benchView,
      { action: 'backup', hostId: benchView.host.id, name: spec.name },
      null,
    );
    if (typeof commands === 'string') throw new Error(commands);
    return commands.map((command) => command.command);
  }

  #start(text: string): ChildProcess {
    const [file, ...words] = [...this.#under, 'sh', '-c', text];
    const env = { HOME: this.path('home'), PATH: `${this.path('bin')}:/usr/sbin:/usr/bin:/sbin:/bin` };
    const child = spawn(file, words, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#started.add(child);
    return child;
  }

  async #ran(child: ChildProcess): Promise<Ran> {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
    this.#started.delete(child);
    return { exit, stdout, stderr };
  }
}

const series = (): Series => new Series(1);

/** The bench as the console sees it. */
export const benchView: HostView = {
  host: {
    id: 'static/nfs1',
    source: 'static',
    name: 'nfs1',
    role: 'nfs',
    env: 'default',
    zone: null,
    address: '127.0.0.1',
    ssh: { user: null, port: null },
    labels: {},
    provider: 'static',
    cloudState: null,
  },
  reach: { reach: 'ok', since: 0, why: null },
  sample: null,
  verdict: { health: 'ok', reasons: [] },
  services: [],
  checks: [],
  pools: [],
  backups: [],
  series: {
    cpuPct: series(),
    iowaitPct: series(),
    memoryPct: series(),
    nfsIops: series(),
    nfsMs: series(),
    diskPct: series(),
    ioIops: series(),
  },
  version: null,
  goneSince: null,
};

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ActionRequest } from '../../../src/actions/request.ts';
import type { BackupState } from '../../../src/fleet/backup.ts';
import { lacks } from '../../probe/needs.ts';
import { type BenchConsole, openConsole } from '../console.ts';
import { type Hosts, hostsMissing, startHosts } from '../hosts.ts';

/** For `describe.skipIf`. */
export function backupsMissing(): boolean {
  return hostsMissing() || lacks('rsync', '--version') || lacks('flock', '--version');
}

/** A real host with something to copy, and a console on it; anew for every test of the `describe` that makes it. */
export class BackedUpHost {
  #hosts: Hosts | null = null;
  #on: BenchConsole | null = null;
  /** Folder of the test: `source` and `copies`. */
  place = '';
  fleet = '';
  readonly request: Extract<ActionRequest, { action: 'backup' }> = { action: 'backup', hostId: 'static/web1', name: 'tree' };

  constructor(net: number) {
    beforeAll(async () => {
      this.#hosts = await startHosts(net, 1);
    });
    afterAll(() => this.#hosts?.stop());
    beforeEach(() => this.#begin());
    afterEach(() => this.#on?.close());
  }

  get hosts(): Hosts {
    if (this.#hosts === null) throw new Error('not started');
    return this.#hosts;
  }

  get on(): BenchConsole {
    if (this.#on === null) throw new Error('not started');
    return this.#on;
  }

  copies(): string[] {
    return readdirSync(join(this.place, 'copies')).filter((name) => /^\d{8}T\d{6}Z$/.test(name));
  }

  read(console = this.on): Promise<BackupState | null> {
    return console.session.live.freshBackup('tree', this.request.hostId);
  }

  state(): string {
    return mkdtempSync(join(this.hosts.directory, 'state-'));
  }

  /** 24 MB more to copy, at most so many bytes a second. */
  grow(limit: string): void {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(this.place, 'source', name), Buffer.alloc(6_000_000, name));
    this.#speed(`--bwlimit=${limit}`);
  }

  /** Resolves while rsync copies, with the processes that do it. */
  async copying(): Promise<{ readonly shell: number; readonly rsync: number }> {
    while ((await this.read())?.running?.bytes == null) await sleep(100);
    const [shell = 0, rsync = 0] = readFileSync(join(this.place, 'pids'), 'utf8').trim().split(' ').map(Number);
    return { shell, rsync };
  }

  async #begin(): Promise<void> {
    this.place = mkdtempSync(join(this.hosts.directory, 'data-'));
    const { place } = this;
    for (const folder of ['source', 'copies']) mkdirSync(join(place, folder));
    writeFileSync(join(place, 'source', 'one'), 'one');
    this.#speed('');
    const tree = { on: 'web', kind: 'rsync', from: `${place}/source/`, to: `${place}/copies/`, max_age: '26h', keep: 1 };
    const backups = { tree, seen: { on: 'web', watch: `${place}/copies/seen` } };
    this.fleet = this.hosts.fleet({ backups }, place.split('/').at(-1));
    this.#on = await openConsole({ fleet: this.fleet, state: this.state() });
  }

  #speed(option: string): void {
    const file = join(this.hosts.only.place, 'bin', 'rsync');
    writeFileSync(file, `#!/bin/sh\necho "$PPID $$" >'${this.place}/pids'\nexec /usr/bin/rsync ${option} "$@"\n`);
    chmodSync(file, 0o755);
  }
}

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverContext } from '../../../src/actions/driver.ts';
import type { PoolChange, PoolTarget } from '../../../src/actions/pools/pool-kind.ts';
import { hostText } from '../../../src/actions/run-on-host.ts';
import type { CloudReader } from '../../../src/cloud/calls.ts';
import { noCloud } from '../../../src/cloud/cloud.ts';
import type { Fleet, PoolSpec } from '../../../src/fleet/definition.ts';
import type { Host } from '../../../src/fleet/host.ts';
import type { PoolMember } from '../../../src/fleet/pool.ts';
import { readPool } from '../../../src/probe/pools/read-pool.ts';
import type { PoolReading, ReadContext } from '../../../src/probe/pools/reader.ts';
import { runChild } from '../../../src/remote/child-program.ts';
import type { ExecResult } from '../../../src/remote/connection.ts';
import { withHostDeadline } from '../../../src/remote/deadline.ts';
import { fleetOf } from '../../config/fixture.ts';
import { hostOf } from '../../health/fixture.ts';
import { hostView } from '../../views/fixture.ts';

/**
 * Hosts on this machine, each with a home of its own, whose commands are run by a real shell as a connection would: deadline on the host,
 * output capped and sanitized.
 */
export class PoolBench {
  readonly directory = mkdtempSync(join(tmpdir(), 'qd-pools-'));
  readonly hosts: readonly Host[];
  readonly fleet: Fleet;
  readonly away = new Set<string>();
  shell: readonly string[] = ['sh'];
  path = process.env['PATH'] ?? '';
  cloud: CloudReader = noCloud;

  constructor(hosts: readonly Partial<Host>[], pools: Readonly<Record<string, unknown>>, sections: Readonly<Record<string, unknown>> = {}) {
    this.hosts = hosts.map((host) => {
      const name = host.name ?? 'web1';
      return { ...hostOf(name, 'web'), address: null, id: `static/${name}`, ...host };
    });
    for (const host of this.hosts) mkdirSync(this.home(host.name), { recursive: true });
    const roles = [...new Set(this.hosts.map(({ role }) => role))].flatMap((role) => (role === null ? [] : [role]));
    const listed = [
      ...this.hosts.map(({ role }, index) => ({ name: `h${index}`, address: '127.0.0.1', role })),
      ...['web', 'lb'].filter((role) => !roles.includes(role)).map((role) => ({ name: `no-${role}`, address: '127.0.0.1', role })),
    ];
    this.fleet = fleetOf(JSON.stringify({ fleet: 'bench', inventory: [{ static: listed }], ssh: { sudo: false }, pools, ...sections }));
  }

  /** A host's home: folders named by place in the list, because names may hold anything. */
  home(name: string): string {
    return join(this.directory, `home${this.hosts.findIndex((host) => host.name === name)}`);
  }

  spec(name = this.fleet.pools[0]?.name ?? ''): PoolSpec {
    const spec = this.fleet.pools.find((pool) => pool.name === name);
    if (spec === undefined) throw new Error(`no pool ${name}`);
    return spec;
  }

  context(): ReadContext {
    return {
      fleet: this.fleet,
      hosts: this.hosts,
      cloud: this.cloud,
      now: () => Date.now(),
      run: (hostId, command, deadlineMs) => {
        const host = this.hosts.find(({ id }) => id === hostId);
        if (host === undefined || this.away.has(host.name)) return Promise.resolve(null);
        return this.run(host.name, withHostDeadline(command, deadlineMs / 1000), deadlineMs);
      },
    };
  }

  run(name: string, command: string, deadlineMs = 15_000): Promise<ExecResult> {
    const [file = 'sh', ...args] = this.shell;
    const spec = { file, args: [...args, '-c', command], env: { ...process.env, HOME: this.home(name), PATH: this.path } };
    return runChild(spec, { deadlineMs: deadlineMs + 2000 }, (why) => new Error(why));
  }

  read(name?: string): Promise<PoolReading> {
    return readPool(this.spec(name), this.context());
  }

  async member(host: string, pool?: string): Promise<PoolMember> {
    return memberIn(await this.read(pool), `static/${host}`);
  }

  /** What the actions see of the hosts; all that a kind of pool may look at. */
  driverContext(): DriverContext {
    const views = this.hosts.map((host) => ({ ...hostView({ name: host.name, role: host.role ?? 'web' }, Date.now(), 1), host }));
    const world: Pick<DriverContext['world'], 'views' | 'view'> = {
      views: () => views,
      view: (id) => views.find(({ host }) => host.id === id) ?? null,
    };
    return {
      fleet: this.fleet,
      world: world as DriverContext['world'],
      read: (id, command, deadlineMs) => this.context().run(id, command, deadlineMs),
    };
  }

  async target(host: string, pool?: string): Promise<PoolTarget> {
    const reading = await this.read(pool);
    const spec = this.spec(pool);
    const view = this.driverContext().world.view(`static/${host}`);
    if (view === null) throw new Error(`no host ${host}`);
    return {
      spec,
      pool: { name: spec.name, kind: spec.kind, readAt: Date.now(), ...reading },
      member: memberIn(reading, `static/${host}`),
      view,
    };
  }

  /** Sends the commands of a change as the executor would; the results up to the first that failed. */
  async send(change: PoolChange): Promise<readonly ExecResult[]> {
    if (change.kind === 'refused') throw new Error(`refused: ${change.why}`);
    const results: ExecResult[] = [];
    for (const command of change.commands) {
      results.push(await this.run(command.hostName, hostText(command), command.deadlineMs));
      if (results.at(-1)?.exit !== 0) break;
    }
    return results;
  }

  /** Sends a change that must go well. */
  async done(change: PoolChange): Promise<void> {
    const bad = (await this.send(change)).find(({ exit }) => exit !== 0);
    if (bad !== undefined) throw new Error(`exit ${bad.exit}: ${bad.stderr}${bad.stdout}`);
  }

  /** A PATH that holds only these programs. */
  only(programs: readonly string[]): string {
    const bin = mkdtempSync(join(this.directory, 'bin-'));
    for (const program of programs) {
      const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, program)).find((file) => existsSync(file));
      if (found !== undefined) symlinkSync(found, join(bin, program));
    }
    return bin;
  }

  stop(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function memberIn(reading: PoolReading, hostId: string): PoolMember {
  const member = reading.members.find((each) => each.hostId === hostId);
  if (member === undefined) throw new Error(`no member ${hostId}`);
  return member;
}

export function refusalOf(change: PoolChange): string {
  return change.kind === 'refused' ? change.why : `not refused: ${change.commands.map(({ command }) => command).join('\n')}`;
}

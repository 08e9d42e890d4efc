import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOwnMounts, ownMountsMissing } from '../commands/own-mounts.ts';
import { sshSection, writeFleet } from '../commands/fleet-text.ts';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { changeProgram, gateProgram, systemctlProgram } from './host-programs.ts';

/** For `describe.skipIf`: these tests need OpenSSH's server and mounts of their own; in CI both must be there. */
export function hostsMissing(): boolean {
  return sshdMissing() || ownMountsMissing();
}

/** A change as the host itself saw it: written by the change, outside of anything the console keeps there. */
export interface Happening {
  readonly what: 'begin' | 'end';
  readonly tag: string;
  readonly atNs: bigint;
}

/** A host of one sshd with a home, a state directory, locks and services of its own. */
export class BenchHost {
  readonly name: string;
  readonly id: string;
  readonly place: string;
  readonly sshd: RunningSshd;

  constructor(name: string, place: string, sshd: RunningSshd) {
    this.name = name;
    this.id = `static/${name}`;
    this.place = place;
    this.sshd = sshd;
  }

  /** What was really done here, oldest first. */
  happened(): Happening[] {
    const file = join(this.place, 'log');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [what, tag, atNs] = line.split(' ');
        return (what === 'begin' || what === 'end') && tag !== undefined && atNs !== undefined ? [{ what, tag, atNs: BigInt(atNs) }] : [];
      });
  }

  /** How often the change of this tag was begun. */
  times(tag: string, what: Happening['what'] = 'begin'): number {
    return this.happened().filter((one) => one.what === what && one.tag === tag).length;
  }

  /** Directories of steps that are still there. */
  steps(): string[] {
    return entries(join(this.place, 'state', 'quarterdeck', 'steps'));
  }

  /** Locks, requests, approvals and notes that are still there. */
  locks(): string[] {
    return entries(join(this.place, 'lock'));
  }

  /** The file of a knob of the host's programs; `null` takes it away. */
  set(knob: string, text: string | null): void {
    const file = join(this.place, knob);
    if (text === null) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }

  has(file: string): boolean {
    return existsSync(join(this.place, file));
  }

  /** Every file under the host's place that a console could have left, with its size: for proving that nothing was written. */
  everything(): string[] {
    return ['home', 'state', 'lock'].flatMap((folder) =>
      readdirSync(join(this.place, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    );
  }
}

export interface Hosts {
  readonly directory: string;
  readonly hosts: readonly BenchHost[];
  /** The first host. */
  readonly only: BenchHost;
  /** Writes a fleet file of these hosts; `sections` win over the usual ones. */
  fleet(sections?: Readonly<Record<string, unknown>>, name?: string): string;
  stop(): Promise<void>;
}

/**
 * Starts hosts `web1`, `web2`, … on `127.0.<net>.1`, `.2`, …, each a real sshd in mounts of its own, so that each has its own `/run/lock`
 * and its own boot id (the file `boot-id` of its place).
 */
export async function startHosts(net: number, count: number): Promise<Hosts> {
  const directory = mkdtempSync(join(tmpdir(), 'qd-hosts-'));
  const hosts: BenchHost[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      hosts.push(await startHost(directory, `web${index + 1}`, `127.0.${net}.${index + 1}`, hosts[0]?.sshd ?? null));
    }
  } catch (error) {
    await Promise.all(hosts.map((host) => host.sshd.stop()));
    throw error;
  }
  const [only] = hosts;
  if (only === undefined) throw new Error('At least one host.');
  const ssh = sshSection(
    directory,
    hosts.map((host) => host.sshd),
  );
  return {
    directory,
    hosts,
    only,
    fleet: (sections = {}, name = 'fleet') => {
      const place = join(directory, name);
      mkdirSync(place, { recursive: true });
      const listed = hosts.map((host) => ({ name: host.name, address: host.sshd.address, port: host.sshd.port, role: 'web' }));
      return writeFleet(place, listed, { ssh, poll: { every: '1s', deadline: '20s', stale: '60s' }, actions, ...sections });
    },
    stop: async () => {
      await Promise.all(hosts.map((host) => host.sshd.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Actions of the bench's own: `change` writes what it did into the host's log, and `unchange` is its inverse. */
const actions = {
  change: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'change', undo: 'change undo-{{ tag }}' },
};

async function startHost(directory: string, name: string, address: string, first: RunningSshd | null): Promise<BenchHost> {
  const place = join(directory, name);
  for (const folder of ['home', 'state', 'lock', 'bin', 'units']) mkdirSync(join(place, folder), { recursive: true });
  chmodSync(join(place, 'lock'), 0o1777);
  for (const [program, text] of [
    ['systemctl', systemctlProgram],
    ['change', changeProgram],
    ['gate', gateProgram],
  ] as const) {
    writeFileSync(join(place, 'bin', program), text);
    chmodSync(join(place, 'bin', program), 0o755);
  }
  appendFileSync(join(place, 'log'), '');
  writeFileSync(join(place, 'boot-id'), `${randomUUID()}\n`);
  const env = [
    `HOME=${place}/home`,
    `XDG_STATE_HOME=${place}/state`,
    `PATH=${place}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    `PLACE=${place}`,
  ];
  const sshd = await startSshd({
    addresses: [address],
    config: { SetEnv: env.join(' '), LogLevel: 'INFO' },
    authorizedKeys: first === null ? [] : [first.publicKey],
    under: inOwnMounts(
      'mkdir -p /run/lock',
      `mount --bind '${place}/lock' /run/lock`,
      `mount --bind '${place}/boot-id' /proc/sys/kernel/random/boot_id`,
    ),
  });
  return new BenchHost(name, place, sshd);
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

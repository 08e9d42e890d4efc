import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSshd, startSshd } from '../sshd/sshd.ts';
import { type EntryJson, entrySchema, parsed } from './contract.ts';
import { type ListedHost, sshSection, writeFleet } from './fleet-text.ts';
import { type InitService, initService } from './init-script.ts';
import { type Ended, quarterdeck } from './program.ts';

/** Hosts with a SysV service `app-NAME` each, and the program pointed at them. */
export interface InitFleet {
  readonly home: string;
  readonly fleet: string;
  app(name: string): InitService;
  server(name: string): RunningSshd;
  /** State directory `name` of this fleet. */
  state(name: string): string;
  /** Runs the program with the state directory `name`. */
  run(name: string, args: readonly string[], under?: readonly string[]): Promise<Ended>;
  /** `act restart HOST/app-HOST`, journaled in a state directory of the host's name. */
  restart(host: string, ...more: readonly string[]): Promise<Ended>;
  journal(name: string): Promise<EntryJson[]>;
  stop(): Promise<void>;
}

/** Starts a host a name, each a real sshd with an init script, a daemon and locks of its own. The host `error` is in an environment without danger. */
export async function startInitFleet(names: readonly string[], transport: 'ssh2' | 'openssh'): Promise<InitFleet> {
  const home = mkdtempSync(join(tmpdir(), 'qd-act-'));
  const apps = new Map<string, InitService>();
  const servers = new Map<string, RunningSshd>();
  const hosts: ListedHost[] = [];
  let key: string[] = [];
  mkdirSync(join(home, 'state'), { mode: 0o700 });
  for (const name of names) {
    const service = await initService(join(home, name));
    const sshd = await startSshd({ under: service.under, authorizedKeys: key });
    if (key.length === 0) key = [readFileSync(`${sshd.identityFile}.pub`, 'utf8').trim()];
    apps.set(name, service);
    servers.set(name, sshd);
    hosts.push({ name, address: sshd.address, port: sshd.port, role: name });
  }
  const services = hosts.map(({ name }) => [
    `app-${name}`,
    {
      on: name,
      manager: 'sysv',
      unit: 'app',
      port: apps.get(name)?.port,
      hold: '1s',
      ...(name === 'checked' ? { precheck: `test -f ${join(home, 'config-is-good')}` } : {}),
    },
  ]);
  const fleet = writeFleet(home, hosts, {
    environments: { test: { match: { name: '^error$' }, danger: false } },
    ssh: sshSection(home, [...servers.values()], { transport }),
    services: { ...Object.fromEntries(services), session: { on: names[0], manager: 'sysv', unit: 'app', stateful: true } },
  });
  const state = (name: string): string => join(home, 'state', name);
  const run: InitFleet['run'] = (name, args, under = []) =>
    quarterdeck(['--fleet', fleet, '--state-dir', state(name), ...args], { home, under });
  return {
    home,
    fleet,
    app: (name) => theOne(apps, name),
    server: (name) => theOne(servers, name),
    state,
    run,
    restart: (host, ...more) => run(host, ['act', 'restart', `${host}/app-${host}`, ...more]),
    journal: async (name) => {
      const ran = await run(name, ['journal', 'tail', '-n', '100', '--json']);
      if (ran.status !== 0) throw new Error(`journal tail ended with ${String(ran.status)}: ${ran.stderr}`);
      return ran.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => parsed(entrySchema, line));
    },
    stop: async () => {
      for (const sshd of servers.values()) await sshd.stop();
      for (const service of apps.values()) service.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function theOne<Value>(all: ReadonlyMap<string, Value>, name: string): Value {
  const found = all.get(name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const sshdPath = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd', '/sbin/sshd'].find(isExecutable);

/** Whether OpenSSH's server is installed here. */
export const hasSshd = sshdPath !== undefined;

/** For `describe.skipIf`: skips where sshd is missing, but fails in CI, where it must be there. */
export function sshdMissing(): boolean {
  if (!hasSshd && process.env.CI === 'true') throw new Error('OpenSSH sshd must be installed in CI.');
  return !hasSshd;
}

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** Loopback addresses to listen on. Default `127.0.0.1`; one sshd serves fifty as well as one. */
  readonly addresses?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
  /** Default `['ed25519']`. */
  readonly hostKeys?: readonly HostKeyType[];
  /** Lines of sshd_config, e.g. `{ MaxStartups: '2:100:2', ForceCommand: 'cat' }`; they win over the harness's own. */
  readonly config?: Readonly<Record<string, string>>;
  /** Further lines of authorized_keys beside the harness's own key. */
  readonly authorizedKeys?: readonly string[];
  /** Words before sshd's own, ending in an `exec` of what follows: `unshare -m sh -c '…; exec "$@"' sh` gives it mounts of its own. */
  readonly under?: readonly string[];
}

export interface SshdHostKey {
  readonly type: HostKeyType;
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string;
}

/** A real sshd on loopback; stop it in `afterAll`. */
export interface RunningSshd {
  readonly address: string;
  readonly addresses: readonly string[];
  readonly port: number;
  /** The account that logs in: whoever runs the tests. */
  readonly user: string;
  /** A private directory that goes away with `stop`; tests may put files there. */
  readonly directory: string;
  /** An ed25519 private key that authorized_keys holds. */
  readonly identityFile: string;
  /** Its public half as authorized_keys takes it. */
  readonly publicKey: string;
  readonly hostKeys: readonly SshdHostKey[];
  /** One process for every sixteen addresses, which is as many as an sshd takes. */
  readonly pids: readonly number[];
  /** known_hosts lines for all addresses and host keys. */
  knownHosts(): string;
  /** Writes a known_hosts file into `directory` and returns its path. */
  writeKnownHosts(text?: string, name?: string): string;
  /** All that sshd has logged (LogLevel DEBUG1). */
  log(): string;
  /** SIGSTOP to sshd and its connections: the kernel still accepts, nobody answers. */
  pause(): void;
  resume(): void;
  /** Restarts sshd on the same port with new host keys; open connections end. */
  rekey(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes an OpenSSH key pair; returns the private file's path. */
export function makeKey(directory: string, name: string, options: { type?: HostKeyType; passphrase?: string } = {}): string {
  const file = join(directory, name);
  rmSync(file, { force: true });
  const type = options.type ?? 'ed25519';
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', options.passphrase ?? '', '-C', name, '-f', file]);
  return file;
}

/** A TCP port nobody listens on now. */
export function freePort(address = '127.0.0.1'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(0, address, () => {
    const bound = server.address();
    server.close(() => (bound !== null && typeof bound === 'object' ? resolve(bound.port) : reject(new Error('no port'))));
  });
  return promise;
}

/** Starts a real OpenSSH server on loopback as the current user, ready to accept when the promise resolves. */
export async function startSshd(options: SshdOptions = {}): Promise<RunningSshd> {
  if (sshdPath === undefined) throw new Error('OpenSSH sshd is not installed.');
  const directory = mkdtempSync(join(tmpdir(), 'qd-sshd-'));
  // sshd run by root insists on its privilege separation directory.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const addresses = options.addresses ?? ['127.0.0.1'];
  const address = addresses[0] ?? '127.0.0.1';
  const port = options.port ?? (await freePort(addresses.length > 16 ? '0.0.0.0' : address));
  const identityFile = makeKey(directory, 'id_ed25519');
  const publicKey = readFileSync(`${identityFile}.pub`, 'utf8').trim();
  const authorized = [publicKey, ...(options.authorizedKeys ?? [])];
  writeFileSync(join(directory, 'authorized_keys'), `${authorized.join('\n')}\n`, { mode: 0o600 });
  const types = options.hostKeys ?? ['ed25519'];
  const launchAll = async (): Promise<ChildProcess[]> => {
    const launches = inGroupsOf(addressesPerSshd, addresses).map((group, n) => {
      const configFile = join(directory, `sshd_config${n}`);
      writeFileSync(configFile, sshdConfig(directory, group, port, types, options.config ?? {}));
      return launch(directory, configFile, group[0] ?? address, port, options.under ?? []);
    });
    const settled = await Promise.allSettled(launches);
    const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed === undefined) return started;
    await Promise.all(started.map(end));
    rmSync(directory, { recursive: true, force: true });
    throw failed.reason;
  };

  let hostKeys = makeHostKeys(directory, types);
  let children = await launchAll();

  const knownHosts = (): string =>
    addresses.flatMap((name) => hostKeys.map((key) => `${port === 22 ? name : `[${name}]:${port}`} ${key.publicKey}\n`)).join('');

  return {
    address,
    addresses,
    port,
    user: userInfo().username,
    directory,
    identityFile,
    publicKey,
    get hostKeys() {
      return hostKeys;
    },
    get pids() {
      return children.map(pidOf);
    },
    knownHosts,
    writeKnownHosts: (text = knownHosts(), name = 'known_hosts') => {
      const file = join(directory, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    },
    log: () => readFileSync(join(directory, 'sshd.log'), 'utf8'),
    pause: () => children.map(pidOf).forEach((pid) => signalTree(pid, 'SIGSTOP')),
    resume: () => children.map(pidOf).forEach((pid) => signalTree(pid, 'SIGCONT')),
    rekey: async () => {
      await Promise.all(children.map(end));
      hostKeys = makeHostKeys(directory, types);
      children = await launchAll();
    },
    stop: async () => {
      await Promise.all(children.map(end));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function sshdConfig(
  directory: string,
  addresses: readonly string[],
  port: number,
  types: readonly HostKeyType[],
  own: Readonly<Record<string, string>>,
): string {
  const defaults: Record<string, string> = {
    PidFile: 'none',
    UsePAM: 'no',
    StrictModes: 'no',
    PermitRootLogin: 'prohibit-password',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    AuthorizedKeysFile: join(directory, 'authorized_keys'),
    LogLevel: 'DEBUG1',
    MaxStartups: '1000',
    UseDNS: 'no',
    PrintMotd: 'no',
    // Not the account's own ~/.bashrc, which may take half a second.
    SetEnv: `HOME=${directory}`,
  };
  // sshd takes the first value of a keyword.
  const lines = Object.entries({ ...defaults, ...own }).map(([key, value]) => `${key} ${value}`);
  // sshd listens at 16 places at most (MAX_LISTEN_SOCKS).
  for (const address of addresses.length > 16 ? ['0.0.0.0'] : addresses)
    lines.push(`ListenAddress ${address.includes(':') ? `[${address}]` : address}:${port}`);
  for (const type of types) lines.push(`HostKey ${join(directory, `host_${type}`)}`);
  return `${lines.join('\n')}\n`;
}

/** MAX_LISTEN_SOCKS in sshd.c. */
const addressesPerSshd = 16;

function inGroupsOf(size: number, addresses: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(addresses.length / size) }, (_, n) => addresses.slice(n * size, (n + 1) * size));
}

function makeHostKeys(directory: string, types: readonly HostKeyType[]): SshdHostKey[] {
  return types.map((type) => {
    const file = makeKey(directory, `host_${type}`, { type });
    return { type, publicKey: readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ') };
  });
}

async function launch(
  directory: string,
  configFile: string,
  address: string,
  port: number,
  under: readonly string[],
): Promise<ChildProcess> {
  const log = join(directory, 'sshd.log');
  const [program, ...words] = [...under, sshdPath ?? 'sshd', '-D', '-f', configFile, '-E', log];
  const child = spawn(program, words, { stdio: 'ignore' });
  const deadline = Date.now() + 10_000;
  while (!(await listens(address, port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end(child);
      throw new Error(`sshd did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : 'no log'}`);
    }
    await sleep(20);
  }
  return child;
}

async function listens(address: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: address, port });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const listening = await promise;
  socket.destroy();
  return listening;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const tree = processTree(pidOf(child));
  for (const pid of tree) trySignal(pid, 'SIGKILL');
  await gone;
}

function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const one of processTree(pid)) trySignal(one, signal);
}

/** A process and all that descend from it: sshd's connections are sessions of their own, so no group signal reaches them. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('sshd has no process id.');
  return child.pid;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

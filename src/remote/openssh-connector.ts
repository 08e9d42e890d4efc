import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../fleet/host.ts';
import { pause } from './abortable.ts';
import { childShell, killGroup, startChild } from './child-program.ts';
import type { HostConnection } from './connection.ts';
import { type HandshakeLimits, throttledPauseMs, throttledTries } from './handshake-limits.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { posixShell, proveShell } from './kept-shell.ts';
import { parseKnownHosts } from './known-hosts.ts';
import { destination, muxArgs, type OpensshPlace, targetArgs } from './openssh-args.ts';
import { OpensshConnection, type OpensshMaster } from './openssh-connection.ts';
import { type OpensshFailure, opensshFailure } from './openssh-errors.ts';
import { ReachError } from './reach-error.ts';
import { givenUp, type LoginDeadlines } from './ssh2-login.ts';
import type { Target } from './target.ts';

export interface OpensshParts {
  readonly hostKeys: HostKeyCheck;
  readonly limits: HandshakeLimits;
  readonly deadlines: LoginDeadlines;
  readonly ssh: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Started = { readonly kind: 'ready'; readonly master: OpensshMaster } | OpensshFailure;

/** The longest directory that leaves room for a control socket's name and ssh's temporary suffix in a unix socket path (104 to 108 bytes). */
const maxDirectoryLength = 60;

/** Host connections by the user's own `ssh`, for what ssh2 cannot do: FIDO keys, GSSAPI, certificates, ProxyCommand. */
export class OpensshConnector {
  readonly #parts: OpensshParts;
  readonly #open = new Set<HostConnection>();
  #directory: string | null = null;

  constructor(parts: OpensshParts) {
    this.#parts = parts;
  }

  /** @throws ReachError */
  async connect(host: Host, target: Target, signal: AbortSignal): Promise<HostConnection> {
    let drops = 0;
    let asked = false;
    for (;;) {
      const started = await this.#attempt(target, signal);
      if (started.kind === 'ready') return this.#connection(host, target, started.master);
      if (started.kind === 'failed') throw started.error;
      if (started.kind === 'throttled') {
        drops += 1;
        if (drops >= throttledTries) throw started.error;
        await pause(throttledPauseMs(drops), signal, () => givenUp(target));
      } else {
        if (asked) throw started.error;
        asked = true;
        await this.#askAboutKeys(target, started.error, signal);
      }
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#open) connection.close();
    if (this.#directory === null) return;
    const jumps = readdirSync(this.#directory).filter((name) => name.startsWith('j'));
    await Promise.all(jumps.map((name) => this.#run([...muxArgs(join(this.#place().directory, name)), '-O', 'exit', 'jump'], 2_000)));
    rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = null;
  }

  #connection(host: Host, target: Target, master: OpensshMaster): HostConnection {
    const connection = new OpensshConnection(host, target, master);
    this.#open.add(connection);
    connection.onClosed(() => this.#open.delete(connection));
    return connection;
  }

  #attempt(target: Target, signal: AbortSignal): Promise<Started> {
    const gate =
      target.via === null
        ? { kind: 'address' as const, id: `${target.address} ${target.port}` }
        : { kind: 'jump' as const, id: `${target.via.address} ${target.via.port}` };
    return this.#parts.limits.run(gate, () => this.#start(target, signal));
  }

  /** Starts a master whose first session is the kept shell, and waits until that shell answers. */
  async #start(target: Target, signal: AbortSignal): Promise<Started> {
    if (signal.aborted) return { kind: 'failed', error: givenUp(target) };
    const { ssh, deadlines } = this.#parts;
    const control = join(this.#place().directory, randomBytes(6).toString('hex'));
    const args = [
      ...targetArgs(target, this.#place()),
      '-o',
      'ControlMaster=yes',
      '-o',
      `ControlPath=${control}`,
      '-o',
      'ControlPersist=no',
      '--',
      destination(target),
      posixShell,
    ];
    const env = this.#env();
    const child = startChild({ file: ssh, args, env });
    const missing = Promise.withResolvers<ReachError>();
    child.once('error', () =>
      missing.resolve(
        new ReachError(
          'unreachable',
          `OpenSSH's client (${ssh}) cannot be started, which \`transport: openssh\` needs.`,
          'Install it, or set `transport: ssh2`.',
        ),
      ),
    );
    let said = '';
    const shell = childShell(child, (chunk) => {
      if (said.length < 16_384) said += chunk.toString('utf8');
    });
    const stop = (): void => killGroup(child, 'SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    try {
      await proveShell(shell, target.name, deadlines.connectMs + deadlines.handshakeMs + deadlines.authMs);
      return { kind: 'ready', master: { child, shell, control, env, ssh, stderr: () => said } };
    } catch (error) {
      const loggedIn = existsSync(control);
      killGroup(child, 'SIGKILL');
      rmSync(control, { force: true });
      if (signal.aborted) return { kind: 'failed', error: givenUp(target) };
      if (child.pid === undefined) return { kind: 'failed', error: await missing.promise };
      // 255 is ssh's own failure; with any other end, or a living login, the account is at fault.
      const ownFailure = child.exitCode === 255 || (child.exitCode === null && !loggedIn);
      if (!ownFailure && error instanceof ReachError) return { kind: 'failed', error };
      return opensshFailure(child.exitCode === null ? `${said}\nConnection timed out` : said, target);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Learns the keys of the host and the jump hosts before it, outermost first, and asks about each that nobody knows. */
  async #askAboutKeys(target: Target, unknown: ReachError, signal: AbortSignal): Promise<void> {
    if (target.via !== null) await this.#askAboutKeys(target.via, unknown, signal);
    const key = await this.#presentedKey(target);
    if (key === null) throw unknown;
    const decision = this.#parts.hostKeys.decide(target, key, []);
    if (decision.kind === 'refuse') throw decision.error;
    if (decision.kind !== 'ask') return;
    await this.#parts.hostKeys.ask(target, key, decision.question, signal);
    // The key exchange that showed it has also proved it.
    this.#parts.hostKeys.proved(target, key);
  }

  /** The key a host presents, by a login that offers nothing and records it in a file of ours. */
  async #presentedKey(target: Target): Promise<Buffer | null> {
    const file = join(this.#place().directory, `k${randomBytes(6).toString('hex')}`);
    const { connectMs, handshakeMs } = this.#parts.deadlines;
    const args = targetArgs(target, this.#place(), { user: [file], checking: 'accept-new' });
    const nothing = [
      'GlobalKnownHostsFile=/dev/null',
      'ControlPath=none',
      'PubkeyAuthentication=no',
      'PreferredAuthentications=none',
      'GSSAPIAuthentication=no',
      'HashKnownHosts=no',
    ];
    await this.#run([...args, ...nothing.flatMap((option) => ['-o', option]), '--', destination(target), 'true'], connectMs + handshakeMs);
    if (!existsSync(file)) return null;
    const [line] = parseKnownHosts(readFileSync(file, 'utf8'), file);
    rmSync(file, { force: true });
    return line === undefined ? null : Buffer.from(line.key, 'base64');
  }

  /** Runs ssh to its end, whatever it is. */
  #run(args: readonly string[], deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    execFile(this.#parts.ssh, args, { timeout: deadlineMs, killSignal: 'SIGKILL', env: this.#env() }, () => resolve());
    return promise;
  }

  #place(): OpensshPlace {
    if (this.#directory === null) {
      const base = tmpdir().length + 10 > maxDirectoryLength ? '/tmp' : tmpdir();
      this.#directory = mkdtempSync(join(base, 'qd-'));
    }
    return { ssh: this.#parts.ssh, directory: this.#directory };
  }

  /** English messages, no askpass window, and `sh` for ProxyCommand whatever the user's own shell is. */
  #env(): NodeJS.ProcessEnv {
    return { ...this.#parts.env, LC_ALL: 'C', SHELL: '/bin/sh', SSH_ASKPASS_REQUIRE: 'never' };
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../fleet/host.ts';
import { pause } from './abortable.ts';
import { childShell, killGroup, startChild } from './child-program.ts';
import type { HostConnection } from './connection.ts';
import { type HandshakeLimits, throttledPauseMs, throttledTries } from './handshake-limits.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { iapEnvironment } from './iap.ts';
import { posixShell, proveShell } from './kept-shell.ts';
import { destination, type OpensshPlace, targetArgs } from './openssh-args.ts';
import { OpensshConnection, type OpensshMaster } from './openssh-connection.ts';
import { type OpensshFailure, opensshFailure } from './openssh-errors.ts';
import { OpensshProbe } from './openssh-probe.ts';
import { ReachError } from './reach-error.ts';
import { givenUp } from './login-errors.ts';
import type { LoginDeadlines } from './ssh2-login.ts';
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
        await pause(throttledPauseMs(drops), signal, () => started.error);
      } else {
        // ssh takes a file that it cannot read for an empty one; reading it here says so.
        this.#parts.hostKeys.preferredTypes(target);
        if (asked || target.hostKeys === 'strict') throw started.error;
        asked = true;
        await this.#askAboutKeys(target, started.error, signal);
      }
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#open) connection.close();
    if (this.#directory === null) return;
    const jumps = readdirSync(this.#directory).filter((name) => name.startsWith('j'));
    await this.#probe().endJumps(jumps);
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
    // INFO, or ssh would not say that the server stopped answering; the first value of an option wins.
    const args = [
      '-o',
      'LogLevel=INFO',
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
      said = (said + chunk.toString('utf8')).slice(-16_384);
    });
    const stop = (): void => killGroup(child, 'SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    try {
      await proveShell(shell, target.name, deadlines.connectMs + deadlines.handshakeMs + deadlines.authMs);
      return { kind: 'ready', master: { child, shell, control, env, ssh, stderr: () => said, shellMs: deadlines.shellMs } };
    } catch (error) {
      const loggedIn = existsSync(control);
      killGroup(child, 'SIGKILL');
      rmSync(control, { force: true });
      if (signal.aborted) return { kind: 'failed', error: givenUp(target) };
      if (child.pid === undefined) return { kind: 'failed', error: await missing.promise };
      // 255 is ssh's own failure; with any other end, or a living login, the account is at fault.
      const ownFailure = child.exitCode === 255 || (child.exitCode === null && !loggedIn);
      if (!ownFailure && error instanceof ReachError) return { kind: 'failed', error };
      const jumpFailed = target.via === null ? null : await this.#probe().jumpFailure(target.via, target);
      if (jumpFailed !== null) return jumpFailed;
      return opensshFailure(child.exitCode === null ? `${said}\nConnection timed out` : said, target);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Learns the keys of the host and the jump hosts before it, outermost first, and asks about each that nobody knows. */
  async #askAboutKeys(target: Target, unknown: ReachError, signal: AbortSignal): Promise<void> {
    if (target.via !== null) await this.#askAboutKeys(target.via, unknown, signal);
    const key = await this.#probe().presentedKey(target);
    if (key === null) throw unknown;
    const decision = this.#parts.hostKeys.decide(target, key, []);
    if (decision.kind === 'refuse') throw decision.error;
    if (decision.kind !== 'ask') return;
    await this.#parts.hostKeys.ask(target, key, decision.question, signal);
    // The key exchange that showed it has also proved it.
    this.#parts.hostKeys.proved(target, key);
  }

  #place(): OpensshPlace {
    if (this.#directory === null) {
      const base = tmpdir().length + 10 > maxDirectoryLength ? '/tmp' : tmpdir();
      this.#directory = mkdtempSync(join(base, 'qd-'));
    }
    return { ssh: this.#parts.ssh, directory: this.#directory, keepaliveSeconds: Math.ceil(this.#parts.deadlines.keepaliveMs / 1_000) };
  }

  #probe(): OpensshProbe {
    return new OpensshProbe(this.#place(), this.#env(), this.#parts.deadlines);
  }

  /** English messages, no askpass window, and `sh` for ProxyCommand whatever the user's own shell is. */
  #env(): NodeJS.ProcessEnv {
    return { ...this.#parts.env, ...iapEnvironment, LC_ALL: 'C', SHELL: '/bin/sh', SSH_ASKPASS_REQUIRE: 'never' };
  }
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { behindError } from './jump-links.ts';
import { parseKnownHosts } from './known-hosts.ts';
import { destination, jumpArgs, muxArgs, type OpensshPlace, targetArgs } from './openssh-args.ts';
import { type OpensshFailure, opensshFailure } from './openssh-errors.ts';
import type { LoginDeadlines } from './ssh2-login.ts';
import type { Target } from './target.ts';

/** Offers nothing to the server and remembers nothing but the key. */
const keyOnly = [
  'GlobalKnownHostsFile=/dev/null',
  'ControlPath=none',
  'PubkeyAuthentication=no',
  'PreferredAuthentications=none',
  'GSSAPIAuthentication=no',
  'HashKnownHosts=no',
];

/** Short runs of `ssh` beside the connections: what key a host presents, and which jump host of a chain is at fault. */
export class OpensshProbe {
  readonly #place: OpensshPlace;
  readonly #env: NodeJS.ProcessEnv;
  readonly #deadlineMs: number;

  constructor(place: OpensshPlace, env: NodeJS.ProcessEnv, deadlines: LoginDeadlines) {
    this.#place = place;
    this.#env = env;
    this.#deadlineMs = deadlines.connectMs + deadlines.handshakeMs;
  }

  /** The key a host presents, by a login that offers nothing and records it in a file of ours; `null` when none came. */
  async presentedKey(target: Target): Promise<Buffer | null> {
    const file = join(this.#place.directory, `k${randomBytes(6).toString('hex')}`);
    const args = targetArgs(target, this.#place, { user: [file], checking: 'accept-new' });
    await this.#run([...args, ...keyOnly.flatMap((option) => ['-o', option]), '--', destination(target), 'true']);
    if (!existsSync(file)) return null;
    const [line] = parseKnownHosts(readFileSync(file, 'utf8'), file);
    rmSync(file, { force: true });
    return line === undefined ? null : Buffer.from(line.key, 'base64');
  }

  /**
   * Whether a jump host, or one before it, is why `behind` cannot be reached; `null` when its login works. Needed because ssh's words
   * do not say which hop they are about, and those of outer hops are lost behind a shared master.
   */
  async jumpFailure(jump: Target, behind: Target): Promise<OpensshFailure | null> {
    const outer = jump.via === null ? null : await this.jumpFailure(jump.via, jump);
    const failure = outer ?? (await this.#loginFailure(jump));
    return failure === null ? null : { kind: failure.kind, error: behindError(failure.error, jump, behind) };
  }

  /** Ends the shared masters of jump hosts by the names of their sockets. */
  async endJumps(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#run([...muxArgs(join(this.#place.directory, name)), '-O', 'exit', 'jump'])));
  }

  async #loginFailure(jump: Target): Promise<OpensshFailure | null> {
    const { code, stderr } = await this.#run([...jumpArgs(jump, this.#place), '--', destination(jump), 'true']);
    if (code === 255) return opensshFailure(stderr, jump);
    return code === null ? opensshFailure(`${stderr}\nConnection timed out`, jump) : null;
  }

  #run(args: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
    const { promise, resolve } = Promise.withResolvers<{ code: number | null; stderr: string }>();
    const options = { timeout: this.#deadlineMs, killSignal: 'SIGKILL' as const, env: this.#env };
    const child = execFile(this.#place.ssh, args, options);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      if (stderr.length < 16_384) stderr += String(chunk);
    });
    // Not `close`: a jump master that goes to the background may hold the pipes.
    child.on('exit', (code) => resolve({ code, stderr }));
    child.on('error', (error) => resolve({ code: null, stderr: error.message }));
    return promise;
  }
}

import { randomBytes } from 'node:crypto';
import type { ShellChannel } from './connection.ts';
import { ReachError } from './reach-error.ts';
import { decodeOutput, sanitizeLine } from './sanitize.ts';

/** What every login shell understands and what the collector wants: a POSIX shell that reads our lines. */
export const posixShell = 'exec sh';

/** A started program's ends, whatever transport it runs over. */
export interface ShellEnds {
  write(text: string): void;
  close(): void;
}

/** A running program whose output waits until somebody listens; its end is told once, with words. */
export class KeptShell implements ShellChannel {
  readonly #ends: ShellEnds;
  #early: Buffer[] = [];
  #listener: ((chunk: Buffer) => void) | null = null;
  #onClose: ((why: string) => void) | null = null;
  #why: string | null = null;
  #told = false;

  constructor(ends: ShellEnds) {
    this.#ends = ends;
  }

  /** Output arrived. */
  received(chunk: Buffer): void {
    if (this.#listener === null) this.#early.push(Buffer.from(chunk));
    else this.#listener(chunk);
  }

  /** The program ended. */
  ended(why: string): void {
    this.#why ??= why;
    this.#tell();
  }

  get over(): boolean {
    return this.#why !== null;
  }

  write(text: string): void {
    if (this.#why === null) this.#ends.write(text);
  }

  onData(listener: (chunk: Buffer) => void): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) listener(chunk);
  }

  /** Output is kept again until the next `onData`. */
  stopListening(): void {
    this.#listener = null;
  }

  onClose(listener: (why: string) => void): void {
    this.#onClose = listener;
    this.#told = false;
    this.#tell();
  }

  close(): void {
    this.#ends.close();
  }

  #tell(): void {
    if (this.#why === null || this.#onClose === null || this.#told) return;
    this.#told = true;
    this.#onClose(this.#why);
  }
}

/** Login noise before the shell answers; more than this is no noise but another program. */
const maxNoiseBytes = 65_536;

/**
 * Proves that a POSIX shell reads what we write, by having it compute a line; what came before that line (login noise) is dropped.
 * An account with nologin, a ForceCommand or a program that merely echoes does not pass.
 * @throws ReachError `no-shell`, with what the host said instead.
 */
export function proveShell(shell: KeptShell, name: string, deadlineMs: number): Promise<KeptShell> {
  const nonce = randomBytes(8).toString('hex');
  const expected = Buffer.from(`qd42${nonce}\n`);
  const { promise, resolve, reject } = Promise.withResolvers<KeptShell>();
  let seen = Buffer.alloc(0);
  const fail = (how: string): void => {
    clearTimeout(timer);
    // Whatever else comes is of no use, and must not be kept.
    shell.onData(() => {});
    const said = sanitizeLine(decodeOutput(seen.subarray(0, 1_000)), 200);
    const words = said === '' ? '' : ` It said “${said}”.`;
    reject(
      new ReachError(
        'no-shell',
        `${name} let us in but gives no shell: ${how}.${words}`,
        'See the login shell of the account, ForceCommand in sshd_config and /etc/nologin there.',
      ),
    );
    shell.close();
  };
  const timer = setTimeout(() => fail(`nothing answered within ${deadlineMs / 1000} s`), deadlineMs);
  shell.onData((chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const at = seen.indexOf(expected);
    if (at === -1) {
      if (seen.length > maxNoiseBytes) fail('another program answered');
      return;
    }
    clearTimeout(timer);
    shell.stopListening();
    const rest = seen.subarray(at + expected.length);
    if (rest.length > 0) shell.received(rest);
    resolve(shell);
  });
  shell.onClose((why) => fail(why));
  shell.write(`echo qd$((40+2))${nonce}\n`);
  return promise;
}

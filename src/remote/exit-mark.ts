import { randomBytes } from 'node:crypto';
import { shq } from './quote.ts';

/**
 * A command's true exit status, told on its standard error behind a nonce. OpenSSH's client alone cannot tell: 255 is also its own
 * failure and a signal, and it says nothing while a child of the ended command holds the pipes.
 */
export class ExitMark {
  readonly #nonce = `qd${randomBytes(12).toString('hex')}`;
  readonly #pattern = new RegExp(`\\n${this.#nonce} (\\d+)\\n`);
  #recent = '';

  /** POSIX shell text that runs `command` and then prints the mark. */
  wrap(command: string): string {
    return `sh -c ${shq(command)}; code=$?; printf '\\n${this.#nonce} %d\\n' "$code" >&2; exit "$code"`;
  }

  /** The status as soon as the mark has passed in the chunks of standard error, else `null`. */
  seen(chunk: Buffer): number | null {
    this.#recent = this.#recent.slice(-128) + chunk.toString('latin1');
    const found = this.#pattern.exec(this.#recent);
    return found === null ? null : Number(found[1]);
  }

  /** Standard error without the mark. */
  strip(stderr: string): string {
    return stderr.replace(this.#pattern, '');
  }
}

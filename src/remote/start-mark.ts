import { randomBytes } from 'node:crypto';
import { loginCommand } from './quote.ts';

/** More than this before the mark is no login noise, bytes. */
const maxNoiseBytes = 65_536;

/**
 * Where a command's own output begins. bash reads ~/.bashrc for every command that sshd runs (bash(1), "remote shell daemon"), csh and zsh
 * files of theirs: what these print stands before it, and must not be taken for the command's answer.
 */
export class StartMark {
  readonly #nonce = `qd${randomBytes(12).toString('hex')}`;

  /** What the login shell is given: see `loginCommand`; both outputs tell the mark first. */
  wrap(command: string): string {
    return loginCommand(command, `echo ${this.#nonce}; echo ${this.#nonce} >&2; `);
  }

  /** One of the two outputs, for as long as the command runs. */
  output(): MarkedOutput {
    return new MarkedOutput(Buffer.from(`${this.#nonce}\n`));
  }
}

/** Keeps back what comes before the mark. */
export class MarkedOutput {
  readonly #mark: Buffer;
  /** `null` once the mark has passed, or is not waited for any more. */
  #before: Buffer | null = Buffer.alloc(0);

  constructor(mark: Buffer) {
    this.#mark = mark;
  }

  /** What of a chunk, and of those before it, belongs to the command; empty while that is not known. */
  pass(chunk: Buffer): Buffer {
    if (this.#before === null) return chunk;
    this.#before = Buffer.concat([this.#before, chunk]);
    const at = this.#before.indexOf(this.#mark);
    if (at === -1) return this.#before.length > maxNoiseBytes ? this.rest() : Buffer.alloc(0);
    const after = this.#before.subarray(at + this.#mark.length);
    this.#before = null;
    return after;
  }

  /** What was kept back when no mark will come: another program than ours spoke, and its words are all there is. */
  rest(): Buffer {
    const kept = this.#before ?? Buffer.alloc(0);
    this.#before = null;
    return kept;
  }
}

import { startChild } from './child-program.ts';
import { ChildStream } from './child-stream.ts';

/** The end of what the program said; its reason to give up stands last. */
const keptWords = 4_096;

/**
 * A program's standard input and output in the place of a socket (OpenSSH's ProxyCommand, without a shell). Its end closes the
 * stream, and closing the stream ends it.
 */
export class ProxySocket extends ChildStream {
  bytesRead = 0;
  bytesWritten = 0;
  #said = '';
  #missing = false;
  readonly #exited: Promise<void>;

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv) {
    const [file = '', ...args] = argv;
    const child = startChild({ file, args, env });
    super(child);
    child.stdout.on('data', (chunk: Buffer) => {
      this.bytesRead += chunk.length;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-keptWords);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    child.on('close', () => resolve());
    child.on('error', () => {
      this.#missing = true;
      resolve();
      this.destroy();
    });
    this.on('end', () => this.destroy());
  }

  /** The program could not be started. */
  get missing(): boolean {
    return this.#missing;
  }

  /** What it said on its standard error once it has ended; what it said so far when it goes on for longer than `waitMs`. */
  async words(waitMs: number): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    await Promise.race([this.#exited, promise]);
    clearTimeout(timer);
    return this.#said;
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.bytesWritten += chunk.length;
    super._write(chunk, encoding, callback);
  }
}

import { CappedOutput } from './capped-output.ts';
import type { ExecOptions, ExecResult } from './connection.ts';
import type { MarkedOutput, StartMark } from './start-mark.ts';

const defaultMaxBytes = 1_048_576;

/**
 * After the command's own end, its children may hold the pipes open (a service started by a SysV script does). Silence this long, ms,
 * and we stop reading.
 */
const silenceAfterExitMs = 1_000;

/** Collects what one running command says until it ends, its deadline passes or its connection is lost. The transports feed it. */
export class ExecCapture {
  readonly result: Promise<ExecResult>;
  readonly #resolve: (result: ExecResult) => void;
  readonly #stdout: CappedOutput;
  readonly #stderr: CappedOutput;
  readonly #outMark: MarkedOutput | null;
  readonly #errMark: MarkedOutput | null;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;
  #exit: { readonly code: number | null; readonly signal: string | null } | null = null;
  #over = false;

  /** @param remainingMs until the deadline; `startedAt` is when the caller asked, by performance.now(). `mark`: what came before it is dropped. */
  constructor(options: ExecOptions, startedAt: number, remainingMs: number, mark: StartMark | null = null) {
    const maxBytes = options.maxBytes ?? defaultMaxBytes;
    this.#stdout = new CappedOutput(maxBytes);
    this.#stderr = new CappedOutput(maxBytes);
    this.#outMark = mark?.output() ?? null;
    this.#errMark = mark?.output() ?? null;
    this.#startedAt = startedAt;
    const { promise, resolve } = Promise.withResolvers<ExecResult>();
    this.result = promise;
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.#finish(this.#exit === null ? 'deadline' : this.#endOfExit()), Math.max(1, remainingMs));
  }

  readonly stdout = (chunk: Buffer): void => {
    if (this.#over) return;
    this.#stdout.push(this.#outMark?.pass(chunk) ?? chunk);
    this.#heard();
  };

  readonly stderr = (chunk: Buffer): void => {
    if (this.#over) return;
    this.#stderr.push(this.#errMark?.pass(chunk) ?? chunk);
    this.#heard();
  };

  /** The command itself ended; its output may still be on the way. */
  exited(code: number | null, signal: string | null): void {
    this.#exit ??= { code, signal };
    this.#heard();
  }

  /** Nothing more will come. */
  closed(): void {
    this.#finish(this.#exit === null ? 'lost' : this.#endOfExit());
  }

  #endOfExit(): ExecResult['end'] {
    return this.#exit?.code === null ? 'signal' : 'exit';
  }

  #heard(): void {
    if (this.#exit === null) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#finish(this.#endOfExit()), silenceAfterExitMs);
  }

  #finish(end: ExecResult['end']): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    if (this.#outMark !== null) this.#stdout.push(this.#outMark.rest());
    if (this.#errMark !== null) this.#stderr.push(this.#errMark.rest());
    this.#resolve({
      exit: this.#exit?.code ?? null,
      signal: this.#exit?.signal ?? null,
      stdout: this.#stdout.text(),
      stderr: this.#stderr.text(),
      droppedBytes: this.#stdout.droppedBytes + this.#stderr.droppedBytes,
      durationMs: performance.now() - this.#startedAt,
      end,
    });
  }
}

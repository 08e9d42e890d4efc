import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { type ChildSpec, killGroup, onEnded, startChild } from '../remote/child-program.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { answerLineSchema } from './answer-schema.ts';
import type { CloudError, CloudHost } from './calls.ts';
import { LineReader } from './line-reader.ts';

const limits = { maxLine: 4 * 1024 * 1024, maxBytes: 64 * 1024 * 1024 };
/** An ended child that does not go by itself is killed after this, ms. */
const graceMs = 1000;
const maxStderr = 2000;

/** What a child answered, `value` not yet checked. */
export type ChildAnswer =
  | { readonly ok: true; readonly hosts: readonly CloudHost[]; readonly value: unknown }
  | { readonly ok: false; readonly kind: CloudError['kind']; readonly message: string; readonly uncertain: boolean | null };

interface Waiting {
  readonly hosts: CloudHost[];
  readonly settle: (answer: ChildAnswer) => void;
}

/** One child process that holds an SDK. Whatever it does (hang, crash, print garbage) costs only the requests that it has. */
export class CloudChild {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines = new LineReader(limits);
  readonly #waiting = new Map<number, Waiting>();
  /** Requests that were given up; their answers are no surprise. */
  readonly #forgotten = new Set<number>();
  #stderr = '';
  #usable = true;

  constructor(spec: ChildSpec) {
    this.#child = startChild(spec);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < maxStderr) this.#stderr += chunk.toString('utf8', 0, maxStderr);
    });
    const gone = Promise.withResolvers<void>();
    this.ended = gone.promise;
    this.#child.on('error', (error) => {
      this.#fail(`could not be started: ${error.message}`);
      gone.resolve();
    });
    onEnded(this.#child, () => {
      this.#fail(`ended before it answered${this.#howItEnded()}`);
      gone.resolve();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it takes another request. */
  get usable(): boolean {
    return this.#usable;
  }

  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Sends one request line and resolves with its answer, `late` at the latest. Never rejects. */
  ask(id: number, line: string, deadlineMs: number, late: ChildAnswer): Promise<ChildAnswer> {
    const { promise, resolve } = Promise.withResolvers<ChildAnswer>();
    if (!this.#usable) return Promise.resolve(broken('is gone'));
    const timer = setTimeout(() => {
      // It had its own, earlier deadline: whoever misses that hangs.
      resolve(late);
      this.kill('was killed because another request to it hung');
    }, deadlineMs);
    this.#waiting.set(id, {
      hosts: [],
      settle: (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      },
    });
    if (this.#waiting.size === 1) this.#lines.reset();
    this.#child.stdin.write(`${line}\n`);
    return promise;
  }

  /** Gives a request up: the process goes on for the others, and is killed when there are none. */
  forget(id: number, answer: ChildAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#forgotten.add(id);
    waiting.settle(answer);
    if (this.#waiting.size === 0) this.kill('was given up');
  }

  /** Lets it end by itself, and sees to it. */
  end(): void {
    this.#usable = false;
    this.#child.stdin.end();
    const timer = setTimeout(() => killGroup(this.#child, 'SIGKILL'), graceMs);
    void this.ended.then(() => clearTimeout(timer));
  }

  /** Kills it; what was asked of it fails. */
  kill(why: string): void {
    killGroup(this.#child, 'SIGKILL');
    this.#fail(why);
  }

  #read(chunk: Buffer): void {
    if (this.#waiting.size === 0 && !this.#usable) return;
    try {
      for (const line of this.#lines.push(chunk)) this.#take(line);
    } catch (error) {
      const why = error instanceof RangeError ? `wrote ${error.message}` : 'wrote what is no answer';
      this.kill(`${why}${this.#firstStderrLine()}`);
    }
  }

  #take(line: string): void {
    const answer = answerLineSchema.parse(JSON.parse(line));
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) {
      if (this.#forgotten.has(answer.id)) return;
      throw new Error('an answer to nothing');
    }
    if ('host' in answer) waiting.hosts.push(answer.host);
    else if ('error' in answer) waiting.settle({ ok: false, ...answer.error });
    else waiting.settle({ ok: true, hosts: waiting.hosts, value: answer.value });
  }

  #fail(why: string): void {
    this.#usable = false;
    for (const waiting of this.#waiting.values()) waiting.settle(broken(why));
  }

  #howItEnded(): string {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? ` with code ${exitCode ?? 'unknown'}` : ` by ${signalCode}`;
    return `${how}${this.#firstStderrLine()}`;
  }

  #firstStderrLine(): string {
    const first = this.#stderr.split('\n').find((line) => line.trim() !== '');
    return first === undefined ? '' : `: ${sanitizeLine(first, 200)}`;
  }
}

/** `why` ends a sentence about the process. Whether a change happened cannot be known. */
function broken(why: string): ChildAnswer {
  return { ok: false, kind: 'broken', message: why, uncertain: null };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ActionOutcome, ConfirmExtras } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { bundleOptions } from '../../scripts/bundle-options.mjs';
import type { ConsoleOptions } from './console.ts';

/** The console child as one bundle, which starts three times as fast as its sources. */
export interface ChildProgram {
  readonly file: string;
  remove(): void;
}

export async function buildChild(): Promise<ChildProgram> {
  // Within the project: the program looks for its own folder around itself.
  const directory = mkdtempSync(join(import.meta.dirname, '../../dist.child-'));
  const entry = join(import.meta.dirname, 'console-child.ts');
  await build({ ...bundleOptions, alias: {}, splitting: false, sourcemap: false, entryPoints: { child: entry }, outdir: directory });
  return { file: join(directory, 'child.js'), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** An entry whose append had returned in the child. */
export interface Acknowledged {
  readonly kind: string;
  readonly actionId: string;
  readonly seq: number;
  readonly hash: string;
}

/** A running console child. */
export class ConsoleChild {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly gone: Promise<void>;
  errors = '';
  readonly #waiting = new Set<() => void>();
  #over = false;

  /** `under`: words before the program's own, e.g. of strace. */
  constructor(program: ChildProgram, options: ConsoleOptions, under: readonly string[] = [], env: NodeJS.ProcessEnv = process.env) {
    const [file, ...words] = [...under, process.execPath, program.file];
    this.process = spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'], env });
    let rest = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = `${rest}${text}`.split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.#wake();
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    // A child that was killed no longer reads.
    this.process.stdin?.on('error', () => {});
    this.gone = new Promise((resolve) => {
      this.process.once('close', () => {
        this.#over = true;
        this.#wake();
        resolve();
      });
    });
    this.#tell(options);
  }

  /** Begins a change; its lines follow. */
  begin(request: ActionRequest, extras: ConfirmExtras = {}): void {
    this.#tell({ request, ...extras });
  }

  /** Begins a change on many hosts. */
  bulk(requests: readonly ActionRequest[], extras: ConfirmExtras = {}): void {
    this.#tell({ bulk: requests, ...extras });
  }

  /** The next line from `from` on that begins with `word`; `null` when the child ended first. After 45 s without it: an error with what it said instead. */
  async line(word: string, from = 0): Promise<string | null> {
    const deadline = AbortSignal.timeout(45_000);
    deadline.addEventListener('abort', () => this.#wake());
    for (;;) {
      const found = this.lines.slice(from).find((line) => line === word || line.startsWith(`${word} `));
      if (found !== undefined) return found;
      if (this.#over) return null;
      if (deadline.aborted) throw new Error(`The child did not say "${word}":\n${this.lines.slice(from).join('\n')}\n${this.errors}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** A change to its end. */
  async change(request: ActionRequest, extras: ConfirmExtras = {}): Promise<ActionOutcome | null> {
    const from = this.lines.length;
    this.begin(request, extras);
    const line = await this.line('outcome', from);
    if (line === null) return null;
    const outcome: ActionOutcome = JSON.parse(line.slice('outcome '.length));
    return outcome;
  }

  acknowledged(): Acknowledged[] {
    return this.lines
      .filter((line) => line.startsWith('ack '))
      .map((line) => {
        const [, kind = '', actionId = '', seq = '', hash = ''] = line.split(' ');
        return { kind, actionId, seq: Number(seq), hash };
      });
  }

  /** The phases told so far. */
  phases(): string[] {
    return this.lines.filter((line) => line.startsWith('progress ')).map((line) => line.split(' ')[1] ?? '');
  }

  kill(): Promise<void> {
    this.process.kill('SIGKILL');
    return this.gone;
  }

  /** Lets it end by itself. */
  end(): Promise<void> {
    this.process.stdin?.end();
    return this.gone;
  }

  #tell(value: unknown): void {
    this.process.stdin?.write(`${JSON.stringify(value)}\n`);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

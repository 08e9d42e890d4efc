import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { freshBundle } from './bundle.ts';

export interface PtyOptions {
  readonly columns?: number;
  readonly lines?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: one of its own, gone with the console. */
  readonly home?: string;
  /** Words before the program's own, e.g. of `inOwnMountsAndName`. */
  readonly under?: readonly string[];
}

interface Ended {
  readonly exitCode: number;
  readonly signal: number;
}

interface CalledOnce {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real program on a real pseudo terminal, with an emulator that shows what a person would see. */
export class PtyConsole {
  readonly home: string;
  readonly ended: Promise<Ended>;
  readonly #pty: ReturnType<typeof spawn>;
  readonly #terminal: Terminal;
  readonly #env: Readonly<Record<string, string>>;
  readonly #ownHome: boolean;
  #written = '';

  constructor(args: readonly string[], options: PtyOptions = {}) {
    const { columns = 80, lines = 24 } = options;
    this.#ownHome = options.home === undefined;
    this.home = options.home ?? mkdtempSync(join(tmpdir(), 'qd-terminal-'));
    this.#env = cleanEnvironment(this.home, options.env ?? {});
    this.#terminal = new Terminal({ cols: columns, rows: lines, allowProposedApi: true });
    const name = this.#env['TERM'] ?? 'xterm-256color';
    const [file = process.execPath, ...words] = [...(options.under ?? []), process.execPath, freshBundle(), ...args];
    this.#pty = spawn(file, words, { cols: columns, rows: lines, env: this.#env, name });
    this.#pty.onData((data) => {
      this.#written += data;
      this.#terminal.write(data);
    });
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.ended = promise;
    this.#pty.onExit(({ exitCode, signal = 0 }) => resolve({ exitCode, signal }));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Every byte the program has written to the terminal, decoded as UTF-8. */
  get written(): string {
    return this.#written;
  }

  get terminal(): Terminal {
    return this.#terminal;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(columns: number, lines: number): void {
    this.#terminal.resize(columns, lines);
    this.#pty.resize(columns, lines);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#pty.pid, name);
  }

  /** Hangs up: the terminal's window was closed. */
  close(): void {
    this.#pty.kill('SIGHUP');
  }

  /** What a person sees now, a line a row. */
  async screen(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#terminal.write('', resolve);
    await promise;
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: this.#terminal.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
    return rows.join('\n');
  }

  /** Waits until the screen fulfils `wanted`; rejects with the screen when it does not in time. */
  async until(wanted: string | RegExp | ((screen: string) => boolean), deadlineMs = 15_000): Promise<string> {
    const fulfils =
      typeof wanted === 'function'
        ? wanted
        : typeof wanted === 'string'
          ? (screen: string) => screen.includes(wanted)
          : (screen: string) => wanted.test(screen);
    const end = performance.now() + deadlineMs;
    for (;;) {
      const screen = await this.screen();
      if (this.#frameIsWhole() && fulfils(screen)) return screen;
      if (performance.now() > end) throw new Error(`The screen never showed ${String(wanted)}:\n${screen}`);
      await sleep(25);
    }
  }

  /** A frame stands between the marks of synchronized output; what is seen before the closing one is half of it. */
  #frameIsWhole(): boolean {
    return this.#written.lastIndexOf('\u001b[?2026l') >= this.#written.lastIndexOf('\u001b[?2026h');
  }

  /** Types and waits. Dialogs drop what is typed in their first 300 ms, so this waits that long when one is open. */
  async press(text: string, wanted: string | RegExp | ((screen: string) => boolean)): Promise<string> {
    if ((await this.screen()).includes('<esc>')) await sleep(350);
    this.type(text);
    return this.until(wanted);
  }

  /** The same program without a screen, on the same home: `journal tail --json` and the like. */
  call(...args: readonly string[]): Promise<CalledOnce> {
    const { promise, resolve } = Promise.withResolvers<CalledOnce>();
    execFile(process.execPath, [freshBundle(), ...args], { env: this.#env, timeout: 30_000 }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve({ status: error === null ? 0 : typeof code === 'number' ? code : -1, stdout, stderr });
    });
    return promise;
  }

  /** Kinds and actions in the journal, oldest first; empty when nothing was ever recorded. */
  async journal(): Promise<readonly JournalLine[]> {
    const { stdout } = await this.call('journal', 'tail', '-n', '1000', '--json');
    return stdout
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => {
        const { kind, outcome, targets, command }: Record<string, unknown> = JSON.parse(text);
        return { kind: String(kind), outcome: String(outcome), targets: JSON.stringify(targets), command: String(command) };
      });
  }

  /** Ends it whatever it does, and removes what it left. */
  async stop(): Promise<void> {
    try {
      process.kill(this.#pty.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
    await this.ended;
    if (this.#ownHome) rmSync(this.home, { recursive: true, force: true });
  }
}

export interface JournalLine {
  readonly kind: string;
  readonly outcome: string;
  readonly targets: string;
  readonly command: string;
}

/** Nothing of the person who runs the tests: their home, agent, fleet and wishes about colour stay out. */
function cleanEnvironment(home: string, more: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'C.UTF-8',
    ...more,
  };
}

/** Whether a process with this id still runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

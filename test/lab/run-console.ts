import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { Console } from './console.ts';
import { example } from './playbook-fleet.ts';
import { pollUntil } from './poll-until.ts';

const entrySchema = z.object({
  kind: z.string(),
  actionId: z.string().nullable(),
  who: z.string(),
  outcome: z.string().nullable(),
  targets: z.array(z.string()),
  detail: z.looseObject({ event: z.looseObject({ event: z.string(), key: z.string().optional() }).optional() }),
});
export type JournalEntry = z.output<typeof entrySchema>;

/** Words of a run of the example on a node; without a terminal it is confirmed beforehand. */
export function exampleOn(node: string, reason: string, ...more: readonly string[]): string[] {
  return ['playbook', 'run', example, '--input', `node=${node}`, '--input', `reason=${reason}`, '--confirm', example, ...more];
}

/** A console whose playbooks are walked: what it says is heard while it runs, its journal is read past it, and it can be killed anywhere. */
export class RunConsole extends Console {
  /** Starts a command of the real program without a terminal. */
  start(...args: readonly string[]): RunningCommand {
    const [file, ...rest] = this.commandLine;
    return new RunningCommand(spawn(file, [...rest, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  run(...args: readonly string[]): Promise<Said> {
    return this.start(...args).ended;
  }

  /** The journal as it is on disk now. */
  entries(): readonly JournalEntry[] {
    const file = join(this.stateDir, 'journal.sqlite');
    if (!existsSync(file)) return [];
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const rows = database.prepare('SELECT body FROM entry ORDER BY seq').all();
      return rows.map((row) => entrySchema.parse(JSON.parse(String(row['body']))));
    } catch {
      // It is just being made.
      return [];
    } finally {
      database.close();
    }
  }

  /** Names of the run's own events so far, steps' ones with their step: `intent depool`. */
  events(): readonly string[] {
    return this.entries().flatMap(({ kind, detail: { event } }) =>
      kind !== 'run' || event === undefined ? [] : [event.key === undefined ? event.event : `${event.event} ${event.key}`],
    );
  }

  /** Waits until the journal holds an event of the run; throws with what it holds when it does not come. */
  async untilEvent(wanted: string, deadlineMs = 60_000): Promise<void> {
    if (!(await pollUntil(() => this.events().includes(wanted), deadlineMs)))
      throw new Error(`no event ${wanted}: ${this.events().join(', ')}`);
  }
}

interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export class RunningCommand {
  readonly ended: Promise<Said>;
  readonly #child: ChildProcess;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    const deadline = setTimeout(() => child.kill('SIGKILL'), 400_000);
    const { promise, resolve, reject } = Promise.withResolvers<Said>();
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, stdout, stderr: this.#said });
    });
    this.ended = promise;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** kill -9, and waits until nothing of it is left. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Waits until it has said something on standard error; throws with what it said when it does not. */
  async untilSaid(words: string, deadlineMs = 60_000): Promise<void> {
    if (!(await pollUntil(() => this.#said.includes(words), deadlineMs))) throw new Error(`it never said ${words}:\n${this.#said}`);
  }
}

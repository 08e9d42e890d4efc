import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HostJson, parsed, type WatchLine, watchLineSchema } from './contract.ts';
import { type Ended, ended, type ProgramOptions, startProgram } from './program.ts';

/** A running `watch --json`, its lines checked against the contract as they come. */
export class Watching {
  readonly lines: WatchLine[] = [];
  readonly child: ChildProcess;
  readonly end: Promise<Ended>;
  #rest = '';
  #fault: string | null = null;

  constructor(fleet: string, options: ProgramOptions) {
    this.child = startProgram(['--fleet', fleet, 'watch', '--json'], options);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.end = ended(this.child);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The program did not start.');
    return this.child.pid;
  }

  /** How many lines came so far: a place in time for `from`. */
  get now(): number {
    return this.lines.length;
  }

  samples(name: string, from = 0): HostJson[] {
    return this.lines.slice(from).flatMap((line) => (line.type === 'sample' && line.host.name === name ? [line.host] : []));
  }

  /** Reaches that were told of a host, in order. */
  reaches(name: string, from = 0): string[] {
    return this.lines.slice(from).flatMap((line) => (line.type === 'reach' && line.name === name ? [line.reach] : []));
  }

  /** The newest words about why a host is not reached. */
  why(name: string): string | null {
    return this.lines.flatMap((line) => (line.type === 'reach' && line.name === name ? [line.why] : [])).at(-1) ?? null;
  }

  /** Waits until `found` gives something. Rejects with what was awaited when it does not within `ms`. */
  async until<Found>(what: string, found: () => Found | null | undefined | false, ms = 30_000): Promise<Found> {
    const deadline = Date.now() + ms;
    for (;;) {
      if (this.#fault !== null) throw new Error(`A line outside the contract: ${this.#fault}`);
      const value = found();
      if (value !== null && value !== undefined && value !== false) return value;
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`Awaited in vain: ${what}. ${this.#newest()}`);
      await sleep(50);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
    this.child.kill(signal);
    return this.end;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      try {
        this.lines.push(parsed(watchLineSchema, line));
      } catch (error) {
        this.#fault ??= `${line.slice(0, 300)} ${String(error)}`;
      }
    }
  }

  #newest(): string {
    const reaches = this.lines.filter((line) => line.type === 'reach').slice(-12);
    return `Newest reaches: ${JSON.stringify(reaches)}`;
  }
}

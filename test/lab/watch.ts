import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { HostStatus, Status } from './console.ts';
import { pollUntil } from './poll-until.ts';
import type { RunConsole } from './run-console.ts';

type Alert = Status['alerts'][number];
type Line =
  | { readonly type: 'sample'; readonly at: string; readonly host: HostStatus }
  | { readonly type: 'alert'; readonly at: string; readonly change: string; readonly alert: Alert }
  | { readonly type: 'reach'; readonly at: string };

interface Seen {
  readonly atMs: number;
  readonly host: HostStatus;
}

/** `watch --json` as a program would read it. */
export class Watch {
  readonly #child: ChildProcess;
  readonly #samples: Seen[] = [];
  readonly #alerts = new Map<string, Alert>();

  constructor(qd: RunConsole) {
    const [file, ...words] = qd.commandLine;
    this.#child = spawn(file, [...words, 'watch', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const { stdout } = this.#child;
    if (stdout !== null) createInterface({ input: stdout }).on('line', (text) => this.#take(JSON.parse(text)));
  }

  #take(line: Line): void {
    if (line.type === 'sample') this.#samples.push({ atMs: Date.parse(line.at), host: line.host });
    if (line.type !== 'alert') return;
    if (line.change === 'cleared') this.#alerts.delete(line.alert.id);
    else this.#alerts.set(line.alert.id, line.alert);
  }

  #of(name: string): Seen[] {
    return this.#samples.filter(({ host }) => host.name === name);
  }

  /** Waits until each host was sampled so often from now on. */
  async untilHosts(names: readonly string[], times: number, deadlineMs = 90_000): Promise<void> {
    const before = new Map(names.map((name) => [name, this.#of(name).length]));
    const there = (): boolean => names.every((name) => this.#of(name).length >= (before.get(name) ?? 0) + times);
    if (!(await pollUntil(there, deadlineMs))) throw new Error(`not every one of ${names.join(', ')} was sampled ${times} times`);
  }

  /** The first sample from now on of which it holds. */
  async untilSample(name: string, holds: (host: HostStatus) => boolean, deadlineMs = 60_000): Promise<HostStatus> {
    const from = this.#of(name).length;
    let found: HostStatus | undefined;
    const there = (): boolean =>
      (found = this.#of(name)
        .slice(from)
        .find(({ host }) => holds(host))?.host) !== undefined;
    await pollUntil(there, deadlineMs);
    if (found !== undefined) return found;
    throw new Error(`no such sample of ${name}; the last: ${JSON.stringify(this.#of(name).at(-1)?.host ?? null)}`);
  }

  /** Waits until an alert stands of which it holds. */
  async untilAlert(id: string, holds: (alert: Alert) => boolean = () => true, deadlineMs = 60_000): Promise<Alert> {
    const there = (): boolean => {
      const alert = this.#alerts.get(id);
      return alert !== undefined && holds(alert);
    };
    await pollUntil(there, deadlineMs);
    const alert = this.#alerts.get(id);
    if (alert !== undefined && holds(alert)) return alert;
    throw new Error(`no such alert ${id}: ${JSON.stringify([...this.#alerts.values()])}`);
  }

  async untilCleared(id: string, deadlineMs = 60_000): Promise<void> {
    if (!(await pollUntil(() => !this.#alerts.has(id), deadlineMs))) throw new Error(`${id} stays`);
  }

  /** A rate of a host times the time it held, summed: how much there was in all. */
  total(name: string, rate: (host: HostStatus) => number | null | undefined): number {
    const seen = this.#of(name);
    return seen.reduce((sum, { atMs, host }, index) => {
      const before = seen[index - 1];
      return before === undefined ? sum : sum + ((rate(host) ?? 0) * (atMs - before.atMs)) / 1000;
    }, 0);
  }

  /** The longest time without a sample of a host since its first. */
  longestGapMs(name: string): number {
    const times = [...this.#of(name).map(({ atMs }) => atMs), Date.now()];
    return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)));
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once('close', () => resolve());
    this.#child.kill('SIGKILL');
    await promise;
  }
}

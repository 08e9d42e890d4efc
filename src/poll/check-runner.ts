import type { CheckSpec } from '../fleet/definition.ts';
import type { CheckSample } from '../fleet/sample.ts';
import type { HostConnection } from '../remote/connection.ts';
import { type CheckMemory, newCheckMemory } from '../probe/checks/check-memory.ts';
import { runCheck } from '../probe/checks/run.ts';
import type { Clock } from './clock.ts';

/** Runs the checks of one host (or of this console), each on its own period, never two of one at once. */
export class CheckRunner {
  readonly #checks: readonly CheckSpec[];
  readonly #clock: Clock;
  readonly #onSample: (sample: CheckSample) => void;
  readonly #startedAt = new Map<string, number>();
  readonly #memories = new Map<string, CheckMemory>();
  readonly #underWay = new Map<string, Promise<CheckSample>>();
  readonly #stop = new AbortController();

  constructor(checks: readonly CheckSpec[], clock: Clock, onSample: (sample: CheckSample) => void) {
    this.#checks = checks;
    this.#clock = clock;
    this.#onSample = onSample;
  }

  /** Starts every check whose time has come; does not wait for them. */
  startDue(connection: HostConnection | null): void {
    const now = this.#clock.monoMs();
    for (const check of this.#checks) {
      const started = this.#startedAt.get(check.name);
      // A tenth of slack, so that a check as frequent as the poll is not asked every second round.
      if (started === undefined || now - started >= check.everyMs * 0.9) void this.run(check, connection);
    }
  }

  /** Runs all (or those that `which` names) now and waits: for one-shot commands. */
  async runAll(connection: HostConnection | null, which: (check: CheckSpec) => boolean = () => true): Promise<void> {
    await Promise.all(this.#checks.filter(which).map((check) => this.run(check, connection)));
  }

  /** Runs one by name now; `null` when no such check belongs here. */
  async runNamed(name: string, connection: HostConnection | null): Promise<CheckSample | null> {
    const check = this.#checks.find((candidate) => candidate.name === name);
    if (check === undefined) return null;
    // One that was already under way may have been asked before the change it should prove.
    await this.#underWay.get(name);
    return this.run(check, connection);
  }

  stop(): void {
    this.#stop.abort();
  }

  private run(check: CheckSpec, connection: HostConnection | null): Promise<CheckSample> {
    const running = this.#underWay.get(check.name);
    if (running !== undefined) return running;
    this.#startedAt.set(check.name, this.#clock.monoMs());
    const run = runCheck(check, connection, this.#clock.wallMs, this.#stop.signal, this.#memoryOf(check)).then((sample) => {
      this.#underWay.delete(check.name);
      if (!this.#stop.signal.aborted) this.#onSample(sample);
      return sample;
    });
    this.#underWay.set(check.name, run);
    return run;
  }

  #memoryOf(check: CheckSpec): CheckMemory {
    const known = this.#memories.get(check.name);
    if (known !== undefined) return known;
    const memory = newCheckMemory();
    this.#memories.set(check.name, memory);
    return memory;
  }
}

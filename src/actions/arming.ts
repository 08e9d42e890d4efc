import { environmentOf, type Fleet } from '../fleet/definition.ts';
import type { ArmState, Refusal } from './plan.ts';

/** How long one arming lasts, and how long it lasts without a key, ms. */
export const armedForMs = 5 * 60_000;
export const idleMs = 2 * 60_000;
const idleWarningMs = 60_000;

/** Which environments a change may touch now. Danger environments start locked; `--read-only` locks all for good. */
export class Arming {
  readonly #fleet: Fleet;
  readonly #readOnly: boolean;
  readonly #now: () => number;
  readonly #until = new Map<string, number>();
  #touchedAt: number;
  /** How often each environment was locked by hand. */
  readonly #locked = new Map<string, number>();

  /** `now` is epoch ms. */
  constructor(fleet: Fleet, readOnly: boolean, now: () => number) {
    this.#fleet = fleet;
    this.#readOnly = readOnly;
    this.#now = now;
    this.#touchedAt = now();
  }

  /** The person did something: an armed environment is not idle. */
  touch(): void {
    // An environment that went idle stays locked: a key pressed later must not open it again.
    for (const env of this.#until.keys()) this.state(env);
    this.#touchedAt = this.#now();
  }

  state(env: string): ArmState {
    if (this.#readOnly) return { state: 'read-only' };
    if (!environmentOf(this.#fleet, env).danger) return { state: 'open' };
    const now = this.#now();
    const until = this.#until.get(env) ?? 0;
    if (until === Number.POSITIVE_INFINITY) return { state: 'open' };
    const idleUntil = this.#touchedAt + idleMs;
    if (Math.min(until, idleUntil) > now) {
      // The countdown is that of the five minutes, until idleness is about to end it sooner.
      return { state: 'armed', until: idleUntil - now < idleWarningMs ? Math.min(until, idleUntil) : until };
    }
    this.#until.delete(env);
    return { state: 'locked' };
  }

  /** `lasting`: until it is disarmed, for a command that was confirmed as one call. */
  arm(env: string, lasting = false): Refusal | null {
    if (this.#readOnly)
      return { guard: 'read-only', message: 'started with --read-only: nothing can be armed; start without it to make changes' };
    this.#touchedAt = this.#now();
    this.#until.set(env, lasting ? Number.POSITIVE_INFINITY : this.#now() + armedForMs);
    return null;
  }

  disarm(env: string): void {
    this.#until.delete(env);
    this.#locked.set(env, (this.#locked.get(env) ?? 0) + 1);
  }

  /**
   * For a plan that was confirmed while writes were armed and then waits for somebody else: it may go ahead although the arming runs out
   * meanwhile, as the confirmation on the command line arms one call. Locking writes by hand ends that.
   */
  hold(envs: readonly string[]): () => Refusal | null {
    const early = envs.map((env) => this.refuse(env)).find((refusal) => refusal !== null) ?? null;
    const then = envs.map((env) => this.#locked.get(env) ?? 0);
    return () => {
      const by = envs.find((env, index) => (this.#locked.get(env) ?? 0) !== then[index]);
      return (
        early ??
        (by === undefined ? null : { guard: 'not-armed', message: `${by} was locked by hand while the plan waited: nothing was sent` })
      );
    };
  }

  /** `null` when a change in `env` may go ahead. */
  refuse(env: string): Refusal | null {
    const { state } = this.state(env);
    if (state === 'read-only') return { guard: 'read-only', message: 'started with --read-only: no change is made' };
    if (state === 'locked') {
      return {
        guard: 'not-armed',
        message: `${env} is read-only: press A to arm it for 5 minutes (on the command line --confirm arms one call)`,
      };
    }
    return null;
  }
}

import { environmentOf, type Fleet } from '../fleet/definition.ts';
import type { Refusal } from './plan.ts';

/** How long one arming lasts. */
export const armedForMs = 5 * 60_000;

export type ArmState =
  | { readonly state: 'open' }
  | { readonly state: 'armed'; readonly until: number }
  | { readonly state: 'locked' }
  | { readonly state: 'read-only' };

/** Which environments a change may touch now. Danger environments start locked; `--read-only` locks all for good. */
export class Arming {
  readonly #fleet: Fleet;
  readonly #readOnly: boolean;
  readonly #now: () => number;
  readonly #until = new Map<string, number>();

  /** `now` is epoch ms. */
  constructor(fleet: Fleet, readOnly: boolean, now: () => number) {
    this.#fleet = fleet;
    this.#readOnly = readOnly;
    this.#now = now;
  }

  state(env: string): ArmState {
    if (this.#readOnly) return { state: 'read-only' };
    if (!environmentOf(this.#fleet, env).danger) return { state: 'open' };
    const until = this.#until.get(env);
    if (until === undefined || until <= this.#now()) return { state: 'locked' };
    return { state: 'armed', until };
  }

  arm(env: string): Refusal | null {
    if (this.#readOnly)
      return { guard: 'read-only', message: 'started with --read-only: nothing can be armed; start without it to make changes' };
    this.#until.set(env, this.#now() + armedForMs);
    return null;
  }

  disarm(env: string): void {
    this.#until.delete(env);
  }

  /** `null` when a change in `env` may go ahead. */
  refuse(env: string): Refusal | null {
    const state = this.state(env).state;
    if (state === 'read-only') return { guard: 'read-only', message: 'started with --read-only: no change is made' };
    if (state === 'locked')
      return {
        guard: 'not-armed',
        message: `${env} is read-only: press A to arm it for 5 minutes (on the command line --confirm arms one call)`,
      };
    return null;
  }
}

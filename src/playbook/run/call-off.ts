import { Aborted, Left } from './control.ts';

/** However a run ended, its last steps end too. */
const lastLimitMs = 3_600_000;

/** What ends a walk before its last step: a call to end, or a console that goes. */
export class CallOff {
  /** The newest is heeded: what must be done whatever happened has one of its own. */
  readonly #aborts = [new AbortController()];
  readonly #leaving = new AbortController();

  get signal(): AbortSignal {
    return (this.#aborts.at(-1) ?? new AbortController()).signal;
  }

  /** Aborts once the console ends, and only then. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Whether what is walked now is done whatever happened. */
  get isLastly(): boolean {
    return this.#aborts.length > 1;
  }

  /** Ends whatever is under way, the last steps too. */
  end(why: unknown): void {
    for (const each of this.#aborts) each.abort(why);
  }

  /** Ends the walk, and not what is done whatever happened. */
  endFirst(why: Aborted): void {
    this.#aborts[0]?.abort(why);
  }

  leave(): void {
    const left = new Left('the console ended');
    this.#leaving.abort(left);
    this.end(left);
  }

  /** Walks under a call to end of its own, for an hour at the longest: the one before does not keep it from being done. */
  async lastly<End>(walk: () => Promise<End>): Promise<End> {
    const own = new AbortController();
    this.#aborts.push(own);
    const limit = setTimeout(() => own.abort(new Aborted('they took longer than an hour')), lastLimitMs);
    limit.unref();
    try {
      return await walk();
    } finally {
      clearTimeout(limit);
      this.#aborts.pop();
    }
  }
}

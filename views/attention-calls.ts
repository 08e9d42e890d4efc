import type { Attention } from '../src/notify/attention.ts';

/** Where anything that needs the person's eyes says so; the terminal that shows the console hears it. Nobody hears it before or after. */
export class AttentionCalls {
  readonly #listeners = new Set<(what: Attention) => void>();

  attend(what: Attention): void {
    for (const listener of this.#listeners) listener(what);
  }

  /** Returns the end of it. */
  listen(listener: (what: Attention) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

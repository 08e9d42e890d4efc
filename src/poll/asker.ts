/** Asks one thing at a time and again after its period; a question under way is joined, never doubled. */
export class Asker<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #told: (answer: Answer) => void;
  #underWay: Promise<Answer> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `ask` must not reject and must keep its own deadline; `told` hears every answer. */
  constructor(ask: () => Promise<Answer>, told: (answer: Answer) => void) {
    this.#ask = ask;
    this.#told = told;
  }

  /** Asks now and again `everyMs` after each answer. */
  start(everyMs: (answer: Answer) => number): void {
    const again = async (): Promise<void> => {
      const answer = await this.now();
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void again(), everyMs(answer));
      this.#timer.unref();
    };
    void again();
  }

  /** The answer to a question under way, else to one asked now. */
  now(): Promise<Answer> {
    this.#underWay ??= this.#once();
    return this.#underWay;
  }

  /** The answer to a question asked after this call. */
  async fresh(): Promise<Answer> {
    await this.#underWay;
    return this.now();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #once(): Promise<Answer> {
    const answer = await this.#ask();
    this.#underWay = null;
    if (!this.#stopped) this.#told(answer);
    return answer;
  }
}

import type { Playbook } from './playbook.ts';
import type { Answer, Person, Question } from './run/question.ts';
import type { Run } from './run/run.ts';
import type { RunHandle, RunView } from './run/run-view.ts';

/** A question that waits, and since when, epoch ms. */
export interface AskedNow {
  readonly question: Question;
  readonly since: number;
}

/** A question left alone for three minutes. */
export interface Nudge {
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Begins a run again that was kept from beginning, or goes on with one that stands still. `breakFor`: why locks are taken from their holders. */
export type Again = (breakFor: string | null) => DeskRun;

export interface DeskRunParts {
  readonly who: string;
  /** Environment of its first host. */
  readonly env: string;
  readonly playbook: Playbook;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called at every change. */
  readonly changed: () => void;
  readonly again: Again;
}

/** A run as a console has it: what it shows, the question that waits, and the way to answer it. */
export class DeskRun implements RunHandle {
  readonly env: string;
  readonly playbook: Playbook;
  /** Who answers when nobody else was named: the console, through `answer`. */
  readonly person: Person;
  readonly #parts: DeskRunParts;
  #run: Run | null = null;
  #asked: AskedNow | null = null;
  #reply: ((answer: Answer) => void) | null = null;
  #nudged: Nudge | null = null;
  #closedAt: number | null = null;

  constructor(parts: DeskRunParts) {
    this.#parts = parts;
    this.env = parts.env;
    this.playbook = parts.playbook;
    this.person = { who: parts.who, attended: true, ask: (question, signal) => this.#ask(question, signal) };
  }

  begin(run: Run): void {
    this.#run = run;
    run.subscribe(this.#parts.changed);
    void run.done.then(() => {
      this.#closedAt = this.#parts.now();
      this.#parts.changed();
    });
  }

  get id(): string {
    return this.#begun.parts.id;
  }

  get done(): Promise<RunView> {
    return this.#begun.done;
  }

  /** When it ended or was left, epoch ms; `null` while it goes on. */
  get endedAt(): number | null {
    return this.#closedAt;
  }

  view(): RunView {
    return this.#begun.view();
  }

  isOver(): boolean {
    return this.#closedAt !== null || this.view().phase.phase === 'closed';
  }

  subscribe(listener: () => void): () => void {
    return this.#begun.subscribe(listener);
  }

  asked(): AskedNow | null {
    return this.#asked;
  }

  nudged(): Nudge | null {
    return this.#nudged;
  }

  /** Answers the question that was shown; false when another one, or none, waits by now: nothing is answered unseen. */
  answer(question: Question, answer: Answer): boolean {
    if (this.#asked?.question !== question || this.#reply === null) return false;
    const reply = this.#reply;
    this.#reply = null;
    reply(answer);
    return true;
  }

  /**
   * Of a run that somebody's lock kept from beginning or from going on: takes the lock away, and begins it again or goes on with it. That
   * is told and recorded. @throws RunRefused when it cannot be taken up any more
   */
  breakIn(reason: string): DeskRun {
    return this.#parts.again(reason);
  }

  /** Goes on with it once what made it stand still has ended. @throws RunRefused when it cannot be taken up any more */
  goOn(): DeskRun {
    return this.#parts.again(null);
  }

  pause(): void {
    this.#begun.pause();
  }

  resume(): void {
    this.#begun.resume();
  }

  note(text: string): void {
    this.#begun.note(text);
  }

  abort(reason: string): void {
    this.#begun.abort(reason);
  }

  /** The console goes: the run stays open in the journal. */
  leave(): void {
    this.#begun.leave();
  }

  /** Its question was left alone. */
  nudge(text: string): void {
    this.#nudged = { text, at: this.#parts.now() };
    this.#parts.changed();
  }

  get #begun(): Run {
    if (this.#run === null) throw new Error('the run has not begun');
    return this.#run;
  }

  async #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('the run ended'));
    signal.addEventListener('abort', end, { once: true });
    this.#asked = { question, since: this.#parts.now() };
    this.#reply = resolve;
    this.#parts.changed();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', end);
      this.#asked = null;
      this.#reply = null;
      this.#parts.changed();
    }
  }
}

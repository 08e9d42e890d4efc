import type { JsonValue } from '../../journal/entry.ts';
import type { Playbook, Step } from '../playbook.ts';
import { Aborted, Left, Stop, UndoAsked } from './control.ts';
import type { RunEntry, RunEvent, RunResult } from './events.ts';
import { firstNames, type Frame } from './frame.ts';
import type { Hands } from './hands.ts';
import type { Memory } from './memory.ts';
import { Progress } from './progress.ts';
import { readAnswer } from './read-answer.ts';
import type { Answer, Person, Question } from './question.ts';
import type { RunHandle, RunPhase, RunView } from './run-view.ts';
import { walk } from './walk.ts';
import { undoAll } from './undoing.ts';
import { parseDuration } from '../../config/schema/values.ts';
import { fill } from '../template.ts';
import { shq } from '../../remote/quote.ts';
import { hidden, maskedUndo } from './hidden.ts';

/** A question unanswered for so long is told by other ways (wmflib's NOTIFY_AFTER_SECONDS). */
const nudgeAfterMs = 180_000;
const usualLimitMs = 4 * 3_600_000;
/** A timer set for longer fires at once (Node, `setTimeout`). */
const longestTimerMs = 2 ** 31 - 1;

export interface RunParts {
  readonly id: string;
  readonly playbook: Playbook;
  /** Playbooks that `play` may name, by id; of the run's own snapshot. */
  readonly others: ReadonlyMap<string, Playbook>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Values never shown or kept: secret inputs. */
  readonly secrets: readonly string[];
  readonly reason: string | null;
  readonly hands: Hands;
  readonly person: Person;
  /** Durable when it returns; throws when it is not. */
  readonly write: (event: RunEvent) => RunEntry;
  /** What is known already, of a run that is taken up again. */
  readonly memory: Memory;
  /** Hears the key of each step just before it begins. */
  readonly reached?: (key: string) => void;
}

/** One walk through a playbook. Everything it learns is an event in the journal first; a new console replays them and goes on. */
export class Run implements RunHandle {
  readonly parts: RunParts;
  readonly memory: Memory;
  readonly progress: Progress;
  readonly done: Promise<RunView>;
  readonly #abort = new AbortController();
  readonly #leaving = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  #phase: RunPhase = { phase: 'running' };
  #question: Question | null = null;
  #paused: { readonly by: string; readonly since: number } | null = null;
  #runningAction: string | null = null;
  #view: RunView | null = null;
  #secrets: readonly string[];

  constructor(parts: RunParts) {
    this.parts = parts;
    this.#secrets = parts.secrets;
    this.memory = parts.memory;
    this.progress = new Progress(parts.playbook, () => this.#changed());
    this.done = this.#go();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Walks a list of steps; see walk.ts. */
  walk(frame: Frame, steps: readonly Step[]): Promise<void> {
    return walk(this, frame, steps);
  }

  /** Steps whose state is known from the memory are not run again. */
  get level(): Hands['level'] {
    return this.parts.hands.level;
  }

  view(): RunView {
    this.#view ??= {
      id: this.parts.id,
      playbook: this.parts.playbook.id,
      title: this.parts.playbook.title,
      level: this.level,
      operator: this.memory.operator,
      startedAt: this.memory.startedAt,
      phase: this.#paused === null || this.#phase.phase === 'closed' ? this.#phase : { phase: 'paused', ...this.#paused },
      inputs: Object.fromEntries(Object.entries(this.parts.inputs).map(([name, value]) => [name, this.mask(wordsOf(value))])),
      steps: this.progress.steps(),
      current: this.progress.current,
      question: this.#question,
      debts: this.memory.debts().map((debt) => ({
        id: debt.key,
        kind: 'step',
        hostId: debt.hostId,
        what: debt.what,
        pool: null,
        who: debt.who,
        reason: debt.leave,
        since: debt.since,
        remindAt: null,
      })),
    };
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pause(): void {
    if (this.#paused !== null || this.#phase.phase === 'closed') return;
    this.event({ event: 'pause' });
    this.#paused = { by: this.parts.person.who, since: this.parts.hands.now() };
    this.#changed();
  }

  resume(): void {
    if (this.#paused === null) return;
    this.event({ event: 'resume' });
    this.#paused = null;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    this.#changed();
  }

  note(text: string): void {
    this.event({ event: 'note', text: this.mask(text) });
  }

  abort(reason: string): void {
    this.#abort.abort(new Aborted(reason));
    this.resume();
    if (this.#runningAction !== null) void this.parts.hands.cancel(this.#runningAction);
  }

  /** The console goes: the run stays open in the journal, for this or another console to take up. */
  leave(): void {
    const left = new Left('the console ended');
    this.#leaving.abort(left);
    this.#abort.abort(left);
    this.resume();
  }

  /** Writes an event and learns it. A journal that cannot be written ends the run where it stands: nothing is done that nobody would know of. */
  event(event: RunEvent): void {
    try {
      const entry = this.parts.write(this.#keptEvent(event));
      // What is used goes on with the real words; only what is kept is masked.
      this.memory.take({ ...entry, event });
    } catch (error) {
      throw new Left(error instanceof Error ? error.message : 'the journal cannot be written');
    }
  }

  /** Holds while the run is paused; throws once it is called off. */
  async gate(): Promise<void> {
    while (this.#paused !== null && !this.signal.aborted) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.check();
  }

  check(): void {
    if (this.signal.aborted) throw this.signal.reason;
  }

  /** Asks the person and remembers the answer; one that is remembered is not asked again. */
  async ask(key: string, question: Question, options: { readonly remember: boolean }): Promise<Answer> {
    const known = options.remember ? this.memory.answer(key) : null;
    if (known !== null) return readAnswer(known.answer);
    await this.gate();
    const { person, hands } = this.parts;
    if (!person.attended) throw new Stop('failed', `nobody is there to answer: ${questionWords(question)}`);
    const since = hands.now();
    this.#question = question;
    this.phase({ phase: 'waiting', for: question.kind === 'approve' ? 'approval' : 'person', since });
    const nudge = setTimeout(() => hands.nudge(`${this.parts.playbook.title}: ${questionWords(question)}`), nudgeAfterMs);
    try {
      const answer = await person.ask(question, this.signal);
      if (options.remember || answer.kind === 'skip' || answer.kind === 'stop' || answer.kind === 'undo')
        this.event({
          event: 'answer',
          key,
          question: question.kind,
          text: this.mask(questionWords(question)),
          answer: this.#kept(answer),
          seconds: Math.round((hands.now() - since) / 1000),
        });
      return answer;
    } catch (error) {
      this.check();
      throw error;
    } finally {
      clearTimeout(nudge);
      this.#question = null;
      this.phase({ phase: 'running' });
    }
  }

  /** As `ask`, while undoing: a run that was called off still asks, and nobody's absence is a yes. */
  async askUndo(key: string, question: Question): Promise<Answer | null> {
    const { person } = this.parts;
    if (!person.attended) return null;
    this.#question = question;
    this.#changed();
    try {
      const answer = await person.ask(question, this.#leaving.signal);
      this.event({
        event: 'answer',
        key: `${key}<`,
        question: question.kind,
        text: this.mask(questionWords(question)),
        answer: this.#kept(answer),
        seconds: 0,
      });
      return answer;
    } catch (error) {
      if (this.#leaving.signal.aborted) throw this.#leaving.signal.reason;
      throw error;
    } finally {
      this.#question = null;
      this.#changed();
    }
  }

  phase(phase: RunPhase): void {
    this.#phase = phase;
    this.#changed();
  }

  /** The action under way on a host, to be ended there when the run is called off. */
  acting(actionId: string | null): void {
    this.#runningAction = actionId;
  }

  /** A value typed in during the run that is never shown or kept. */
  hide(secret: unknown): void {
    if (typeof secret === 'string' && secret !== '') this.#secrets = [...this.#secrets, secret];
  }

  /** Secrets of the inputs and of the fleet file masked, as they are and as they stand in a command. */
  mask(text: string): string {
    const forms = this.#secrets.flatMap((secret) => (secret === '' ? [] : [shq(secret), secret]));
    return forms.reduce((masked, form) => masked.replaceAll(form, hidden), this.parts.hands.redact(text));
  }

  /** As `mask`, for the texts inside a value; its numbers and its form stay. */
  maskedJson(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.mask(value);
    if (Array.isArray(value)) return value.map((each) => this.maskedJson(each));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.maskedJson(each)]));
    return value;
  }

  async #go(): Promise<RunView> {
    // Whoever made the run hears it from the first event on.
    await Promise.resolve();
    const { hands, playbook } = this.parts;
    const limit = setTimeout(() => this.abort('the run took longer than its limit'), this.#limitMs());
    limit.unref();
    try {
      const end = await this.#walk();
      if (end !== null) this.#close(end.result, end.message);
    } catch (error) {
      // Left: it stays open and is told so at the next start.
      const why = error instanceof Error ? error.message : 'the run ended without saying why';
      this.#phase = { phase: 'paused', by: 'the console', since: hands.now() };
      this.progress.note(`${playbook.id} stands still: ${why}`);
    } finally {
      clearTimeout(limit);
      await hands.release();
      this.#changed();
    }
    return this.view();
  }

  async #walk(): Promise<{ readonly result: RunResult; readonly message: string } | null> {
    const { playbook, inputs, hands } = this.parts;
    const names = firstNames(playbook, inputs);
    const frame = { playbook, prefix: '', names, depth: 0 };
    let end: { readonly result: RunResult; readonly message: string };
    try {
      const locks = playbook.locks.map((lock) => fill(lock, Object.fromEntries(names)).text);
      const held = await hands.claim(locks, `${playbook.id}: ${this.parts.reason ?? playbook.title}`);
      if (held !== null) throw new Stop('failed', held);
      if (this.level === 'run') this.event({ event: 'locks', ...this.#lockRecord() });
      if (this.memory.undoing !== null) throw new UndoAsked(this.memory.undoing);
      await walk(this, frame, playbook.steps);
      end = { result: 'ok', message: 'every step is done' };
    } catch (error) {
      if (error instanceof Left) throw error;
      end = endOf(error);
      // A fault of the run itself leaves as much behind as a person's word does.
      if (!(error instanceof Stop)) end = await this.#undo(end, error);
    }
    await this.#finally(playbook.finally, frame);
    return this.#honest(end);
  }

  /** `ok` needs zero open debts, but for those that the file says why to leave. */
  #honest(end: { readonly result: RunResult; readonly message: string }): { readonly result: RunResult; readonly message: string } {
    const owed = this.memory.debts().filter((debt) => debt.leave === null);
    if (end.result !== 'ok' || owed.length === 0) return end;
    return { result: 'failed', message: `left open: ${owed.map((debt) => debt.what).join('; ')}` };
  }

  async #undo(
    end: { readonly result: RunResult; readonly message: string },
    why: unknown,
  ): Promise<{ readonly result: RunResult; readonly message: string }> {
    if (this.level !== 'run' && this.level !== 'simulate') return end;
    const begun = this.memory.undoing !== null;
    if (this.memory.undos().length === 0) {
      const called = why instanceof Aborted || why instanceof UndoAsked;
      return { result: begun ? 'undone' : called ? 'aborted' : end.result, message: end.message };
    }
    if (!begun) this.event({ event: 'undoing', why: this.mask(end.message) });
    this.phase({ phase: 'undoing' });
    const undone = await undoAll(this);
    return { result: undone ? 'undone' : 'undo_failed', message: end.message };
  }

  /** What must be done whatever happened; its own failures are told, not thrown. */
  async #finally(steps: readonly Step[], frame: Frame): Promise<void> {
    if (steps.length === 0 || this.signal.aborted) return;
    try {
      await walk(this, frame, steps);
    } catch (error) {
      if (error instanceof Left) throw error;
      this.progress.note(error instanceof Error ? error.message : 'the last steps failed');
    }
  }

  #close(result: RunResult, message: string): void {
    this.event({ event: 'close', result, message: this.mask(message) });
    this.phase({ phase: 'closed', result, message: this.mask(message) });
  }

  #lockRecord(): { locks: { hostId: string; hostName: string; lock: string; needed: boolean }[]; tokens: Record<string, string> } {
    const { locks, tokens } = this.parts.hands.lockRecord();
    return { locks: locks.map((lock) => ({ ...lock })), tokens: { ...tokens } };
  }

  #limitMs(): number {
    const { timeout } = this.parts.playbook.limits;
    return Math.min((timeout === null ? null : parseDuration(timeout)) ?? usualLimitMs, longestTimerMs);
  }

  /** How a step is taken back may hold a secret in its command. */
  #keptEvent(event: RunEvent): RunEvent {
    if (event.event !== 'intent' && event.event !== 'undo-push') return event;
    return event.undo === null ? event : { ...event, undo: maskedUndo(event.undo, this) };
  }

  #kept(answer: Answer): JsonValue {
    const plain: JsonValue = JSON.parse(JSON.stringify(answer));
    return this.maskedJson(plain);
  }

  #changed(): void {
    this.#view = null;
    for (const listener of this.#listeners) listener();
  }
}

function endOf(error: unknown): { readonly result: RunResult; readonly message: string } {
  if (error instanceof Stop) return { result: error.result, message: error.message };
  if (error instanceof Aborted || error instanceof UndoAsked) return { result: 'aborted', message: error.message };
  return { result: 'failed', message: error instanceof Error ? error.message : 'it failed without saying why' };
}

/** A question in one line, for a notice and for the record. */
export function questionWords(question: Question): string {
  switch (question.kind) {
    case 'go':
    case 'failed':
    case 'unknown':
    case 'undo':
      return question.title;
    case 'ask':
      return question.fields.map((field) => field.help ?? field.name).join(', ');
    default:
      return question.text;
  }
}

function wordsOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
}

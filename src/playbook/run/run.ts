import type { JsonValue } from '../../journal/entry.ts';
import { isMendable, JournalError } from '../../journal/journal-error.ts';
import type { Step } from '../playbook.ts';
import { fill } from '../template.ts';
import { Asking } from './asking.ts';
import { CallOff } from './call-off.ts';
import { Aborted, Left, Stop } from './control.ts';
import { type End, toItsEnd } from './ending.ts';
import type { RunEvent } from './events.ts';
import { firstNames, type Frame, keptInPool } from './frame.ts';
import type { Hands, StepPlace } from './hands.ts';
import { endLocks } from './end-locks.ts';
import { eachLastStep } from './last-steps.ts';
import { Masking } from './masking.ts';
import type { Memory } from './memory.ts';
import { Progress } from './progress.ts';
import type { Answer, Question } from './question.ts';
import type { RunParts } from './run-parts.ts';
import type { RunHandle, RunPhase, RunView } from './run-view.ts';
import { viewOf } from './view-of.ts';
import { walk } from './walk.ts';

/** One walk through a playbook. Everything it learns is an event in the journal first; a new console replays them and goes on. */
export class Run implements RunHandle {
  readonly parts: RunParts;
  readonly memory: Memory;
  readonly progress: Progress;
  readonly asking: Asking;
  readonly done: Promise<RunView>;
  /** Whose lock kept it from beginning, or from going on. */
  lockedBy: string | null = null;
  /** Why a person wants somebody's lock taken away for the next try of a step, by its key. */
  readonly breaking = new Map<string, string>();
  readonly #callOff = new CallOff();
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  #phase: RunPhase = { phase: 'running' };
  #paused: { readonly by: string; readonly since: number } | null = null;
  #runningAction: string | null = null;
  #view: RunView | null = null;
  readonly #masking: Masking;

  constructor(parts: RunParts) {
    this.parts = parts;
    this.#masking = new Masking((text) => parts.hands.redact(text));
    for (const { name, type } of parts.playbook.inputs) if (type === 'secret') this.#masking.hide(parts.inputs[name], name);
    for (const [index, secret] of parts.secrets.entries()) this.#masking.hide(secret, String(index + 1));
    this.memory = parts.memory;
    this.asking = new Asking(this);
    this.progress = new Progress(parts.playbook, () => this.#changed());
    this.done = this.#go();
  }

  get signal(): AbortSignal {
    return this.#callOff.signal;
  }

  /** Aborts once the console ends, and only then. */
  get leaving(): AbortSignal {
    return this.#callOff.leaving;
  }

  /** Walks a list of steps; see walk.ts. */
  walk(frame: Frame, steps: readonly Step[]): Promise<void> {
    return walk(this, frame, steps);
  }

  get level(): Hands['level'] {
    return this.parts.hands.level;
  }

  view(): RunView {
    const paused = this.#phase.phase === 'closed' ? null : this.#paused;
    this.#view ??= viewOf(this, paused === null ? this.#phase : { phase: 'paused', ...paused });
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pause(): void {
    if (this.#paused !== null || this.#phase.phase === 'closed') return;
    if (!this.#said({ event: 'pause' })) return;
    this.#paused = { by: this.parts.person.who, since: this.parts.hands.now() };
    this.#changed();
  }

  resume(): void {
    if (this.#paused === null) return;
    this.#said({ event: 'resume' });
    this.#paused = null;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    this.#changed();
  }

  note(text: string): void {
    this.#said({ event: 'note', text: this.mask(text) });
  }

  abort(reason: string): void {
    // In the journal at once: a console that takes the run up must not go on with what somebody ended.
    if (this.memory.aborted === null && this.#phase.phase !== 'closed') this.#said({ event: 'abort', reason: this.mask(reason) });
    this.#callOff.end(new Aborted(reason));
    this.resume();
    if (this.#runningAction !== null) void this.parts.hands.cancel(this.#runningAction);
  }

  /** The console goes: the run stays open in the journal, for this or another console to take up. */
  leave(): void {
    this.#callOff.leave();
    this.resume();
  }

  /** Writes an event and learns it. A journal that cannot be written ends the run where it stands: nothing is done that nobody would know of. */
  event(event: RunEvent): void {
    try {
      const entry = this.parts.write(this.#masking.event(event));
      // What is used goes on with the real words; only what is kept is masked.
      this.memory.take({ ...entry, event });
    } catch (error) {
      const mendable = error instanceof JournalError && isMendable(error.fault);
      throw new Left(error instanceof Error ? error.message : 'the journal cannot be written', mendable);
    }
  }

  /** Writes what a person does beside the walk, which hears of a journal that fails as of a console that ends. */
  #said(event: RunEvent): boolean {
    try {
      this.event(event);
      return true;
    } catch (error) {
      this.#callOff.end(error);
      return false;
    }
  }

  /** Before anything that the journal does not know yet: a run that was called off under the console before ends here. */
  fresh(): void {
    if (this.isCalledOff() && !this.signal.aborted) this.#callOff.endFirst(new Aborted(this.memory.aborted ?? ''));
    this.check();
  }

  /** Whether nothing further is to be begun. What is done whatever happened is not meant. */
  isCalledOff(): boolean {
    return this.signal.reason instanceof Aborted || (this.memory.aborted !== null && !this.#callOff.isLastly);
  }

  /** Holds while the run is paused; throws once it is called off. */
  async gate(): Promise<void> {
    while (this.#paused !== null && !this.signal.aborted) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.check();
  }

  check(): void {
    this.signal.throwIfAborted();
  }

  /** As `check`, for what is done though the run was called off: only a console that ends ends it. */
  staying(): void {
    this.leaving.throwIfAborted();
  }

  /** See asking.ts. */
  ask(key: string, question: Question, options: { readonly remember: boolean }): Promise<Answer> {
    return this.asking.ask(key, question, options);
  }

  askUndo(key: string, question: Question): Promise<Answer | null> {
    return this.asking.askUndo(key, question);
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
  hide(secret: unknown, name: string): void {
    this.#masking.hide(secret, name);
  }

  /** The shell variable that stands for a value which is a secret, `null` when it is none. */
  variableOf(value: string): string | null {
    return this.#masking.variableOf(value);
  }

  /** Secrets of the inputs and of the fleet file masked, as they are and as they stand in a command. */
  mask(text: string): string {
    return this.#masking.mask(text);
  }

  /** As `mask`, for the texts inside a value; its numbers and its form stay. */
  maskedJson(value: JsonValue): JsonValue {
    return this.#masking.json(value);
  }

  /** Steps that are walked whatever happened before, under a call to end of their own: the one before does not keep them from being done. What went wrong with them, `null` when nothing did. */
  async lastly(frame: Frame, steps: readonly Step[]): Promise<string | null> {
    if (steps.length === 0) return null;
    this.staying();
    return this.#callOff.lastly(() => eachLastStep(this, frame, steps));
  }

  /** Where the change of a step belongs, and what must stay in a pool meanwhile. */
  place(frame: Frame): StepPlace {
    const { reason, playbook } = this.parts;
    return { ...this.undoPlace(), reason: this.mask(reason ?? playbook.title), keepInPool: frame.keepInPool };
  }

  undoPlace(): StepPlace {
    const { id, playbook } = this.parts;
    return { run: id, reason: `undo of ${playbook.id}`, mask: this.#masking.mask, secrets: this.#masking.secrets };
  }

  /** The locks held now, so that a console that takes the run up takes them too. */
  recordLocks(): void {
    if (this.level !== 'run') return;
    const { locks, tokens } = this.parts.hands.lockRecord();
    this.event({ event: 'locks', locks: locks.map((lock) => ({ ...lock })), tokens: { ...tokens } });
  }

  async #go(): Promise<RunView> {
    // Whoever made the run hears it from the first event on.
    await Promise.resolve();
    const { hands, playbook } = this.parts;
    try {
      const { result, message } = await this.#toItsEnd();
      this.event({ event: 'close', result, message: this.mask(message) });
      this.phase({ phase: 'closed', result, message: this.mask(message) });
    } catch (error) {
      // Left: it stays open and is told so at the next start.
      const why = error instanceof Error ? error.message : 'the run ended without saying why';
      this.#phase = {
        phase: 'paused',
        by: 'the console',
        since: hands.now(),
        why: this.mask(why),
        mendable: error instanceof Left && error.mendable,
      };
      this.progress.note(`${playbook.id} stands still: ${why}`);
    } finally {
      await endLocks(this);
      this.#changed();
    }
    return this.view();
  }

  #toItsEnd(): Promise<End> {
    const { playbook, inputs, hands, reason } = this.parts;
    const names = firstNames(playbook, inputs);
    const frame: Frame = { playbook, prefix: '', names, depth: 0, keepInPool: keptInPool(playbook, names) };
    return toItsEnd(this, frame, async () => {
      const locks = playbook.locks.map((lock) => fill(lock, Object.fromEntries(names)).text);
      const held = await hands.claim(locks, this.mask(`${playbook.id}: ${reason ?? playbook.title}`), this.parts.id);
      this.lockedBy = held === null ? null : this.mask(held);
      // A run that holds something already is not over because of somebody else's lock.
      if (held !== null) throw this.memory.locks === null ? new Stop('failed', held, true) : new Left(held);
      this.recordLocks();
    });
  }

  #changed(): void {
    this.#view = null;
    for (const listener of this.#listeners) listener();
  }
}

import type { Outcome } from '../playbook.ts';
import type { FrozenUndo, RunEntry, RunEvent, RunResult } from './events.ts';

type Of<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

export interface RunDebt {
  readonly key: string;
  readonly what: string;
  readonly hostId: string | null;
  readonly since: number;
  readonly who: string;
  /** Why it may be left, as the file says. */
  readonly leave: string | null;
}

/** What is known of a run from its events alone, so that a console that takes it up knows what the one before knew. */
export class Memory {
  open: Of<'open'> | null = null;
  operator = '';
  /** How often another console took it up. */
  handovers = 0;
  startedAt = 0;
  locks: Of<'locks'> | null = null;
  closed: { readonly result: RunResult; readonly message: string } | null = null;
  noReturn = false;
  /** Why what was done is being taken back, and for whom; `null` while it is not. */
  undoing: Of<'undoing'> | null = null;
  /** How the run ends, once only its last steps are left. */
  ending: { readonly result: RunResult; readonly message: string } | null = null;
  paused = false;
  /** Whether a change was about to be sent, or was. */
  acted = false;
  /** Why the run was called off; `null` when it was not. */
  aborted: string | null = null;
  readonly outcomes = new Map<string, Of<'outcome'>>();
  readonly #plays = new Map<string, number>();
  readonly #intents = new Map<string, Of<'intent'>>();
  readonly #tries = new Map<string, number>();
  readonly #undoStarts = new Map<string, string>();
  readonly #undoEnds = new Map<string, Of<'undo-outcome'>>();
  readonly #answers = new Map<string, Of<'answer'>>();
  readonly #undos: { readonly key: string; readonly title: string; readonly undo: FrozenUndo }[] = [];
  readonly #debts = new Map<string, RunDebt>();

  constructor(entries: readonly RunEntry[] = []) {
    for (const entry of entries) this.take(entry);
  }

  take({ event, who, at }: RunEntry): void {
    switch (event.event) {
      case 'open':
        this.open = event;
        this.operator = event.operator;
        this.startedAt = at;
        return;
      case 'locks':
        this.locks = event;
        return;
      case 'play':
        if (!this.#plays.has(event.key)) this.#plays.set(event.key, at);
        return;
      case 'intent':
        this.acted = true;
        this.#intents.set(event.key, event);
        return;
      case 'outcome':
        this.outcomes.set(event.key, event);
        this.#intents.delete(event.key);
        this.#tries.set(event.key, this.tries(event.key) + 1);
        return;
      case 'again':
        for (const key of event.keys) this.#forget(key);
        return;
      case 'answer':
        this.#answers.set(event.key, event);
        return;
      case 'undo-push':
        // A second try, or a console that took the step up, says anew how the same step is taken back.
        this.#dropUndo(event.key);
        this.#undoEnds.delete(event.key);
        this.#undos.push(event);
        return;
      case 'undoing':
        this.undoing = event;
        return;
      case 'ending':
        this.ending = { result: event.result, message: event.message };
        return;
      case 'undo-start':
        this.acted = true;
        if (event.actionId !== null) this.#undoStarts.set(event.key, event.actionId);
        return;
      case 'undo-outcome':
        this.#undoStarts.delete(event.key);
        this.#undoEnds.set(event.key, event);
        if (undone(event.outcome)) this.#dropUndo(event.key);
        if (undone(event.outcome)) this.#debts.delete(event.key);
        return;
      case 'debt-open':
        this.#debts.set(event.key, { key: event.key, what: event.what, hostId: event.hostId, since: at, who, leave: event.leave });
        return;
      case 'debt-settled':
        // What is put back needs no undo any more: it would put it back twice.
        this.#debts.delete(event.key);
        this.#dropUndo(event.key);
        return;
      case 'no-return':
        this.noReturn = true;
        return;
      case 'pause':
      case 'resume':
        this.paused = event.event === 'pause';
        return;
      case 'abort':
        this.aborted ??= event.reason;
        return;
      case 'handover':
        this.operator = who;
        this.handovers += 1;
        return;
      case 'close':
        this.closed = { result: event.result, message: event.message };
        return;
      case 'tell':
      case 'note':
        return;
      default:
        return event satisfies never;
    }
  }

  /** A change that was about to be sent and whose end nobody wrote. */
  interrupted(key: string): Of<'intent'> | null {
    return this.#intents.get(key) ?? null;
  }

  /** When the playbook that this step plays was come to first, epoch ms; `null` when it was not, or by a version that did not keep it. */
  playedSince(key: string): number | null {
    return this.#plays.get(key) ?? null;
  }

  /** Whether anything below this prefix was begun. */
  hasBegun(prefix: string): boolean {
    return [...this.#intents.keys(), ...this.outcomes.keys()].some((key) => key.startsWith(prefix));
  }

  /** Every one of them. */
  allInterrupted(): readonly Of<'intent'>[] {
    return [...this.#intents.values()];
  }

  /** Actions of the executor, changes and undos, whose end this run will ask about. */
  changesUnderWay(): readonly string[] {
    return [...this.allInterrupted().map((intent) => intent.actionId), ...this.#undoStarts.values()];
  }

  /** How often a step has ended, well or not. */
  tries(key: string): number {
    return this.#tries.get(key) ?? 0;
  }

  /** Action of an undo that was about to be sent and whose end nobody wrote. */
  undoUnderWay(key: string): string | null {
    return this.#undoStarts.get(key) ?? null;
  }

  /** How taking a step back ended, when it was tried; it is not tried twice. */
  undoEnded(key: string): Of<'undo-outcome'> | null {
    return this.#undoEnds.get(key) ?? null;
  }

  answer(key: string): Of<'answer'> | null {
    return this.#answers.get(key) ?? null;
  }

  /** What can be taken back, the newest first. */
  undos(): readonly { readonly key: string; readonly title: string; readonly undo: FrozenUndo }[] {
    return this.#undos.toReversed();
  }

  debts(): readonly RunDebt[] {
    return [...this.#debts.values()];
  }

  /** Keys of steps with this id, in whatever loop item or playbook, whose debt is open. */
  debtsOf(prefix: string, id: string): readonly string[] {
    return [...this.#debts.keys()].filter((key) => key === `${prefix}${id}`);
  }

  /** How often it was tried stays known; what became of it and what was answered about it do not count any more. */
  #forget(key: string): void {
    this.outcomes.delete(key);
    // Whoever wants it tried again gives the playbook that it stands in its time anew.
    for (const play of this.#plays.keys()) if (key.startsWith(`${play}>`)) this.#plays.delete(play);
    for (const answer of this.#answers.keys()) {
      // `step`, `step?` of a failure, `step#0` of a signature; never those of steps inside it.
      if (answer.startsWith(key) && /^$|^\?|^#\d+$/.test(answer.slice(key.length))) this.#answers.delete(answer);
    }
  }

  #dropUndo(key: string): void {
    const at = this.#undos.findLastIndex((undo) => undo.key === key);
    if (at !== -1) this.#undos.splice(at, 1);
  }
}

function undone(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'already';
}

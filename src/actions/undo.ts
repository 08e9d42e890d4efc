import type { Entry, JsonValue } from '../journal/entry.ts';
import { factsOut } from './pools/pool-facts.ts';
import type { ActionRecord } from './record.ts';
import { readRequest } from './read-back.ts';
import type { ActionRequest } from './request.ts';

/** A change that did something, declared its inverse and was not taken back yet. */
export interface Undoable {
  readonly actionId: string;
  readonly subject: string;
  readonly at: string;
  readonly who: string;
  readonly request: ActionRequest;
  /** Facts right after the change; another state now means that someone changed it since. */
  readonly after: JsonValue;
}

/** How far back changes are looked for, ms. */
const undoableForMs = 24 * 3_600_000;

/** What can be undone, newest first, as the journal knows it. */
export class UndoStack {
  readonly #record: ActionRecord;
  readonly #now: () => number;

  /** `now` is epoch ms. */
  constructor(record: ActionRecord, now: () => number) {
    this.#record = record;
    this.#now = now;
  }

  list(): readonly Undoable[] {
    const entries = this.#record.recent(this.#now(), undoableForMs).filter((entry) => entry.kind === 'outcome');
    const well = entries.filter((entry) => entry.outcome === 'ok');
    const undone = new Set(well.map((entry) => entry.detail['undoes']).filter((value) => typeof value === 'string'));
    // What changed something and failed its proof is there to be taken back as well; only that kept its inverse.
    return entries.flatMap((entry) => undoable(entry, undone)).toReversed();
  }

  /** The newest, `null` when nothing can be undone. */
  next(): Undoable | null {
    return this.list()[0] ?? null;
  }
}

function undoable(entry: Entry, undone: ReadonlySet<string>): Undoable[] {
  const request = readRequest(entry.detail['undo'] ?? null);
  if (request === null || entry.actionId === null || undone.has(entry.actionId)) return [];
  // An undo is not itself undone: what it took back can be done again by hand.
  if (typeof entry.detail['undoes'] === 'string') return [];
  return [
    {
      actionId: entry.actionId,
      subject: entry.targets.join(', '),
      at: entry.at,
      who: entry.who,
      request,
      after: entry.detail['after'] ?? expectedAfter(request),
    },
  ];
}

/**
 * Facts after a change whose inverse could not be planned right then: a member just taken out is mostly not well yet, which puts off its
 * way back and says nothing about its state.
 */
function expectedAfter(request: ActionRequest): JsonValue {
  return request.action === 'repool' ? { ...factsOut } : null;
}

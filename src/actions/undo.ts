import * as z from 'zod';
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
    const recent = this.#record.recent(this.#now(), undoableForMs);
    const settled = settledByRuns(recent);
    const entries = recent.filter((entry) => entry.kind === 'outcome' && !settled.has(entry.actionId ?? ''));
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

const closeSchema = z.object({ event: z.literal('close'), result: z.enum(['ok', 'undone']) });
const placeSchema = z.object({ run: z.string() });

/**
 * Changes of runs that ended well, or took back what they had done: each belongs to a whole that is over, and its inverse alone would
 * break it, as a repooled node that is taken out once more.
 */
function settledByRuns(entries: readonly Entry[]): ReadonlySet<string> {
  const over = new Set(
    entries.flatMap((entry) => (entry.kind === 'run' && closeSchema.safeParse(entry.detail['event']).success ? [entry.actionId] : [])),
  );
  return new Set(
    entries.flatMap((entry) => {
      const place = entry.kind === 'intent' && entry.actionId !== null ? placeSchema.safeParse(entry.detail['step']) : null;
      return place?.success === true && over.has(place.data.run) ? [entry.actionId ?? ''] : [];
    }),
  );
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

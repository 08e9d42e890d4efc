import type { Outcome, Result } from '../playbook.ts';

/** Ends the run (or the playbook played inside it) with a result. */
export class Stop extends Error {
  readonly result: Result;
  /** Said by a person who could have had it taken back instead: what was done is left as it is, and not offered again. */
  readonly chosen: boolean;

  constructor(result: Result, message: string, chosen = false) {
    super(message);
    this.result = result;
    this.chosen = chosen;
  }
}

/** A person, a signal or the run's own limit ended it: nothing further runs, and what can be taken back is offered. */
export class Aborted extends Error {}

/** Whose word it is that what was done is taken back: a person's who is there to leave each, one's given beforehand, the file's. */
export type UndoWord = 'person' | 'beforehand' | 'file';

/** A step cannot mean what it says, as a name that stands for no word: the fault is the page's. The message begins with the step. */
export class PageFault extends Error {}

/** What was done is to be taken back. */
export class UndoAsked extends Error {
  readonly by: UndoWord;

  constructor(message: string, by: UndoWord) {
    super(message);
    this.by = by;
  }
}

/** The console must end (its owner leaves, the journal fails): the run stays as it is and can be taken up again. */
export class Left extends Error {
  /** Whether the journal's disk is all that is in the way: full, or read-only. */
  readonly mendable: boolean;

  constructor(message: string, mendable = false) {
    super(message);
    this.mendable = mendable;
  }
}

/** A step that failed for one item of a loop. */
export class ItemFailed extends Error {
  readonly outcome: Outcome;
  /** The step that failed. */
  readonly key: string;
  /** Whether it may be tried again. */
  readonly repeatable: boolean;

  constructor(outcome: Outcome, message: string, key: string, repeatable: boolean) {
    super(message);
    this.outcome = outcome;
    this.key = key;
    this.repeatable = repeatable;
  }
}

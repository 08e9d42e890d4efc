import type { Outcome, Result } from '../playbook.ts';

/** Ends the run (or the playbook played inside it) with a result. */
export class Stop extends Error {
  readonly result: Result;

  constructor(result: Result, message: string) {
    super(message);
    this.result = result;
  }
}

/** A person, a signal or the run's own limit ended it: nothing further runs, and what can be taken back is offered. */
export class Aborted extends Error {}

/** A person chose to take back what was done. */
export class UndoAsked extends Error {}

/** The console must end (its owner leaves, the journal fails): the run stays as it is and can be taken up again. */
export class Left extends Error {}

/** A step that failed for one item of a loop. */
export class ItemFailed extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

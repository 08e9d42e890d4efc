import type { Hands } from '../run/hands.ts';

/** What every dry run leaves alone: it takes no lock, tells nobody, and has sent nothing that could be taken up, settled or cancelled. */
export abstract class DryHands {
  recover(): Promise<'never-began'> {
    return Promise.resolve('never-began');
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  claim(): Promise<null> {
    return Promise.resolve(null);
  }

  lockRecord(): ReturnType<Hands['lockRecord']> {
    return { locks: [], tokens: {} };
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  /** What is told stands in the run's own events. */
  tell(): void {}

  nudge(): void {}
}

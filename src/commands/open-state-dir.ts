import type { Journal } from '../journal/entry.ts';
import { openJournal } from '../journal/sqlite-journal.ts';
import { stateDir } from '../journal/state-dir.ts';
import type { GlobalOptions } from './global-options.ts';
import { homeFolder } from './open-fleet.ts';

/** The state directory of the options, made when missing. Throws one plain sentence when it cannot be used. */
export function openStateDir(options: GlobalOptions): string {
  return stateDir(process.env, homeFolder(), options.stateDir);
}

/** The same, for what is kept only where it can be: `null` when it cannot be used. */
export function stateDirOrNull(options: GlobalOptions): string | null {
  try {
    return openStateDir(options);
  } catch {
    return null;
  }
}

/**
 * The journal of the options' state directory, `mask` applied to all that it keeps. Where the directory cannot be used it is a journal
 * that says why in `failure`: watching goes on without it, and every change is refused.
 */
export function openOrFailed(mask: (text: string) => string, options: GlobalOptions): Journal {
  try {
    return openJournal(openStateDir(options), () => new Date(), { redact: mask });
  } catch (error) {
    return failedJournal(error instanceof Error ? error.message : 'the journal could not be opened');
  }
}

function failedJournal(failure: string): Journal {
  return {
    append: () => {
      throw new Error(failure);
    },
    tail: () => [],
    ofAction: () => [],
    open: () => [],
    ofKinds: () => [],
    failure,
    close: () => {},
  };
}

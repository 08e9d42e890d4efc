import type { Journal } from '../journal/entry.ts';
import { type JournalReader, readJournal } from '../journal/reader.ts';
import type { GlobalOptions } from './global-options.ts';
import { openStateDir } from './open-state-dir.ts';

/** Stands where a dry run must not write: planning never appends, but reads what is owed and what was changed a short while ago. */
export function unwritten(options: GlobalOptions): Journal {
  const reader = readerOf(options);
  return {
    append: () => {
      throw new Error('a dry run writes nothing');
    },
    tail: (count) => reader?.tail(count) ?? [],
    ofAction: (actionId) => reader?.ofAction(actionId) ?? [],
    open: () => reader?.open() ?? [],
    ofKinds: (kinds) => reader?.ofKinds(kinds) ?? [],
    failure: null,
    close: () => reader?.close(),
  };
}

function readerOf(options: GlobalOptions): JournalReader | null {
  try {
    return readJournal(openStateDir(options));
  } catch {
    // What cannot be read says nothing; a change would be refused for it.
    return null;
  }
}

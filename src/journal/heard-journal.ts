import type { Entry, Journal } from './entry.ts';

/** A journal that calls `hear` after every entry it has written. What `hear` throws does not unmake the entry, and is not passed on. */
export function heardJournal(journal: Journal, hear: (entry: Entry) => void): Journal {
  return {
    append: (entry) => {
      const written = journal.append(entry);
      try {
        hear(written);
      } catch {
        // The entry stands; whoever hears of it has to look after himself.
      }
      return written;
    },
    tail: (count) => journal.tail(count),
    ofAction: (actionId) => journal.ofAction(actionId),
    ofKinds: (kinds) => journal.ofKinds(kinds),
    open: () => journal.open(),
    get failure() {
      return journal.failure;
    },
    close: () => journal.close(),
  };
}

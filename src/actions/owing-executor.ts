import type { EntryKind, Journal } from '../journal/entry.ts';
import { createExecutor, type ExecutorOptions, type FullExecutor } from './executor.ts';
import { Debts } from './pools/debts.ts';

/** An executor with what its journal says is owed back; the world is told at once, and again whenever a debt is made or paid. */
export interface OwingExecutor extends FullExecutor {
  readonly debts: Debts;
}

export function createOwingExecutor(options: ExecutorOptions): OwingExecutor {
  const debts = new Debts(options);
  const executor = createExecutor({ ...options, journal: telling(options.journal, () => debts.tell()) });
  debts.tell();
  return Object.assign(executor, { debts });
}

const debtKinds: ReadonlySet<EntryKind> = new Set(['debt-open', 'debt-settled']);

/** The journal, with `news` called after every entry about a debt. */
function telling(journal: Journal, news: () => void): Journal {
  return {
    append: (entry) => {
      const written = journal.append(entry);
      if (debtKinds.has(entry.kind)) news();
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

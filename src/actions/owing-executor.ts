import type { EntryKind } from '../journal/entry.ts';
import { heardJournal } from '../journal/heard-journal.ts';
import { createExecutor, type ExecutorOptions, type FullExecutor } from './executor.ts';
import { Debts } from './pools/debts.ts';

/** An executor with what its journal says is owed back; the world is told at once, and again whenever a debt is made or paid. */
export interface OwingExecutor extends FullExecutor {
  readonly debts: Debts;
}

export function createOwingExecutor(options: ExecutorOptions): OwingExecutor {
  const debts = new Debts(options);
  const journal = heardJournal(options.journal, ({ kind }) => {
    if (debtKinds.has(kind)) debts.tell();
  });
  const executor = createExecutor({ ...options, journal });
  debts.tell();
  return Object.assign(executor, { debts });
}

const debtKinds: ReadonlySet<EntryKind> = new Set(['debt-open', 'debt-settled']);

import type { Journal } from '../journal/entry.ts';

/** Stands where a dry run must not write: planning never appends. */
export const unwrittenJournal: Journal = {
  append: () => {
    throw new Error('a dry run writes nothing');
  },
  tail: () => [],
  ofAction: () => [],
  open: () => [],
  ofKinds: () => [],
  failure: null,
  close: () => {},
};

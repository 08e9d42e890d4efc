import { canonicalJson } from '../../journal/canonical-json.ts';
import type { Entry, Journal } from '../../journal/entry.ts';

/** A journal that lasts as long as a simulated run and touches no disk. `now` is epoch ms. */
export function writtenList(now: () => number): Journal & { readonly entries: readonly Entry[] } {
  const entries: Entry[] = [];
  return {
    entries,
    append: (entry) => {
      const written = { ...entry, seq: entries.length + 1, at: new Date(now()).toISOString(), prev: '', hash: '' };
      // What is kept later changes with nobody.
      const kept: Entry = { ...written, detail: JSON.parse(canonicalJson(written.detail)) };
      entries.push(kept);
      return kept;
    },
    tail: (count) => entries.slice(-count),
    ofAction: (actionId) => entries.filter((entry) => entry.actionId === actionId),
    open: () => [],
    ofKinds: (kinds) => entries.filter((entry) => kinds.includes(entry.kind)),
    failure: null,
    close: () => {},
  };
}

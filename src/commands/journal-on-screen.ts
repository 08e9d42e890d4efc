import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalOnScreen } from '../../views/console.ts';
import type { Entry, Journal } from '../journal/entry.ts';
import type { Clock } from '../poll/clock.ts';

/** How old what is shown may be, ms: other consoles write too. */
const freshMs = 1000;

/** The journal for the screens: read at most once a second, the same array while nothing was added; `save` writes beside it. */
export function journalOnScreen(journal: Journal, dir: () => string, clock: Clock): JournalOnScreen {
  let known: { readonly count: number; readonly readAt: number; readonly entries: readonly Entry[] } | null = null;
  return {
    tail: (count) => {
      const now = clock.monoMs();
      if (known !== null && known.count === count && now - known.readAt < freshMs) return known.entries;
      // Entries are never changed: the newest one's hash tells whether there is news, for the price of one row.
      const same = known !== null && known.count === count && known.entries.at(-1)?.hash === readTail(journal, 1).at(-1)?.hash;
      known = { count, readAt: now, entries: same && known !== null ? known.entries : readTail(journal, count) };
      return known.entries;
    },
    save: (lines) => save(dir(), lines, clock),
  };
}

function readTail(journal: Journal, count: number): readonly Entry[] {
  try {
    return journal.tail(count);
  } catch {
    return [];
  }
}

/** A new file for its owner only; nothing that is there is written over or followed. */
function save(dir: string, lines: readonly string[], clock: Clock): string {
  const stamp = new Date(clock.wallMs()).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = join(dir, `journal-${stamp}.jsonl`);
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new Error(there ? `${path} is there already; try again in a second` : `${path} could not be made`, { cause: error });
  }
  try {
    writeFileSync(file, `${lines.join('\n')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return path;
}

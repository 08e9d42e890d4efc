import { JournalError } from '../journal/journal-error.ts';
import { readJournal } from '../journal/reader.ts';
import { verifyJournal } from '../journal/verify.ts';
import type { Entry } from '../journal/entry.ts';
import { shownCommand } from '../remote/shown-command.ts';
import type { GlobalOptions } from './global-options.ts';
import { openStateDir } from './open-state-dir.ts';
import { UsageError } from './usage-error.ts';

/** Prints the newest entries, oldest first. */
export function journalTail(options: GlobalOptions, count: number, json: boolean): number {
  const journal = reading(() => readJournal(openStateDir(options)));
  if (journal === null) return 0;
  for (const entry of reading(() => journal.tail(count))) {
    process.stdout.write(json ? `${JSON.stringify(inOrder(entry))}\n` : `${words(entry)}\n`);
  }
  journal.close();
  return 0;
}

/** Verifies the whole chain; exit 1 names the first entry that is not as it was written. */
export function journalVerify(options: GlobalOptions): number {
  const result = reading(() => verifyJournal(openStateDir(options)));
  if (result.ok) {
    process.stdout.write(`ok: ${result.entries} entries, head ${result.head}\n`);
    return 0;
  }
  process.stderr.write(`${result.problem}\n`);
  return 1;
}

/** Key order of the contract. */
function inOrder(entry: Entry): Record<string, unknown> {
  const { seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev, hash } = entry;
  return { seq, at, kind, actionId, who, env, targets, command, outcome, detail, prev, hash };
}

function words(entry: Entry): string {
  const said = [entry.detail['summary'], entry.detail['message'], entry.detail['title']].find((value) => typeof value === 'string');
  return [
    String(entry.seq).padStart(5),
    entry.at,
    entry.kind.padEnd(8),
    (entry.outcome ?? '').padEnd(8),
    entry.who,
    entry.targets.join(' '),
    said ?? (entry.command === null ? '' : shownCommand(entry.command).replaceAll('\n', ' ⏎ ')),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof JournalError) throw new UsageError(error.message, 1);
    throw error;
  }
}

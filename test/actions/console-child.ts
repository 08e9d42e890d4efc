/**
 * A console in a process of its own, to be killed. First line on standard input: its options as JSON. Then a line per change
 * (`{ request, reason }`, or `{ bulk: [request…] }`); the first word of every line it prints says what the rest is:
 * `ready`, `progress <phase> <text>`, `ack <kind> <action id> <seq> <hash>` (after the journal's append has returned), `outcome <JSON>`.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ConfirmExtras } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import type { Journal } from '../../src/journal/entry.ts';
import { type BenchConsole, type ConsoleOptions, openConsole } from './console.ts';

const say = (line: string): void => void writeSync(1, `${line}\n`);

const acknowledging = (journal: Journal): Journal => ({
  append: (entry) => {
    const written = journal.append(entry);
    say(`ack ${written.kind} ${written.actionId ?? '-'} ${written.seq} ${written.hash}`);
    return written;
  },
  tail: (count) => journal.tail(count),
  ofAction: (actionId) => journal.ofAction(actionId),
  open: () => journal.open(),
  ofKinds: (kinds) => journal.ofKinds(kinds),
  get failure() {
    return journal.failure;
  },
  close: () => journal.close(),
});

let opened: BenchConsole | null = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (opened === null) {
    const options: ConsoleOptions = JSON.parse(line);
    opened = await openConsole({ ...options, through: acknowledging });
    say('ready');
    continue;
  }
  const { request, bulk, ...extras }: ConfirmExtras & { request: ActionRequest; bulk?: ActionRequest[] } = JSON.parse(line);
  if (bulk !== undefined) {
    const planned = await opened.executor.bulk.plan(bulk);
    if (!planned.ok) throw new Error(planned.refusal.message);
    opened.executor.arm('default');
    const run = await opened.executor.bulk.start(planned.plan, planned.plan.confirmation.word, extras, () => {});
    if ('guard' in run) throw new Error(run.message);
    say(`outcome ${JSON.stringify(await run.done)}`);
    continue;
  }
  const outcome = await opened.change(request, extras, (progress) => say(`progress ${progress.phase} ${progress.text}`));
  say(`outcome ${JSON.stringify(outcome)}`);
}
await opened?.close();

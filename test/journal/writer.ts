/** Appends entries and prints `ack <action id>` after each, `failed <sentence>` and the journal's `failure` when it cannot. */
import { writeSync } from 'node:fs';
import { openJournal } from '../../src/journal/sqlite-journal.ts';

const [dir = '', name = '', count = '0'] = process.argv.slice(2);
const journal = openJournal(dir, () => new Date(), { busyMs: 15_000 });
const wanted = Number(count) === 0 ? Number.POSITIVE_INFINITY : Number(count);
let failures = 0;
for (let index = 0; index < wanted && failures < 3; index += 1) {
  const actionId = `${name}-${index}`;
  try {
    const detail = { padding: 'x'.repeat(200) };
    journal.append({ kind: 'intent', actionId, who: 'ops@deck', env: null, targets: [], command: 'true', outcome: null, detail });
    writeSync(1, `ack ${actionId}\n`);
  } catch (error) {
    failures += 1;
    writeSync(
      1,
      `failed ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\nfailure ${journal.failure ?? 'none'}\n`,
    );
  }
}
journal.close();

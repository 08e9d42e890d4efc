import process from 'node:process';
import { createNotifier } from '../../src/notify/notifier.ts';
import { fleetThatTells } from './fleet.ts';

/** Told in a process of its own, to be killed: `teller.ts DIR COUNT`. Prints `told` once every message is in the spool. */
const [dir = '', count = '1'] = process.argv.slice(2);
const notifier = createNotifier(fleetThatTells({ webhook: 'QD_HOOK' }), dir, {
  now: Date.now,
  pace: { settle: 60_000, gap: 0, lease: 300 },
});
for (let each = 0; each < Number(count); each += 1) notifier.tell(`message ${each}`, null);
void notifier.drain(60_000);
process.stdout.write('told\n');
setInterval(() => {}, 1000);

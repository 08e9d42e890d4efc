import process from 'node:process';
import { createNotifier } from '../../src/notify/notifier.ts';
import { fleetThatTells } from './fleet.ts';

/** A console that ends while the other side hangs: `ender.ts DIR SMTP`. Prints `stopped`; nothing may keep the process after that. */
const [dir = '', smtp = ''] = process.argv.slice(2);
const notifier = createNotifier(fleetThatTells({ webhook: 'QD_HOOK', smtp }), dir, {
  now: Date.now,
  pace: { settle: 10, gap: 0, deadline: 600_000 },
});
notifier.tell('last words', null);
await notifier.drain(700);
await notifier.stop();
process.stdout.write('stopped\n');

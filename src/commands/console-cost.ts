import type { ConsoleCost } from '../../views/console.ts';
import type { Clock } from '../poll/clock.ts';

/** Asked for with every frame, measured no more often than this, ms. */
const everyMs = 1000;

type Wire = Pick<ConsoleCost, 'connections' | 'received' | 'sent'>;

/** What this process costs; measured only while somebody asks. */
export function consoleCost(wire: () => Wire, clock: Clock): () => ConsoleCost {
  let last: { readonly at: number; readonly cpuUs: number; readonly cost: ConsoleCost } | null = null;
  return () => {
    const at = clock.monoMs();
    if (last !== null && at - last.at < everyMs) return last.cost;
    const { user, system } = process.cpuUsage();
    const cpuUs = user + system;
    // Over a long pause the mean says little about now.
    const cpuPct = last === null || at - last.at > 10 * everyMs ? null : (cpuUs - last.cpuUs) / (at - last.at) / 10;
    const cost: ConsoleCost = { cpuPct, rssBytes: process.memoryUsage.rss(), ...wire() };
    last = { at, cpuUs, cost };
    return cost;
  };
}

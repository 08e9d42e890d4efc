import { debtWords } from '../src/fleet/debt.ts';
import type { FleetStore } from '../src/live/store.ts';

/** Says once what an earlier console left owed back, as soon as the journal has been read. Returns how to stop listening. */
export function noteDebts(store: FleetStore, say: (text: string) => void): () => void {
  const stop = store.subscribe(({ debts }) => {
    const [first] = debts;
    if (first === undefined) return;
    stop();
    say(`Owed back: ${debtWords(first)}${debts.length === 1 ? '' : `, and ${debts.length - 1} more`}`);
  });
  return stop;
}

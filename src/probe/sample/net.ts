import type { NetSample } from '../../fleet/sample.ts';
import { increase, intervalS } from '../interval.ts';
import type { Measured } from '../measured.ts';

/** Traffic of the host's real interfaces together; one that appeared or was reset since joins at the next round. */
export function netSample(previous: Measured | null, now: Measured): NetSample | null {
  if (now.net === null) return null;
  const seconds = intervalS(previous, now);
  const before = new Map(previous?.net?.map((one) => [one.name, one]));
  const total = { rx: 0, tx: 0, errors: 0, known: 0 };
  for (const after of now.net) {
    const rx = increase(before.get(after.name)?.rxBytes, after.rxBytes);
    const tx = increase(before.get(after.name)?.txBytes, after.txBytes);
    const errors = increase(before.get(after.name)?.errors, after.errors);
    if (rx === null || tx === null || errors === null) continue;
    total.rx += rx;
    total.tx += tx;
    total.errors += errors;
    total.known += 1;
  }
  if (seconds === null || total.known === 0) return { rxBytes: null, txBytes: null, errors: null };
  return { rxBytes: total.rx / seconds, txBytes: total.tx / seconds, errors: total.errors / seconds };
}

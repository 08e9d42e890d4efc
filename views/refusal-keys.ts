import type { Refusal } from '../src/actions/plan.ts';
import type { Asked } from './asked.ts';

/** What one key does about a refusal. */
export interface NextKey {
  readonly key: 'A' | 'b' | 'r';
  readonly label: string;
}

const worthAgain: ReadonlySet<Refusal['guard']> = new Set([
  'expired',
  'approval',
  'lock',
  'busy',
  'unreachable',
  'precheck',
  'floor',
  'reason',
]);

/** Ways on from a refusal: arm, break the lock with a reason, plan again. None where the answer would be the same. */
export function nextKeys(refusal: Refusal, asked: Asked): readonly NextKey[] {
  const keys: NextKey[] = [];
  if (refusal.guard === 'not-armed') keys.push({ key: 'A', label: 'arm writes, then the plan' });
  if (refusal.guard === 'lock' && asked.kind === 'one') keys.push({ key: 'b', label: 'break the lock, with a reason' });
  if (worthAgain.has(refusal.guard)) keys.push({ key: 'r', label: 'plan again' });
  return keys;
}

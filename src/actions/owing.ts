import type { Shells } from '../live/world.ts';
import type { Proof, Sent } from './driver.ts';
import { signFor } from './notes.ts';
import type { Plan, Refusal } from './plan.ts';
import type { ActionRecord } from './record.ts';

/** What will be owed is on disk before anything is sent, so that a console that ends at once still leaves it to be seen. */
export function owe(record: ActionRecord, plan: Plan, reason: string | null): Refusal | null {
  const { debt } = plan;
  if (debt === null) return null;
  const detail = { ...debt, saved: { ...debt.saved }, hostId: plan.request.hostId, reason };
  return record.write('debt-open', { env: plan.env, detail }, plan);
}

/** A debt is paid by a proven change that says so; one whose change was never sent was never made. */
export async function settle(record: ActionRecord, shells: Shells, plan: Plan, proof: Proof, sent: Sent): Promise<void> {
  const by = { who: record.who, reason: null, at: 0 };
  const write = (debt: string, why: string): void => void record.write('debt-settled', { env: plan.env, detail: { debt, why } }, plan);
  // A person who says that it happened, or does not know, saw no results either: only a failure without any was never made.
  if (sent.results.length === 0 && proof.kind === 'failed') {
    if (plan.debt !== null) write(plan.id, proof.summary);
    await signFor(shells, plan, 'all', by);
  } else if (proof.kind === 'ok') {
    for (const debt of plan.settles) write(debt, proof.summary);
    await signFor(shells, plan, 'remove', by);
  }
}

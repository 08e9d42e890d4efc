import type { Proof, Sent } from './driver.ts';
import type { ActionOutcome } from './plan.ts';

/** Begins what is said of a change that was called off while its command ran. */
export const cancelledWords = 'cancelled: ';

/**
 * Whether a change left something to take back, whatever its proof lacks: what the driver saw; else commands that all ended well did
 * something, though it was not enough. A command that failed, and one whose end nobody saw, show nothing.
 */
export function changedBy(proof: Proof, sent: Sent): boolean {
  if (proof.kind === 'ok') return true;
  if (proof.changed !== undefined) return proof.changed;
  return proof.kind === 'failed' && sent.results.length > 0 && sent.results.every((result) => result.end === 'exit' && result.exit === 0);
}

/** The outcome of a change whose commands were sent. */
export function outcomeOf(
  { kind }: Proof,
  changed: boolean,
  summary: string,
  evidence: readonly string[],
): Exclude<ActionOutcome, { kind: 'refused' }> {
  return kind === 'ok' || !changed ? { kind, summary, evidence } : { kind, summary, evidence, changed };
}

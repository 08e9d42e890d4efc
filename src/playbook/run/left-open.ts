import type { RunEvent } from './events.ts';
import type { Sent } from './hands.ts';
import type { Run } from './run.ts';

type Intent = Extract<RunEvent, { event: 'intent' }>;

/** Said of a change that was about to be sent and was not. */
export const neverBegan = 'it never began';

/** Whether a change that ended so may have left something. */
export function mayHaveHappened(sent: Pick<Sent, 'outcome' | 'changed'>): boolean {
  // What a failure changed all the same is owed as if it had gone well.
  return sent.changed === true || sent.outcome === 'ok' || sent.outcome === 'unknown' || sent.outcome === 'timeout';
}

/**
 * Changes whose end nobody wrote and whose step the walk did not come back to, because the run was called off before it: what each left is
 * to be taken back and owed as any other's. Nothing is sent.
 */
export async function closeInterrupted(run: Run): Promise<void> {
  for (const intent of run.memory.allInterrupted()) {
    const sent = await whatBecameOf(run, intent);
    const { key, undo, hostId, owes } = intent;
    const title = run.mask(intent.commands.join('; '));
    if (sent !== null && mayHaveHappened(sent)) {
      if (undo !== null) run.event({ event: 'undo-push', key, title, undo });
      if (owes !== null) run.event({ event: 'debt-open', key, what: title, hostId, leave: owes.leave });
    }
    const [summary, outcome] = sent === null ? [neverBegan, 'cancelled' as const] : [run.mask(sent.summary), sent.outcome];
    const at = run.parts.hands.now();
    const evidence = sent === null ? [] : sent.evidence.map((line) => run.mask(line));
    run.event({ event: 'outcome', key, outcome, summary, evidence, saved: null, startedAt: at, endedAt: at });
    run.progress.end(key, outcome, at, summary, evidence);
  }
}

/** `null` when it never began. */
export async function whatBecameOf(run: Run, { actionId }: Pick<Intent, 'actionId'>): Promise<Sent | null> {
  const found = await run.parts.hands.recover(actionId);
  if (found === 'never-began') return null;
  if (found !== null && found !== 'ask') return found;
  const summary = found === null ? 'its host cannot be asked what became of it' : 'nothing shows what became of it';
  return { outcome: 'unknown', summary, evidence: [], facts: { out: '', err: '', exit: -1, failed: true }, away: found === null };
}

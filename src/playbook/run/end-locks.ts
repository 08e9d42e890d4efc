import type { Memory } from './memory.ts';
import type { Run } from './run.ts';

/** An open run that has sent a change keeps its locks: in its middle nobody else is to act. One that only looked is in nobody's way. */
export function endLocks(run: Run): Promise<void> {
  const { memory } = run;
  const { hands } = run.parts;
  return memory.closed !== null || !memory.acted ? hands.release() : hands.leave(run.mask(openWords(memory)));
}

/** What a run leaves open, for who meets its locks. */
function openWords(memory: Memory): string {
  const owed = memory.debts().map((debt) => debt.what);
  if (owed.length > 0) return `owes: ${owed.join('; ')}`;
  const unseen = memory.allInterrupted().map(({ commands }) => commands.join('; '));
  return unseen.length > 0 ? `nobody saw the end of: ${unseen.join('; ')}` : 'in the middle';
}

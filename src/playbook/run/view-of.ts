import type { Run } from './run.ts';
import type { RunPhase, RunView } from './run-view.ts';

/** A run as the screens draw it, without its secrets. */
export function viewOf(run: Run, phase: RunPhase): RunView {
  const { parts, memory, progress } = run;
  return {
    id: parts.id,
    playbook: parts.playbook.id,
    title: parts.playbook.title,
    level: run.level,
    operator: memory.operator,
    startedAt: memory.startedAt,
    phase,
    inputs: Object.fromEntries(Object.entries(parts.inputs).map(([name, value]) => [name, run.mask(wordsOf(value))])),
    steps: progress.steps(),
    current: progress.current,
    question: run.asking.question,
    debts: memory.debts().map((debt) => ({
      id: debt.key,
      kind: 'step',
      hostId: debt.hostId,
      what: debt.what,
      pool: null,
      who: debt.who,
      reason: debt.leave,
      since: debt.since,
      remindAt: null,
    })),
  };
}

function wordsOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
}

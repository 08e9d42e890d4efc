import { lockedThing } from '../../actions/lock-name.ts';
import type { Memory } from './memory.ts';
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
    debts: debtsIn(memory),
    lockedBy: run.lockedBy,
    locked: lockedIn(memory),
  };
}

/** A run that nobody walks any more, from what the journal holds of it. */
export function viewOfKept(id: string, memory: Memory, title: string): RunView | null {
  const { open, closed } = memory;
  if (open === null || closed === null) return null;
  return {
    id,
    playbook: open.playbook,
    title,
    level: open.level,
    operator: memory.operator,
    startedAt: memory.startedAt,
    phase: { phase: 'closed', ...closed },
    inputs: Object.fromEntries(Object.entries(open.inputs).map(([name, value]) => [name, wordsOf(value)])),
    steps: [],
    current: null,
    question: null,
    debts: debtsIn(memory),
    lockedBy: null,
    locked: [],
  };
}

/** What stays locked for as long as a run is open, once it has sent a change. */
export function lockedIn(memory: Memory): readonly string[] {
  return memory.acted && memory.closed === null ? [...new Set((memory.locks?.locks ?? []).map(lockedThing))] : [];
}

function debtsIn(memory: Memory): RunView['debts'] {
  return memory.debts().map((debt) => ({
    id: debt.key,
    kind: 'step',
    hostId: debt.hostId,
    what: debt.what,
    pool: null,
    who: debt.who,
    reason: debt.leave,
    since: debt.since,
    remindAt: null,
  }));
}

function wordsOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
}

import { RunRefused } from '../playbook/runs.ts';
import type { GlobalOptions } from './global-options.ts';
import { deskOf, leftRun, onFleet } from './playbook-desk.ts';
import { refused } from './refused.ts';
import { exitCode } from './usage-error.ts';

/** Gives up a run whose console has ended: `id`, or the only one. Exit 0 closed, 5 refused. */
export async function closePlaybookRun(id: string | null, reason: string, options: GlobalOptions): Promise<number> {
  if (options.readOnly) return refused('started with --read-only: no run is given up');
  if (reason.trim() === '') return refused('giving a run up needs a reason: add --reason TEXT');
  return onFleet(options, async (session, executor, notices) => {
    const desk = deskOf(session, executor, notices);
    const kept = leftRun(desk, id);
    try {
      const { message, kept: locks } = await desk.giveUp(kept.id, reason);
      process.stderr.write(`${session.mask(`${kept.id}: aborted: ${message}`)}\n`);
      if (locks !== null) process.stderr.write(`${session.mask(locks)}\n`);
      for (const { what } of kept.memory.debts()) process.stderr.write(`OPEN: ${session.mask(what)}\n`);
      return exitCode.ok;
    } catch (error) {
      if (error instanceof RunRefused) return refused(error.message);
      throw error;
    }
  });
}

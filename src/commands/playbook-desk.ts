import type { OwingExecutor } from '../actions/owing-executor.ts';
import { PlaybookDesk } from '../playbook/desk.ts';
import type { KeptRun } from '../playbook/runs.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Notices } from './notices.ts';
import { operator } from './operator.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Opens the fleet for a command that walks, takes up or closes a run. */
export function onFleet(
  options: GlobalOptions,
  work: (session: Session, executor: OwingExecutor, notices: Notices) => Promise<number>,
): Promise<number> {
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    (session, executor, notices) => {
      if (notices === null) throw new Error('a run that is no dry run tells');
      return work(session, executor, notices);
    },
  );
}

/** The desk of the runs on the command line: what a run tells people stands on standard error too. */
export function deskOf(session: Session, executor: OwingExecutor, { journal, forRuns }: Notices): PlaybookDesk {
  const say = (text: string): void => void process.stderr.write(`${session.mask(text)}\n`);
  return new PlaybookDesk({
    world: session.live,
    executor,
    journal,
    who: operator(),
    redact: session.mask,
    onRun: forRuns.onRun,
    onGivenUp: forRuns.onGivenUp,
    onTell: (run, text, to) => {
      say(`tell ${to ?? 'the team'}: ${text}`);
      forRuns.onTell(run, text, to);
    },
    onNudge: (run, text) => {
      say(text);
      forRuns.onNudge(run, text);
    },
    typedNames: session.demo !== null,
  });
}

/** A run that an earlier console left: `id`, or the only one. @throws UsageError */
export function leftRun(desk: PlaybookDesk, id: string | null): KeptRun {
  const open = desk.unfinished();
  const kept = id === null ? (open.length === 1 ? (open[0] ?? null) : null) : desk.kept(id);
  if (kept !== null) return kept;
  const known = open.map((run) => `${run.id} (${run.title}, ${run.operator})`).join(', ');
  const none = id === null ? 'no run is left open' : `no run ${JSON.stringify(id)} is left open`;
  throw new UsageError(known === '' ? none : id === null ? `say which: ${known}` : `${none}: there are ${known}`);
}

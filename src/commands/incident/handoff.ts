import { handoffMarkdown } from '../../journal/report/handoff.ts';
import { saveReport } from '../../journal/report/save-report.ts';
import { type RoutinePeriod, routineEntry } from '../../journal/routines.ts';
import type { GlobalOptions } from '../global-options.ts';
import { openStateDir } from '../open-state-dir.ts';
import { exitCode, UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { handoffFrom, routinesNow } from './make-report.ts';
import { type OpenDesk, withDesk } from './open-desk.ts';

const hourMs = 3_600_000;
/** Prints what the next shift must know. */
export function incidentHandoff(options: GlobalOptions, how: { since: string | null; json: boolean; out: string | null }): Promise<number> {
  return withDesk(options, (open) => {
    const now = Date.now();
    const from = eventTime(how.since, '--since', now) ?? now - 8 * hourMs;
    if (from >= now) throw new UsageError('--since must lie in the past');
    const { desk, mask } = open;
    const handoff = handoffFrom({ ...open, dir: openStateDir(options) }, desk.all(), from, now);
    const text = mask(how.json ? `${JSON.stringify(handoff)}\n` : handoffMarkdown(handoff));
    if (how.out === null) process.stdout.write(text);
    else saveReport(how.out, text);
    return exitCode.ok;
  });
}

/** Without a text lists the regular duties; with one ticks it off. */
export function incidentRoutine(
  options: GlobalOptions,
  text: string | null,
  how: { state: 'done' | 'skipped' | 'undone'; note: string | null; json: boolean },
): Promise<number> {
  return withDesk(options, (open) => {
    const { fleet, journal, who } = open;
    if (text !== null) {
      if (how.state === 'skipped' && how.note === null) throw new UsageError('--skip needs --note: why is it left?');
      const { period, routine } = named(open, text);
      journal.append(routineEntry({ fleet: fleet.name, who, period, text: routine, state: how.state, note: how.note }));
    }
    for (const routine of routinesNow(open, Date.now())) {
      const last =
        routine.done === null
          ? 'never'
          : `${new Date(routine.done.at).toISOString().slice(0, 16)}Z ${routine.done.who} ${routine.done.state}`;
      process.stdout.write(
        how.json
          ? `${JSON.stringify(routine)}\n`
          : `[${routine.due ? ' ' : 'x'}] ${routine.period.padEnd(6)}  ${routine.text}  (${last})\n`,
      );
    }
    return exitCode.ok;
  });
}

/** The duty that a text names: whole, or the only one that it begins. */
function named({ fleet }: OpenDesk, text: string): { readonly period: RoutinePeriod; readonly routine: string } {
  const all = [
    ...fleet.routines.daily.map((routine) => ({ period: 'daily', routine }) as const),
    ...fleet.routines.weekly.map((routine) => ({ period: 'weekly', routine }) as const),
  ];
  const wanted = text.trim().toLowerCase();
  const whole = all.find(({ routine }) => routine.toLowerCase() === wanted);
  const [only, second] = all.filter(({ routine }) => routine.toLowerCase().startsWith(wanted));
  const found = whole ?? (second === undefined ? only : undefined);
  if (found !== undefined) return found;
  const known = all.map(({ routine }) => routine).join(', ') || 'none';
  throw new UsageError(`no routine of the fleet file is ${JSON.stringify(text)}; there are: ${known}`);
}

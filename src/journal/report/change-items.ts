import type { Entry } from '../entry.ts';
import { listAt, textAt } from './detail.ts';
import { runsIn } from './run-items.ts';
import { proof, type TimelineItem } from './timeline-item.ts';

/** An intent and its outcome are one line; so is a run over many hosts. */
export function changeItems(entries: readonly Entry[]): TimelineItem[] {
  // The line of a run says why, once for all that it changes.
  const ofRuns = new Map(runsIn(entries).flatMap((run) => run.changes.map((change) => [change.actionId, run.reason] as const)));
  const outcomes = new Map(
    entries.flatMap((entry) => (entry.kind === 'outcome' && entry.actionId !== null ? [[entry.actionId, entry] as const] : [])),
  );
  const ends = new Map(
    entries.flatMap((entry) => (entry.kind === 'bulk-end' ? [[textAt(entry.detail, 'run') ?? '', entry] as const] : [])),
  );
  return entries.flatMap((entry) => {
    if (entry.kind !== 'intent' && entry.kind !== 'bulk') return [];
    const end = entry.kind === 'intent' ? outcomes.get(entry.actionId ?? '') : ends.get(textAt(entry.detail, 'run') ?? '');
    const title = textAt(entry.detail, 'title') ?? entry.command ?? 'a change';
    const word = end?.outcome ?? 'no outcome recorded';
    const summary = summaryOf(end);
    const given = textAt(entry.detail, 'reason');
    const reason = given === ofRuns.get(entry.actionId ?? '') ? null : given;
    return [
      {
        at: Date.parse(entry.at),
        endAt: end === undefined ? null : Date.parse(end.at),
        source: 'change',
        by: 'machine',
        who: entry.who,
        text: `${title}: ${word}${summary === null || summary === '' ? '' : `, ${summary}`}${reason === null ? '' : ` (reason: ${reason})`}`,
        command: commandOf(entry),
        outcome: word,
        hosts: hostsOf(entry),
        significant: true,
        late: false,
        evidence: proof(entry.seq),
      } satisfies TimelineItem,
    ];
  });
}

/** `exit 0` says no more than `ok` does. */
function summaryOf(end: Entry | undefined): string | null {
  const summary = end === undefined ? null : (textAt(end.detail, 'summary') ?? textAt(end.detail, 'why'));
  // What was owed then may be long settled: debts have a place of their own.
  return summary === 'exit 0' ? null : (summary?.replace(/; it is owed back$/, '') ?? null);
}

/** The command as a person would type it; of a script its first line, or the comment there that names it: the journal keeps the whole. */
function commandOf(entry: Entry): string | null {
  const bare = listAt(entry.detail, 'plan', 'commands').flatMap((one) =>
    textAt(one, 'purpose') === 'change' ? (textAt(one, 'bare') ?? []) : [],
  );
  const whole = bare.length === 0 ? (entry.command === null ? [] : [entry.command]) : bare;
  return whole.length === 0 ? null : whole.map(firstLine).join('; ');
}

function firstLine(command: string): string {
  const [first = '', ...rest] = command.split('\n');
  if (rest.length === 0) return command;
  return /^# (?:quarterdeck )?(.+)$/.exec(first)?.[1] ?? `${first} …`;
}

/** The hosts that an entry is about: those of its plan where it has one. */
export function hostsOf(entry: Entry): readonly string[] {
  const planned = listAt(entry.detail, 'plan', 'targets').flatMap((target) => textAt(target, 'name') ?? []);
  return planned.length > 0 ? planned : entry.targets.map((target) => target.split('/', 1)[0] ?? target);
}

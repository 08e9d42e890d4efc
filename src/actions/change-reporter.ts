import type { Entry, Journal } from '../journal/entry.ts';
import { heardJournal } from '../journal/heard-journal.ts';
import { incidentOn } from '../journal/incident/incident-on.ts';
import { breakLine, endDue, endLine } from '../notify/report-line.ts';
import { didWords } from './did-words.ts';
import type { Plan } from './plan.ts';
import { readPlan } from './read-back.ts';
import { bulkPlaceOf } from './record.ts';

export interface ChangeReporterParts {
  readonly journal: Journal;
  readonly fleet: string;
  /** Takes a line of the ops log; must not wait or throw. */
  readonly report: (line: string) => void;
}

interface Change {
  readonly plan: Plan;
  readonly outcome: string;
  readonly sent: boolean;
  /** It did something, whatever its proof lacks. */
  readonly changed: boolean;
  readonly reason: string | null;
  readonly who: string;
  readonly beganAt: number;
  readonly endedAt: number;
}

/** A journal that tells the ops log of every change outside runs whose outcome it is given and of every lock broken for one, one line each, one for a change on many hosts. */
export function reportingJournal({ journal, fleet, report }: ChangeReporterParts): Journal {
  /** Of changes on many hosts that are under way in this console. */
  const many = new Map<string, Change[]>();
  const tell = (changes: readonly Change[], result: string): void => {
    const line = lineOf(changes, result, journal, fleet);
    if (line !== null) report(line);
  };
  /** A run tells its own. */
  const tellBroken = ({ at, who, targets, detail: { brokeLockOf, reason, run } }: Entry): void => {
    if (typeof brokeLockOf !== 'string' || typeof run === 'string') return;
    report(
      breakLine({
        at: Date.parse(at),
        who,
        target: targets.join(' '),
        reason: typeof reason === 'string' ? reason : null,
        of: brokeLockOf,
      }),
    );
  };
  const hear = (entry: Entry): void => {
    const run = entry.detail['run'];
    if (entry.kind === 'bulk' && typeof run === 'string') {
      many.set(run, []);
    } else if (entry.kind === 'bulk-end' && typeof run === 'string') {
      const ended = many.get(run);
      many.delete(run);
      if (ended !== undefined) tell(ended, entry.outcome === 'done' ? 'ok' : (entry.outcome ?? 'unknown'));
    } else if (entry.kind === 'note' && entry.outcome === 'lock broken') {
      tellBroken(entry);
    } else if (entry.kind === 'outcome') {
      const [change, place] = changeOf(entry, journal) ?? [];
      if (change === undefined) return;
      const under = many.get(place ?? '');
      if (under === undefined) tell([change], change.outcome);
      else under.push(change);
    }
  };
  return heardJournal(journal, hear);
}

/** The change that an outcome ends, with the change on many hosts that it is part of; `null` for a step of a run, which tells its own. */
function changeOf(entry: Entry, journal: Journal): readonly [Change, string | null] | null {
  const intent = entry.actionId === null ? undefined : journal.ofAction(entry.actionId).findLast((each) => each.kind === 'intent');
  const plan = readPlan(intent?.detail['plan']);
  if (intent === undefined || plan === null || (intent.detail['step'] ?? null) !== null) return null;
  const { commands } = entry.detail;
  const { reason } = intent.detail;
  const change: Change = {
    plan,
    outcome: entry.outcome ?? 'unknown',
    sent: entry.outcome === 'ok' || !Array.isArray(commands) || commands.length > 0,
    changed: entry.outcome !== 'failed' || entry.detail['changed'] === true,
    reason: typeof reason === 'string' ? reason : null,
    who: entry.who,
    beganAt: Date.parse(intent.at),
    endedAt: Date.parse(entry.at),
  };
  return [change, bulkPlaceOf(intent)?.run ?? null];
}

function lineOf(changes: readonly Change[], result: string, journal: Journal, fleet: string): string | null {
  const done = changes.filter(({ sent, outcome }) => sent && outcome !== 'refused');
  const [first] = done;
  if (first === undefined) return null;
  const debts = done.flatMap(({ plan, changed }) => (!changed || plan.debt === null ? [] : [plan.debt.what]));
  const risk = done.some(({ plan }) => plan.risk === 'danger')
    ? 'danger'
    : done.some(({ plan }) => plan.risk === 'change')
      ? 'change'
      : 'safe';
  if (!endDue({ dry: false, risk, changed: true, mayTakeMs: 0, debts: debts.length })) return null;
  const hosts = [...new Set(done.flatMap(({ plan }) => plan.targets.map((target) => target.name)))];
  const endedAt = Math.max(...done.map((change) => change.endedAt));
  const beganAt = Math.min(...done.map((change) => change.beganAt));
  const bad = changes.length === 1 ? [] : done.filter(({ outcome }) => outcome !== 'ok');
  const about = {
    at: endedAt,
    who: first.who,
    name: first.plan.request.action,
    target: hosts.join(' '),
    did: [
      ...new Set(done.map(({ plan }) => `${plan.undoes === null ? '' : 'undo by '}${didWords(plan.request)}`)),
      ...bad.map(({ plan, outcome }) => `${plan.subject} ${outcome}`),
    ],
    reason: first.reason,
    incident: incidentOn(journal, fleet, hosts),
    debts,
  };
  return endLine(about, bad.length > 0 && result === 'ok' ? 'failed' : result, Math.max(0, endedAt - beganAt));
}

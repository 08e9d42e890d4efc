import { cancelledWords } from '../../actions/changed-by.ts';
import type { ActionOutcome } from '../../actions/plan.ts';
import { readPlan } from '../../actions/read-back.ts';
import type { Journal, JsonValue } from '../../journal/entry.ts';
import type { ExecResult } from '../../remote/connection.ts';
import { readRunEvent } from '../run/events.ts';
import type { Sent } from '../run/hands.ts';
import { keptLines } from '../run/kept-lines.ts';
import { commandFacts } from './live-probes.ts';

/** Exit of a command that ran out of time, its step's or its own (timeout(1)). */
const cutOff = 124;

/** A change that was refused at its sending. */
export function refusedSent(why: string, unsent: NonNullable<Sent['unsent']> = 'guard'): Sent {
  return { outcome: 'failed', summary: why, evidence: ['nothing was sent'], facts: commandFacts('', why, -1), unsent };
}

/** How a change ended for the step that sent it; `last`: its last command. */
export function sentOf(outcome: ActionOutcome, last: ExecResult | null): Sent {
  if (outcome.kind === 'refused') {
    const sent = refusedSent(outcome.refusal.message, outcome.refusal.guard === 'lock' ? 'lock' : 'guard');
    return outcome.refusal.guard === 'unreachable' ? { ...sent, outcome: 'unreachable' } : sent;
  }
  const facts = commandFacts(last?.stdout ?? '', last?.stderr ?? '', last?.exit ?? (outcome.kind === 'ok' ? 0 : -1));
  const said = last === null ? [] : keptLines(`${last.stdout}\n${last.stderr}`, 20);
  const late = outcome.kind === 'failed' && last?.exit === cutOff;
  const changed = outcome.kind === 'ok' || outcome.changed === true;
  const evidence = [...outcome.evidence, ...said];
  // Its host went, and may come back.
  const away = outcome.kind === 'unknown' && last?.end === 'lost';
  return { outcome: late ? 'timeout' : outcome.kind, summary: outcome.summary, evidence, facts, changed, ...(away ? { away } : {}) };
}

/** A command that was ended half-way may have done something, as one that ran out of time. */
export function cutShort(sent: Sent): Sent {
  return sent.outcome === 'failed' ? { ...sent, outcome: 'cancelled', changed: true } : sent;
}

function factsOf(command: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  if (typeof command !== 'object' || command === null || Array.isArray(command)) return commandFacts('', '', -1);
  const { stdout, stderr, exit } = Object.fromEntries(Object.entries(command));
  return commandFacts(
    typeof stdout === 'string' ? stdout : '',
    typeof stderr === 'string' ? stderr : '',
    typeof exit === 'number' ? exit : null,
  );
}

/** How a change of an earlier console ended by its journal; `null` when nobody wrote it. */
export function sentBefore(journal: Journal, actionId: string): Sent | 'never-began' | null {
  const entry = journal.ofAction(actionId).findLast((each) => each.kind === 'outcome');
  if (entry === undefined) return null;
  const { summary, commands } = entry.detail;
  const text = typeof summary === 'string' ? summary : '';
  const saidByPerson = text.includes('says so');
  // A guard said no before anything was sent.
  if (entry.outcome === 'refused') return 'never-began';
  if (Array.isArray(commands) && commands.length === 0 && entry.outcome !== 'ok' && !saidByPerson) return 'never-began';
  const facts = factsOf(Array.isArray(commands) ? commands.at(-1) : undefined);
  // What was cut off may have done something, whichever console saw its end.
  const failed = facts['exit'] === cutOff && !saidByPerson ? 'timeout' : 'failed';
  const outcome = entry.outcome === 'ok' ? 'ok' : entry.outcome === 'failed' ? failed : 'unknown';
  const changed = outcome === 'ok' || entry.detail['changed'] === true;
  const sent: Sent = { outcome, summary: text, evidence: [], facts, changed, saidByPerson };
  const intent = journal.ofAction(actionId).find((each) => each.kind === 'intent');
  const isCommand = readPlan(intent?.detail['plan'])?.request.action === 'command';
  return isCommand && text.startsWith(cancelledWords) ? cutShort(sent) : sent;
}

/** Whether an earlier try of a step of a run changed something. */
export function changedBefore(journal: Journal, run: string, key: string): boolean {
  const tried = journal.ofAction(run).flatMap((entry) => {
    const event = readRunEvent(entry)?.event;
    return event?.event === 'intent' && event.key === key ? [event.actionId] : [];
  });
  return tried.some((actionId) => {
    const sent = sentBefore(journal, actionId);
    return sent !== null && sent !== 'never-began' && sent.changed === true;
  });
}

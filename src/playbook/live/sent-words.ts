import type { ActionOutcome } from '../../actions/plan.ts';
import { secretVariables } from '../../actions/secret-words.ts';
import type { JsonValue } from '../../journal/entry.ts';
import type { ExecResult } from '../../remote/connection.ts';
import type { Sent } from '../run/hands.ts';
import { commandFacts } from './live-probes.ts';

/** A secret that a command of an earlier console needs and this one does not know; `null` when none is missing. */
export function missingSecret(command: string, known: Readonly<Record<string, string>>): string | null {
  return secretVariables(command).find((name) => known[name] === undefined) ?? null;
}

export function refusedSent(why: string): Sent {
  return { outcome: 'failed', summary: why, evidence: ['nothing was sent'], facts: commandFacts('', why, -1) };
}

export function sentOf(outcome: ActionOutcome, last: ExecResult | null): Sent {
  if (outcome.kind === 'refused') {
    const sent = refusedSent(outcome.refusal.message);
    return outcome.refusal.guard === 'unreachable' ? { ...sent, outcome: 'unreachable' } : sent;
  }
  const facts = commandFacts(last?.stdout ?? '', last?.stderr ?? '', last?.exit ?? (outcome.kind === 'ok' ? 0 : -1));
  const said = last === null ? [] : [last.stdout, last.stderr].flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''));
  const late = outcome.kind === 'failed' && last?.exit === 124;
  return { outcome: late ? 'timeout' : outcome.kind, summary: outcome.summary, evidence: [...outcome.evidence, ...said.slice(-20)], facts };
}

export function factsOf(command: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  if (typeof command !== 'object' || command === null || Array.isArray(command)) return commandFacts('', '', -1);
  const { stdout, stderr, exit } = Object.fromEntries(Object.entries(command));
  return commandFacts(
    typeof stdout === 'string' ? stdout : '',
    typeof stderr === 'string' ? stderr : '',
    typeof exit === 'number' ? exit : null,
  );
}

import type { JsonValue } from '../../journal/entry.ts';
import { parseDuration } from '../../config/schema/values.ts';
import { unknown } from '../expression.ts';
import type { OnFail, Outcome, Step } from '../playbook.ts';
import { ItemFailed, Stop, UndoAsked } from './control.ts';
import type { Sent } from './hands.ts';
import { type Frame, scopeOf } from './frame.ts';
import { hidden } from './hidden.ts';
import type { Question } from './question.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';

/** How one try of a step ended. `either`: a dry run cannot tell. */
export interface Tried {
  readonly outcome: Outcome | 'either';
  readonly summary: string;
  readonly evidence: readonly string[];
  /** Facts for `save`; `null` when there are none. */
  readonly facts: JsonValue;
  readonly unsent?: Sent['unsent'];
}

const nothingSaved: JsonValue = null;

/** Runs a step until it is well, left, or ends the run: what the journal knows is not done again; failures go where the file says. */
export async function leaf(run: Run, frame: Frame, step: Step, attempt: (tries: number) => Promise<Tried>): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  let known = run.memory.outcomes.get(key) ?? null;
  // A console that takes the step up goes on counting where the one before was.
  for (let tries = run.memory.tries(key) - (known === null ? 0 : 1); ; tries += 1, known = null) {
    const startedAt = known?.startedAt ?? now();
    run.progress.begin(key, hostOf(frame, step), startedAt);
    if (known === null && run.memory.interrupted(key) === null) run.fresh();
    const tried: Tried = known === null ? told(run, step, await attempt(tries)) : { ...known, facts: known.saved };
    // A look that was cut short found nothing; a change that was sent has its end, whoever called the run off meanwhile.
    const changed = step.verb === 'run' || step.verb === 'do';
    if (known === null && !changed) run.check();
    save(frame, step, tried, known !== null);
    const summary = run.mask(tried.summary);
    const evidence = step.secretOutput || step.evidence === 'none' ? [] : tried.evidence.map((line) => run.mask(line));
    if (tried.outcome === 'either') return run.progress.end(key, 'either', now(), summary, evidence);
    if (known === null) {
      const saved = step.save === null || step.secretOutput ? nothingSaved : run.maskedJson(tried.facts);
      run.event({ event: 'outcome', key, outcome: tried.outcome, summary, evidence: [...evidence], saved, startedAt, endedAt: now() });
    }
    run.progress.end(key, tried.outcome, known?.endedAt ?? now(), summary, evidence);
    run.check();
    if (isWell(tried.outcome)) return;
    const again = await afterFailure(run, frame, step, { ...tried, summary, evidence }, tries);
    if (!again) return;
  }
}

/** Only a dry run may leave open what cannot be told; and of an output that is secret not even the last line is shown. */
function told(run: Run, step: Step, tried: Tried): Tried {
  const outcome = tried.outcome === 'either' && run.level !== 'check' ? 'unknown' : tried.outcome;
  // An action brings the proofs that its own driver wants; a person's word is their own.
  const speaks = step.verb === 'check' || step.verb === 'wait' || step.verb === 'run';
  if (speaks && step.evidence === 'required' && outcome === 'ok' && !saidSomething(tried))
    return { ...tried, outcome: 'failed', summary: `nothing was said that could be kept as evidence (${tried.summary})` };
  return { ...tried, outcome, summary: step.secretOutput && tried.facts !== null ? 'what it said is secret' : tried.summary };
}

/** `exit 0` is no evidence: that is what every command says. */
function saidSomething({ evidence, facts }: Tried): boolean {
  if (typeof facts !== 'object' || facts === null || !('exit' in facts)) return evidence.length > 0;
  return [facts['out'], facts['err']].some((text) => typeof text === 'string' && text.trim() !== '');
}

export function isWell(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'already' || outcome === 'skipped';
}

/** The host a step names, filled in; `null` when it names none. */
export function hostOf(frame: Frame, step: Step): string | null {
  return step.host === null ? null : fill(step.host, scopeOf(frame)).text;
}

/** The name in the host of a step that a dry run does not know; `null` when it is known, or there is no host. */
export function openHost(frame: Frame, step: Step): string | null {
  return step.host === null ? null : (fill(step.host, scopeOf(frame)).open[0] ?? null);
}

/** What a step that was not run, or could not be told, leaves: a name whose value is unknown. */
function save(frame: Frame, step: Step, tried: Tried, kept: boolean): void {
  if (step.save === null) return;
  const open = tried.outcome === 'either' || tried.outcome === 'skipped' || tried.facts === null;
  frame.names.set(step.save, open ? unknown : kept ? withoutHidden(withUnseen(tried)) : withUnseen(tried));
}

/** What was kept without a secret in it is not what was said: a console that takes the run up does not know it. */
function withoutHidden(value: unknown): unknown {
  if (typeof value === 'string') return value.includes(hidden) ? unknown : value;
  if (Array.isArray(value)) return value.map(withoutHidden);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutHidden(each)]));
}

const answers = ['status', 'body', 'ms', 'open', 'state', 'health', 'healthy', 'total', 'node_state', 'value', 'firing', 'addresses'];

/** Who could not be asked has failed to answer, and what it would have said is unknown, not missing. */
function withUnseen({ outcome, facts }: Tried): unknown {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return facts;
  // A question that could not be put at all ends as no command does.
  const unput = 'exit' in facts && facts.exit === -1;
  if (outcome !== 'unreachable' && outcome !== 'timeout' && outcome !== 'unknown' && !unput) return facts;
  return { ...Object.fromEntries(answers.map((name) => [name, unknown])), ...facts };
}

/** True when the step is to be tried again. */
export async function afterFailure(
  run: Run,
  frame: Frame,
  step: Step,
  failure: Tried,
  tries: number,
  repeatable = isRepeatable(step),
): Promise<boolean> {
  const { retry } = step;
  const look = step.verb === 'check' || step.verb === 'wait';
  // What may have happened is done again by itself only where the file says that this is safe.
  const known = failure.outcome !== 'unknown' && failure.outcome !== 'timeout';
  if (retry !== null && tries < retry.times && run.level !== 'check' && (look || known || step.rerun === 'safe')) {
    const wait = retry.wait === null ? 1000 : run.parts.hands.level === 'simulate' ? 0 : msOf(retry.wait, frame);
    await run.parts.hands.sleep(wait * retry.backoff ** tries, run.signal);
    run.check();
    return true;
  }
  const handler = failure.outcome === 'unreachable' ? (step.onUnreachable ?? step.onFail) : step.onFail;
  if (run.level === 'check' && handler?.kind !== 'continue' && handler?.kind !== 'steps')
    run.parts.concern?.({ key: frame.prefix + step.address, what: failure.summary, sure: frame.unsure !== true });
  return handle(run, frame, step, handler ?? { kind: 'ask' }, failure, repeatable);
}

async function handle(run: Run, frame: Frame, step: Step, handler: OnFail, failure: Tried, repeatable: boolean): Promise<boolean> {
  const key = frame.prefix + step.address;
  switch (handler.kind) {
    case 'continue':
      return false;
    case 'undo':
      throw new UndoAsked(failure.summary, 'file');
    case 'stop':
      throw new Stop(
        handler.result,
        handler.message === null ? `${step.address}: ${failure.summary}` : fill(handler.message, scopeOf(frame)).text,
      );
    case 'steps':
      run.progress.reach(key, handler.steps, frame.prefix);
      await run.walk(frame, handler.steps);
      return false;
    case 'ask':
      return askWhatNow(run, frame, step, failure, repeatable);
    default:
      return handler satisfies never;
  }
}

/** A change is offered again only where its file says that this is safe, or that a person may say so; a look always is. */
function isRepeatable(step: Step): boolean {
  return step.verb === 'check' || step.verb === 'wait' || step.rerun !== 'never';
}

async function askWhatNow(run: Run, frame: Frame, step: Step, failure: Tried, mayRepeat: boolean): Promise<boolean> {
  const key = frame.prefix + step.address;
  if (run.level === 'check') return false;
  const inLoop = frame.prefix.includes('#');
  const outcome = failure.outcome === 'either' ? 'unknown' : failure.outcome;
  const itemFailed = (): ItemFailed => new ItemFailed(outcome, failure.summary, key, repeatable);
  // What was never sent can be sent for the first time.
  const repeatable = mayRepeat || failure.unsent !== undefined;
  const may = [
    ...(repeatable ? (['retry'] as const) : []),
    ...(failure.unsent === 'lock' ? (['break'] as const) : []),
    ...(['skip', 'undo', 'stop'] as const),
  ];
  const title = run.progress.steps().find((each) => each.address === key)?.title ?? step.address;
  const known = run.memory.answer(`${key}?`);
  const question: Question = { kind: 'failed', address: key, title, outcome, summary: failure.summary, evidence: failure.evidence, may };
  // Without anybody the step's own words are the end of it, not that nobody was asked.
  if (!run.parts.person.attended && (run.parts.person.prepared?.(question) ?? null) === null)
    throw inLoop ? itemFailed() : new Stop('failed', `${step.address}: ${failure.summary}`);
  const answer = await run.ask(`${key}?`, question, { remember: known !== null });
  switch (answer.kind) {
    case 'break':
      run.breaking.set(key, answer.reason);
      run.event({ event: 'again', keys: [key] });
      return true;
    case 'retry':
      if (step.verb !== 'each') run.event({ event: 'again', keys: [key] });
      return true;
    case 'skip':
      if (inLoop) throw itemFailed();
      run.progress.end(key, 'skipped', run.parts.hands.now(), `${answer.reason} (${failure.summary})`, failure.evidence);
      return false;
    case 'undo':
      throw new UndoAsked(failure.summary, run.parts.person.attended ? 'person' : 'beforehand');
    default:
      throw new Stop('failed', `${step.address}: ${failure.summary}`, run.parts.person.attended);
  }
}

function msOf(duration: string, frame: Frame): number {
  return durationMs(fill(duration, scopeOf(frame)).text);
}

/** @throws Stop when the text is no duration. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Stop('failed', `${JSON.stringify(text)} is no duration such as 30s`);
  return ms;
}

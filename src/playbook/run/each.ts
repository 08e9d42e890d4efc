import { evaluate, plain, unknown } from '../expression.ts';
import type { Step } from '../playbook.ts';
import { ItemFailed, Stop } from './control.ts';
import { mayBe } from './either.ts';
import { type Frame, inner, scopeOf } from './frame.ts';
import { afterFailure, durationMs } from './leaf.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';

type EachStep = Extract<Step, { verb: 'each' }>;
type Failed = ReadonlyMap<string, ItemFailed>;

/**
 * The same steps for every item, in batches. Failed and unreachable items are counted over the whole run and end the loop at
 * `stop_after` (default 1), because a threshold a batch starts anew would let a bad change through everything (ansible/proposals#133).
 * A loop with any of them has failed itself, and goes where its file says; without a word there, a person decides.
 */
export async function each(run: Run, frame: Frame, step: EachStep): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  run.progress.begin(key, null, now());
  const items = itemsOf(frame, step.in);
  if (items === unknown) {
    // Only a dry run shows what it would do to one of them; a real one goes no further without knowing whom it means.
    if (run.level !== 'check') throw new Stop('failed', `${step.in} is not known, and a loop never guesses whom it means`);
    const inside: Frame = { ...inner(frame, `${key}#‹${step.variable}›/`), names: new Map([...frame.names, [step.variable, unknown]]) };
    run.progress.reach(key, step.steps, inside.prefix);
    await mayBe(run, inside, key, (one) => run.walk(one, step.steps));
    return run.progress.end(key, 'either', now(), `${step.in} is not known`);
  }
  if (items.length === 0) throw new Stop('failed', `${step.in} is empty: an empty set is an error, never "all"`);
  const done = new Set<string>();
  for (let tries = run.memory.tries(key); ; tries += 1) {
    const startedAt = now();
    const failed = await round(run, frame, step, key, items, done);
    const summary = [...wordsOf(items, failed, done)].join('; ');
    const outcome = failed.size === 0 ? 'ok' : 'failed';
    if (run.memory.outcomes.get(key)?.outcome !== outcome)
      run.event({ event: 'outcome', key, outcome, summary: run.mask(summary), evidence: [], saved: null, startedAt, endedAt: now() });
    run.progress.end(key, outcome, now(), failed.size === 0 ? null : run.mask(summary));
    if (failed.size === 0) return;
    // Only an item whose failed step may be tried again is; what it did before that step is not done twice.
    const repeatable = [...failed.values()].filter((failure) => failure.repeatable);
    const again = await afterFailure(run, frame, step, { outcome, summary, evidence: [], facts: null }, tries, repeatable.length > 0);
    if (!again) return;
    run.event({ event: 'again', keys: [key, ...repeatable.map((failure) => failure.key)] });
    run.progress.begin(key, null, now());
  }
}

/** Walks every item that is not done, until the failures reach their limit. */
async function round(run: Run, frame: Frame, step: EachStep, key: string, items: readonly string[], done: Set<string>): Promise<Failed> {
  const stopAfter = Math.max(1, countOf(run, step.stopAfter ?? 1, items.length, frame));
  const failed = new Map<string, ItemFailed>();
  for (const [index, batch] of batchesOf(run, items, step.batches, frame).entries()) {
    const open = batch.filter((item) => !done.has(item));
    if (index > 0 && open.length > 0) await between(run, frame, step, key, index, open);
    for (const item of open) {
      const inside: Frame = { ...inner(frame, `${key}#${item}/`), names: new Map([...frame.names, [step.variable, item]]) };
      run.progress.reach(key, step.steps, inside.prefix);
      try {
        await run.walk(inside, step.steps);
        done.add(item);
      } catch (error) {
        if (!(error instanceof ItemFailed)) throw error;
        failed.set(item, error);
        run.progress.note(run.mask(`${item}: ${error.message}`));
        if (failed.size >= stopAfter) return failed;
      }
    }
  }
  return failed;
}

function* wordsOf(items: readonly string[], failed: Failed, done: ReadonlySet<string>): Generator<string> {
  if (failed.size === 0) return yield `${items.length} done`;
  const named = [...failed].map(([item, { outcome, message }]) => `${item} (${outcome === 'failed' ? message : `${outcome}: ${message}`})`);
  yield `${failed.size} of ${items.length} failed: ${named.join(', ')}`;
  const open = items.filter((item) => !failed.has(item) && !done.has(item));
  if (open.length > 0) yield `not begun: ${open.join(', ')}`;
}

async function between(run: Run, frame: Frame, step: EachStep, key: string, index: number, batch: readonly string[]): Promise<void> {
  // A console that takes the run up does not wait again before what had begun.
  const begun = batch.some((item) => run.memory.hasBegun(`${key}#${item}/`));
  if (step.pause !== null && run.level !== 'check' && !begun) {
    run.fresh();
    await run.parts.hands.sleep(durationMs(fill(step.pause, scopeOf(frame)).text), run.signal);
  }
  const confirm = step.confirm === 'each-batch' || (step.confirm === 'after-first' && index === 1);
  if (!confirm || run.level === 'check') return;
  const text = `Go on with ${batch.join(', ')}?`;
  const answer = await run.ask(`${key}#batch${index}`, { kind: 'batch', address: key, text }, { remember: true });
  if (answer.kind !== 'go') throw new Stop('failed', `ended before ${batch.join(', ')}`);
}

/** `[1, "25%"]`: sizes in order, the last one again and again; a share is of all items, at least one. */
function batchesOf(run: Run, items: readonly string[], sizes: readonly (number | string)[], frame: Frame): string[][] {
  const batches: string[][] = [];
  for (let at = 0, index = 0; at < items.length; index += 1) {
    const size = Math.max(1, countOf(run, sizes[Math.min(index, sizes.length - 1)] ?? 1, items.length, frame));
    batches.push(items.slice(at, at + size));
    at += size;
  }
  return batches;
}

function countOf(run: Run, given: number | string, all: number, frame: Frame): number {
  if (typeof given === 'number') return given;
  const { text, open } = fill(given, scopeOf(frame));
  if (open.length > 0 && run.level === 'check') return all;
  const [, share] = /^(\d+)%$/.exec(text) ?? [];
  if (share !== undefined) return Math.ceil((Number(share) * all) / 100);
  const count = Number(text);
  if (!Number.isInteger(count)) throw new Stop('failed', `${JSON.stringify(text)} is neither a number nor a share such as 25%`);
  return count;
}

/** The items of a loop: a list of names, or one name. */
function itemsOf(frame: Frame, expression: string): readonly string[] | typeof unknown {
  const truth = evaluate(expression, scopeOf(frame));
  if (truth.kind === 'wrong') throw new Stop('failed', `${expression}: ${truth.why}`);
  if (truth.kind === 'unknown') return unknown;
  const value = plain(truth.value);
  return (Array.isArray(value) ? value : [value]).map(String);
}

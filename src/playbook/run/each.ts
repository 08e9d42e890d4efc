import { evaluate, plain, unknown } from '../expression.ts';
import type { Step } from '../playbook.ts';
import { ItemFailed, Stop } from './control.ts';
import { type Frame, inner, scopeOf } from './frame.ts';
import type { Run } from './run.ts';
import { parseDuration } from '../../config/schema/values.ts';
import { fill } from '../template.ts';

/**
 * The same steps for every item, in batches. Failed and unreachable items are counted over the whole run and end the loop at
 * `stop_after` (default 1), because a threshold a batch starts anew would let a bad change through everything (ansible/proposals#133).
 */
export async function each(run: Run, frame: Frame, step: Extract<Step, { verb: 'each' }>): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  run.progress.begin(key, null, now());
  const items = itemsOf(frame, step.in);
  if (items === unknown) return run.progress.end(key, 'either', now(), `${step.in} is not known`);
  if (items.length === 0) throw new Stop('failed', `${step.in} is empty: an empty set is an error, never "all"`);
  const stopAfter = countOf(step.stopAfter ?? 1, items.length, frame);
  let failed = 0;
  for (const [index, batch] of batchesOf(items, step.batches, frame).entries()) {
    if (index > 0) await between(run, frame, step, key, index, batch);
    for (const item of batch) {
      const inside: Frame = { ...inner(frame, `${key}#${item}/`), names: new Map([...frame.names, [step.variable, item]]) };
      run.progress.reach(key, step.steps, inside.prefix);
      try {
        await run.walk(inside, step.steps);
      } catch (error) {
        if (!(error instanceof ItemFailed)) throw error;
        failed += 1;
        run.progress.note(`${item}: ${error.message}`);
        if (failed >= Math.max(1, stopAfter))
          throw new Stop('failed', `${failed} of ${items.length} failed, the last ${item}: ${error.message}`);
      }
    }
  }
  run.progress.end(key, failed === 0 ? 'ok' : 'failed', now(), failed === 0 ? null : `${failed} of ${items.length} failed`);
}

async function between(
  run: Run,
  frame: Frame,
  step: Extract<Step, { verb: 'each' }>,
  key: string,
  index: number,
  batch: readonly string[],
): Promise<void> {
  const pause = step.pause === null ? 0 : (parseDuration(fill(step.pause, scopeOf(frame)).text) ?? 0);
  if (pause > 0 && run.level !== 'check') await run.parts.hands.sleep(pause, run.signal);
  const confirm = step.confirm === 'each-batch' || (step.confirm === 'after-first' && index === 1);
  if (!confirm || run.level === 'check') return;
  const text = `Go on with ${batch.join(', ')}?`;
  const answer = await run.ask(`${key}#batch${index}`, { kind: 'batch', address: key, text }, { remember: true });
  if (answer.kind !== 'go') throw new Stop('failed', `ended before ${batch.join(', ')}`);
}

/** `[1, "25%"]`: sizes in order, the last one again and again; a share is of all items, at least one. */
function batchesOf(items: readonly string[], sizes: readonly (number | string)[], frame: Frame): string[][] {
  const batches: string[][] = [];
  for (let at = 0, index = 0; at < items.length; index += 1) {
    const size = Math.max(1, countOf(sizes[Math.min(index, sizes.length - 1)] ?? 1, items.length, frame));
    batches.push(items.slice(at, at + size));
    at += size;
  }
  return batches;
}

function countOf(given: number | string, all: number, frame: Frame): number {
  if (typeof given === 'number') return given;
  const text = fill(given, scopeOf(frame)).text;
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

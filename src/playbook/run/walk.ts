import { condition, unknown } from '../expression.ts';
import type { Step } from '../playbook.ts';
import { Aborted, ItemFailed, Left, PageFault, Stop, UndoAsked } from './control.ts';
import { each } from './each.ts';
import { mayBe, stopsEveryWay } from './either.ts';
import { type Frame, scopeOf } from './frame.ts';
import { lookStep, waitStep } from './look-steps.ts';
import { changeStep } from './change-steps.ts';
import { play } from './play.ts';
import { payDebt } from './owing.ts';
import { durationMs } from './leaf.ts';
import { approveStep, askStep, manualStep } from './person-steps.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';

type Of<Verb extends Step['verb']> = Extract<Step, { verb: Verb }>;

/** Walks a list of steps in its order. Throws a Stop, an Aborted or an UndoAsked when the walk ends before its end. */
export async function walk(run: Run, frame: Frame, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    await run.gate();
    const wanted = await conditionOf(run, frame, step);
    if (wanted === 'no') {
      run.progress.end(frame.prefix + step.address, 'skipped', run.parts.hands.now(), `not needed: ${step.when ?? ''}`);
      if (step.save !== null) frame.names.set(step.save, unknown);
    } else {
      run.parts.reached?.(frame.prefix + step.address);
      await run.gate();
      if (wanted === 'either') {
        const key = frame.prefix + step.address;
        await mayBe(run, frame, key, (inside) => walkNamed(run, inside, step));
        run.progress.end(key, 'either', run.parts.hands.now(), `if ${step.when ?? ''}`);
      } else {
        await walkNamed(run, frame, step);
        payWhenWell(run, frame, step);
      }
    }
  }
}

/** A fault of the page is told with the step that it stands in. */
async function walkNamed(run: Run, frame: Frame, step: Step): Promise<void> {
  try {
    await walkStep(run, frame, step);
  } catch (error) {
    if (!(error instanceof Error) || ends.some((kind) => error instanceof kind) || run.signal.aborted) throw error;
    throw new PageFault(`${step.address}: ${error.message}`, { cause: error });
  }
}

const ends = [Stop, UndoAsked, Aborted, Left, ItemFailed, PageFault];

/** A person's step or a look may end a temporary state as well as a change may. */
function payWhenWell(run: Run, frame: Frame, step: Step): void {
  const key = frame.prefix + step.address;
  const outcome = run.memory.outcomes.get(key)?.outcome;
  if (outcome === 'ok' || outcome === 'already') payDebt(run, frame, step, key);
}

/** `either`: a dry run cannot tell. In a real run an open condition is a person's to answer: it is never guessed. */
async function conditionOf(run: Run, frame: Frame, step: Step): Promise<'yes' | 'no' | 'either'> {
  if (step.when === null) return 'yes';
  const truth = condition(step.when, scopeOf(frame));
  if (truth.kind === 'wrong') throw new Stop('failed', `${step.address}: ${step.when}: ${truth.why}`);
  if (truth.kind === 'value') return truth.value === true ? 'yes' : 'no';
  if (run.level === 'check') return 'either';
  return (await isSo(run, frame.prefix + step.address, `${frame.prefix}${step.address}.when`, step.when, truth.because, step.why))
    ? 'yes'
    : 'no';
}

/** Asks the person whether a condition holds that nothing shows. */
async function isSo(run: Run, address: string, key: string, when: string, because: string, why: string | null): Promise<boolean> {
  const text = `${when} cannot be told (${because} is not known)${why === null ? '' : `: ${why}`}. Is it so?`;
  const options = [
    { name: 'yes', label: 'Yes' },
    { name: 'no', label: 'No' },
  ];
  const answer = await run.ask(key, { kind: 'choose', address, text, options }, { remember: true });
  if (answer.kind !== 'option') throw new Stop('failed', `${address}: ${when} was not answered`);
  return answer.name === 'yes';
}

async function walkStep(run: Run, frame: Frame, step: Step): Promise<void> {
  const key = frame.prefix + step.address;
  const now = (): number => run.parts.hands.now();
  switch (step.verb) {
    case 'section':
      run.progress.begin(key, null, now());
      await walk(run, { ...frame, depth: frame.depth + 1 }, step.steps);
      return run.progress.end(key, 'ok', now(), null);
    case 'branch':
      return branch(run, frame, step);
    case 'choose':
      return choose(run, frame, step);
    case 'each':
      return each(run, frame, step);
    case 'play':
      return play(run, frame, step);
    case 'check':
      return lookStep(run, frame, step);
    case 'wait':
      return waitStep(run, frame, step);
    case 'run':
    case 'do':
      return changeStep(run, frame, step);
    case 'manual':
      return manualStep(run, frame, step);
    case 'ask':
      return askStep(run, frame, step);
    case 'approve':
      return approveStep(run, frame, step);
    case 'tell': {
      if (run.memory.outcomes.has(key)) return run.progress.end(key, 'ok', now(), null);
      run.fresh();
      const text = fill(step.text, scopeOf(frame)).text;
      const to = step.to === null ? null : run.mask(fill(step.to, scopeOf(frame)).text);
      run.progress.title(key, run.mask(`tell ${to ?? 'the team'}: ${text.split('\n', 1)[0] ?? ''}`));
      if (run.level !== 'check') run.event({ event: 'tell', key, text: run.mask(text), to });
      if (run.level === 'run') run.parts.hands.tell(run.mask(text), to);
      return finish(run, key, text);
    }
    case 'sleep': {
      const text = fill(step.duration, scopeOf(frame)).text;
      run.progress.begin(key, null, now());
      if (!run.memory.outcomes.has(key) && run.level !== 'check') {
        run.fresh();
        await run.parts.hands.sleep(durationMs(text), run.signal);
      }
      run.check();
      return finish(run, key, text);
    }
    case 'no_return':
      if (!run.memory.outcomes.has(key)) {
        run.fresh();
        run.event({ event: 'no-return', key, text: step.text });
      }
      return finish(run, key, step.text);
    case 'stop': {
      run.fresh();
      const text = fill(step.text, scopeOf(frame)).text;
      run.progress.title(key, run.mask(`stop (${step.result}): ${text}`));
      run.progress.end(key, 'ok', now(), null);
      throw new Stop(step.result, text);
    }
    default:
      return step satisfies never;
  }
}

/** Ends a step that neither looks nor changes. */
function finish(run: Run, key: string, summary: string): void {
  const at = run.parts.hands.now();
  if (!run.memory.outcomes.has(key))
    run.event({ event: 'outcome', key, outcome: 'ok', summary: run.mask(summary), evidence: [], saved: null, startedAt: at, endedAt: at });
  run.progress.end(key, 'ok', at, null);
}

async function branch(run: Run, frame: Frame, step: Of<'branch'>): Promise<void> {
  const key = frame.prefix + step.address;
  const now = run.parts.hands.now;
  run.progress.begin(key, null, now());
  const ends: (Stop | null)[] = [];
  for (const [index, arm] of step.arms.entries()) {
    const truth = arm.when === null ? ({ kind: 'value', value: true } as const) : condition(arm.when, scopeOf(frame));
    if (truth.kind === 'wrong') throw new Stop('failed', `${step.address}: ${arm.when ?? ''}: ${truth.why}`);
    if (truth.kind === 'value' && truth.value !== true) continue;
    if (truth.kind === 'unknown' && run.level !== 'check') {
      if (!(await isSo(run, key, `${key}.${index + 1}`, arm.when ?? '', truth.because, arm.why))) continue;
    }
    run.progress.reach(key, arm.steps, frame.prefix);
    if (truth.kind === 'unknown' && run.level === 'check') {
      // A dry run walks both ways; a stop in one of them does not end the other.
      ends.push(await mayBe(run, frame, key, (inside) => walk(run, inside, arm.steps)));
      continue;
    }
    if (ends.length === 0) {
      await walk(run, frame, arm.steps);
      return run.progress.end(key, 'ok', now(), arm.when);
    }
    ends.push(await mayBe(run, frame, key, (inside) => walk(run, inside, arm.steps)));
    run.progress.end(key, 'either', now(), null);
    return stopsEveryWay(ends);
  }
  run.progress.end(key, ends.length === 0 ? 'ok' : 'either', now(), null);
}

async function choose(run: Run, frame: Frame, step: Of<'choose'>): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  run.progress.begin(key, null, now());
  const text = run.mask(fill(step.question, scopeOf(frame)).text);
  const options = step.options.map(({ name, label }) => ({ name, label: run.mask(fill(label, scopeOf(frame)).text) }));
  if (run.level === 'check') {
    const ends: (Stop | null)[] = [];
    for (const option of step.options) {
      run.progress.reach(key, option.steps, frame.prefix);
      ends.push(await mayBe(run, frame, key, (inside) => walk(run, inside, option.steps)));
    }
    if (step.save !== null) frame.names.set(step.save, unknown);
    run.progress.end(key, 'either', now(), text);
    return stopsEveryWay(ends);
  }
  const answer = await run.ask(key, { kind: 'choose', address: key, text, options }, { remember: true });
  if (answer.kind !== 'option') throw new Stop('failed', `${key}: ${text} Nobody answered.`);
  const taken = step.options.find((option) => option.name === answer.name);
  if (taken === undefined) throw new Stop('failed', `${text}: ${answer.name} is none of its answers`);
  if (step.save !== null) frame.names.set(step.save, taken.name);
  run.progress.reach(key, taken.steps, frame.prefix);
  run.progress.title(key, `${text} → ${taken.label}`);
  await walk(run, frame, taken.steps);
  run.progress.end(key, 'ok', now(), taken.label);
}

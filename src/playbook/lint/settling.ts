import { quoted } from '../../config/visible.ts';
import type { OnFail, Playbook, Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import type { Findings } from './finding.ts';

/** What a temporary state may be at one place of the page, over all ways to it; neither: no way leads there. */
interface Flow {
  readonly open: boolean;
  readonly closed: boolean;
}

const nowhere: Flow = { open: false, closed: false };

/** Temporary states must be settled by a step that exists, on every way to a good end. Ways that end failed or escalated may owe. */
export function lintSettling(playbook: Playbook, findings: Findings): void {
  const all = [...playbook.steps, ...playbook.finally].flatMap(stepsWithin);
  for (const step of all) {
    if (step.settles === null) continue;
    const opened = all.find(({ id }) => id === step.settles);
    if (opened?.temporary === true) continue;
    const ids = all.flatMap(({ id, temporary }) => (temporary && id !== null ? [id] : []));
    findings.atStep(step, {
      rule: 'settles',
      message:
        opened === undefined ? `There is no step ${quoted(step.settles)} to settle.` : `The step ${quoted(step.settles)} is not temporary.`,
      remedy: ids.length === 0 ? 'Say "temporary: true" where the state begins.' : `Temporary are: ${ids.join(', ')}.`,
      under: [`settles: ${step.settles}`, step.settles],
    });
  }
  for (const step of all) {
    if (!step.temporary || step.leave !== null) continue;
    if (step.id !== null && all.some(({ settles }) => settles === step.id)) new Ways(playbook, step, findings).check();
    else
      findings.atStep(step, {
        rule: 'never-settled',
        message: `Nothing settles this temporary step${step.id === null ? ', because it has no id' : ''}.`,
        remedy: `Add "settles: ${step.id ?? 'ID'}" to the step that ends it, or say under "leave" why it may stay.`,
        under: ['temporary: true'],
      });
  }
}

class Ways {
  readonly #playbook: Playbook;
  readonly #debt: Step;
  readonly #findings: Findings;

  constructor(playbook: Playbook, debt: Step, findings: Findings) {
    this.#playbook = playbook;
    this.#debt = debt;
    this.#findings = findings;
  }

  check(): void {
    this.#end(null, this.#walk(this.#playbook.steps, { open: false, closed: true }));
  }

  #end(stop: Step | null, flow: Flow): void {
    // Last steps are walked whatever the end.
    if (!flow.open || !this.#walk(this.#playbook.finally, flow, true).open) return;
    const { id, at } = this.#debt;
    const message =
      stop === null
        ? `The end of the page can be reached with ${quoted(id ?? '')} still open.`
        : `This good end on line ${stop.at.line} can be reached while ${quoted(id ?? '')} of line ${at.line} is still open.`;
    const remedy = `Settle it on every way to a good end, end with "result: escalated", or say under "leave" why it may stay.`;
    this.#findings.atStep(stop ?? this.#debt, { rule: 'settling', message, remedy, under: stop === null ? ['temporary: true'] : [] });
  }

  #walk(steps: readonly Step[], from: Flow, last = false): Flow {
    let flow = from;
    for (const step of steps) {
      if (!flow.open && !flow.closed) return nowhere;
      const taken = this.#step(step, flow, last);
      // A condition that is the same as the temporary step's own holds whenever there is something to settle.
      const sure = step.when === null || (step.settles === this.#debt.id && step.when === this.#debt.when);
      flow = sure ? taken : either(flow, taken);
    }
    return flow;
  }

  #step(step: Step, flow: Flow, last: boolean): Flow {
    switch (step.verb) {
      case 'stop':
        if (step.result === 'ok' && !last) this.#end(step, flow);
        return last ? flow : nowhere;
      case 'section':
        return this.#walk(step.steps, flow, last);
      case 'branch': {
        const none = step.arms.some((arm) => arm.when === null) ? nowhere : flow;
        return step.arms.map((arm) => this.#walk(arm.steps, flow, last)).reduce(either, none);
      }
      case 'choose':
        return step.options.map((option) => this.#walk(option.steps, flow, last)).reduce(either, nowhere);
      case 'each': {
        // An empty set is an error and never "all", so the steps are walked at least once.
        const once = this.#walk(step.steps, flow, last);
        return either(once, this.#walk(step.steps, once, last));
      }
      default: {
        const failed = [step.onFail, step.onUnreachable].map((handler) => this.#failed(step, handler, flow, last));
        return failed.reduce(either, this.#well(step, flow));
      }
    }
  }

  #well(step: Step, flow: Flow): Flow {
    if (step === this.#debt) return { open: true, closed: false };
    return step.settles === this.#debt.id ? { open: false, closed: true } : flow;
  }

  #failed(step: Step, handler: OnFail | null, flow: Flow, last: boolean): Flow {
    if (handler?.kind === 'continue') return flow;
    if (handler?.kind === 'steps') return this.#walk(handler.steps, flow, last);
    if (handler?.kind === 'stop' && handler.result === 'ok' && !last) this.#end(step, flow);
    return nowhere;
  }
}

function either(a: Flow, b: Flow): Flow {
  return { open: a.open || b.open, closed: a.closed || b.closed };
}

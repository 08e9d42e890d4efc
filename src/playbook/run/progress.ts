import type { Outcome, Playbook, Step } from '../playbook.ts';
import type { RunStepView, WaitView } from './run-view.ts';
import { stepTitle } from './step-title.ts';
import { Unmade } from './unmade.ts';

/** The steps of a run as the page shows them, in its order; what a loop, a choice or a branch brings in appears when it is reached. */
export class Progress {
  readonly #changed: () => void;
  #steps: readonly RunStepView[];
  current: string | null = null;
  /** Of a dry run: the changes that it has come by. */
  readonly unmade = new Unmade();

  constructor(playbook: Playbook, changed: () => void) {
    this.#changed = changed;
    this.#steps = flat([...playbook.steps, ...playbook.finally], '', 0);
  }

  steps(): readonly RunStepView[] {
    return this.#steps;
  }

  /** Shows steps that are reached inside another one, behind it; those already shown stay. */
  reach(parent: string, steps: readonly Step[], prefix: string): void {
    const depth = (this.#steps.find((step) => step.address === parent)?.depth ?? 0) + 1;
    const known = new Set(this.#steps.map((step) => step.address));
    const added = flat(steps, prefix, depth).filter((step) => !known.has(step.address));
    if (added.length === 0) return;
    const at = this.#steps.findIndex((step) => step.address === parent);
    let end = at + 1;
    while (end < this.#steps.length && (this.#steps[end]?.depth ?? 0) >= depth) end += 1;
    this.#steps = at === -1 ? [...this.#steps, ...added] : [...this.#steps.slice(0, end), ...added, ...this.#steps.slice(end)];
    this.#changed();
  }

  begin(key: string, host: string | null, at: number): void {
    this.current = key;
    this.#change(key, { state: 'running', host, startedAt: at, endedAt: null, live: null, wait: null });
  }

  /** What a waiting step sees now, or how far a change is. */
  live(key: string, text: string, wait: WaitView | null = null): void {
    this.#change(key, { live: text, wait });
  }

  title(key: string, title: string): void {
    this.#change(key, { title });
  }

  end(key: string, state: Outcome | 'either', at: number, note: string | null, evidence: readonly string[] = []): void {
    this.#change(key, { state, endedAt: at, note, live: null, evidence });
  }

  undone(key: string, outcome: Outcome, summary: string): void {
    this.#change(key, { undo: { outcome, summary }, live: null });
  }

  /** A line about the run as a whole, at its newest step. */
  note(text: string): void {
    const key = this.current ?? this.#steps[0]?.address;
    if (key !== undefined) this.#change(key, { note: text });
  }

  #change(key: string, change: Partial<RunStepView>): void {
    this.#steps = this.#steps.map((step) => (step.address === key ? { ...step, ...change } : step));
    this.#changed();
  }
}

function flat(steps: readonly Step[], prefix: string, depth: number): RunStepView[] {
  return steps.flatMap((step) => [
    {
      address: `${prefix}${step.address}`,
      depth,
      verb: step.verb,
      title: stepTitle(step),
      host: null,
      why: step.why,
      state: 'open' as const,
      note: null,
      startedAt: null,
      endedAt: null,
      evidence: [],
      live: null,
      wait: null,
    },
    ...(step.verb === 'section' ? flat(step.steps, prefix, depth + 1) : []),
  ]);
}

import type { BulkPlan, BulkState } from '../actions/bulk.ts';
import type { ActionOutcome, Plan, Progress, Refusal } from '../actions/plan.ts';
import { bulkPlanText, planText } from './plan-text.ts';
import { exitCode } from './usage-error.ts';

/** How `act` says what it did: data on standard output, words of refusal and progress on standard error, and the exit status of the contract. */
export class ActReport {
  readonly #json: boolean;

  constructor(json: boolean) {
    this.#json = json;
  }

  readonly progress = (progress: Progress): void => {
    if (!this.#json) process.stderr.write(`${progress.phase}: ${progress.text}\n`);
  };

  plan(plan: Plan, note: string, exit: number): number {
    if (this.#json) this.#print({ plan, outcome: null, note });
    else process.stdout.write(`${planText(plan)}\n${note}\n`);
    return exit;
  }

  bulkPlan(plan: BulkPlan, note: string, exit: number): number {
    if (this.#json) this.#print({ plan, outcome: null, note });
    else process.stdout.write(`${bulkPlanText(plan)}\n${note}\n`);
    return exit;
  }

  refused(refusal: Refusal): number {
    if (this.#json) this.#print({ plan: null, outcome: { kind: 'refused', refusal } });
    else process.stderr.write(`refused: ${refusal.message}\n`);
    return exitCode.refused;
  }

  outcome(plan: Plan, outcome: ActionOutcome): number {
    if (this.#json) this.#print({ plan, outcome });
    if (outcome.kind === 'refused') {
      if (!this.#json) process.stderr.write(`refused: ${outcome.refusal.message}\n`);
      return exitCode.refused;
    }
    const word = outcome.kind === 'unknown' ? 'outcome unknown' : outcome.kind;
    if (!this.#json) process.stdout.write(`${word}: ${outcome.summary}\n${outcome.evidence.map((line) => `  ${line}\n`).join('')}`);
    return outcome.kind === 'ok' ? exitCode.ok : outcome.kind === 'failed' ? exitCode.failed : exitCode.unknown;
  }

  /** Says what was and what was not done. */
  bulk(plan: BulkPlan, state: BulkState): number {
    if (this.#json) this.#print({ plan, run: state });
    else {
      process.stdout.write(`${state.phase}: ${state.title}${state.why === null ? '' : `: ${state.why}`}\n`);
      for (const item of state.items)
        process.stdout.write(`  ${item.state.padEnd(8)}  ${item.subject}${item.text === '' ? '' : `: ${item.text}`}\n`);
      if (state.phase !== 'done') process.stdout.write(`the rest can be done later: quarterdeck act resume ${state.id}\n`);
    }
    if (state.phase === 'done') return exitCode.ok;
    if (state.items.some((item) => item.state === 'failed' || item.state === 'refused')) return exitCode.failed;
    return state.items.some((item) => item.state === 'unknown') ? exitCode.unknown : exitCode.failed;
  }

  #print(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
}

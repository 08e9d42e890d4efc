import type { BulkPlan, BulkState } from '../actions/bulk.ts';
import type { ActionOutcome, Plan, Progress, Refusal } from '../actions/plan.ts';
import type { JsonValue } from '../journal/entry.ts';
import { redactValue } from '../journal/redact.ts';
import { bulkPlanText, planText } from './plan-text.ts';
import { toTakeALock } from './refused.ts';
import { exitCode } from './usage-error.ts';

/** How `act` says what it did: data on standard output, words of refusal and progress on standard error, and the exit status of the contract. */
export class ActReport {
  readonly #json: boolean;
  /** Takes secrets out of what is printed; set once the fleet is known. */
  mask: (text: string) => string = (text) => text;

  constructor(json: boolean) {
    this.#json = json;
  }

  readonly progress = (progress: Progress): void => {
    if (!this.#json) this.#say(process.stderr, `${progress.phase}: ${progress.text}`);
  };

  plan(plan: Plan, note: string, exit: number): number {
    if (this.#json) this.#print({ plan, outcome: null, note });
    else this.#say(process.stdout, `${planText(plan)}\n${note}`);
    return exit;
  }

  bulkPlan(plan: BulkPlan, note: string, exit: number): number {
    if (this.#json) this.#print({ plan, outcome: null, note });
    else this.#say(process.stdout, `${bulkPlanText(plan)}\n${note}`);
    return exit;
  }

  refused(refusal: Refusal): number {
    if (this.#json) this.#print({ plan: null, outcome: { kind: 'refused', refusal } });
    else this.#refused(refusal);
    return exitCode.refused;
  }

  outcome(plan: Plan, outcome: ActionOutcome): number {
    if (this.#json) this.#print({ plan, outcome });
    if (outcome.kind === 'refused') {
      if (!this.#json) this.#refused(outcome.refusal);
      return exitCode.refused;
    }
    const word = outcome.kind === 'unknown' ? 'outcome unknown' : outcome.kind;
    if (!this.#json) this.#say(process.stdout, [`${word}: ${outcome.summary}`, ...outcome.evidence.map((line) => `  ${line}`)].join('\n'));
    return outcome.kind === 'ok' ? exitCode.ok : outcome.kind === 'failed' ? exitCode.failed : exitCode.unknown;
  }

  /** Says what was and what was not done. */
  bulk(plan: BulkPlan, state: BulkState): number {
    if (this.#json) this.#print({ plan, run: state });
    else {
      this.#say(process.stdout, `${state.phase}: ${state.title}${state.why === null ? '' : `: ${state.why}`}`);
      for (const item of state.items)
        this.#say(process.stdout, `  ${item.state.padEnd(8)}  ${item.subject}${item.text === '' ? '' : `: ${item.text}`}`);
      if (state.phase !== 'done') this.#say(process.stdout, `the rest can be done later: quarterdeck act resume ${state.id}`);
    }
    if (state.phase === 'done') return exitCode.ok;
    if (state.items.some((item) => item.state === 'failed' || item.state === 'refused')) return exitCode.failed;
    return state.items.some((item) => item.state === 'unknown') ? exitCode.unknown : exitCode.failed;
  }

  #print(value: object): void {
    // By value: a pattern that runs to the end of a line must not take the closing quote with it.
    const plain: JsonValue = JSON.parse(JSON.stringify(value));
    process.stdout.write(`${JSON.stringify(redactValue(plain, this.mask), null, 2)}\n`);
  }

  #refused({ guard, message }: Refusal): void {
    const way = guard === 'lock' ? `. ${toTakeALock} the same with --break-lock --reason TEXT` : '';
    this.#say(process.stderr, `refused: ${message}${way}`);
  }

  #say(stream: NodeJS.WriteStream, text: string): void {
    stream.write(`${this.mask(text)}\n`);
  }
}

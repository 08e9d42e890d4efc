import type { JsonValue } from '../../journal/entry.ts';
import { Stop } from './control.ts';
import { hidden } from './hidden.ts';
import { type Answer, type Question, questionWords } from './question.ts';
import { readAnswer } from './read-answer.ts';
import type { Run } from './run.ts';

/** A question unanswered for so long is told by other ways (wmflib's NOTIFY_AFTER_SECONDS). */
const nudgeAfterMs = 180_000;

/** The questions of a run; each answer is in the journal before it counts. */
export class Asking {
  readonly #run: Run;
  /** The one that stands now. */
  question: Question | null = null;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Asks the person and remembers the answer; one that is remembered is not asked again. */
  async ask(key: string, question: Question, options: { readonly remember: boolean }): Promise<Answer> {
    const answer = await this.askUntil(key, question, options, this.#run.signal);
    if (answer === null) throw this.#run.signal.reason;
    return answer;
  }

  /** As `ask`, of a question that something else may end; `null` when that came first. */
  async askUntil(key: string, question: Question, options: { readonly remember: boolean }, ended: AbortSignal): Promise<Answer | null> {
    const run = this.#run;
    const known = options.remember ? run.memory.answer(key) : null;
    // What was kept without a secret in it is not what was answered.
    if (known !== null && !JSON.stringify(known.answer).includes(hidden)) return readAnswer(known.answer);
    run.fresh();
    await run.gate();
    const { person, hands } = run.parts;
    const since = hands.now();
    const keep = (answer: Answer): Answer => {
      // What only goes on is not kept: the step's own intent is.
      if (isKept(answer, options.remember)) this.keep(key, question, answer, since);
      return answer;
    };
    const prepared = person.attended ? null : (person.prepared?.(question) ?? null);
    if (prepared !== null) return keep(prepared);
    if (!person.attended) throw new Stop('failed', `nobody is there to answer: ${questionWords(question)}`);
    this.question = question;
    run.phase({ phase: 'waiting', for: question.kind === 'approve' ? 'approval' : 'person', since });
    const nudge = this.#nudgeLater(question);
    try {
      return keep(await person.ask(question, AbortSignal.any([run.signal, ended])));
    } catch (error) {
      run.check();
      if (ended.aborted) return null;
      throw error;
    } finally {
      nudge();
      this.question = null;
      run.phase({ phase: 'running' });
    }
  }

  /** As `ask`, while undoing: a run that was called off still asks, and nobody's absence is a yes. `null` when nobody answers, or `ended` came first. */
  async askUndo(key: string, question: Question, ended: AbortSignal | null = null): Promise<Answer | null> {
    const run = this.#run;
    const { person, hands } = run.parts;
    if (!person.attended) return null;
    const since = hands.now();
    this.question = question;
    run.phase({ phase: 'undoing' });
    const nudge = this.#nudgeLater(question);
    try {
      const answer = await person.ask(question, AbortSignal.any([run.leaving, ...(ended === null ? [] : [ended])]));
      run.staying();
      if (isKept(answer, true)) this.keep(`${key}<`, question, answer, since);
      return answer;
    } catch (error) {
      run.staying();
      if (ended?.aborted === true) return null;
      throw error;
    } finally {
      nudge();
      this.question = null;
      run.phase({ phase: 'undoing' });
    }
  }

  /**
   * Shows a question that the person need not answer, because what ends it comes from elsewhere: `answer` stays `null` until they do.
   * `end` takes it away.
   */
  beside(question: Question): { readonly answer: () => Answer | null; readonly end: () => void } {
    const run = this.#run;
    const { person, hands } = run.parts;
    const ended = new AbortController();
    const nudge = this.#nudgeLater(question);
    let answer: Answer | null = null;
    this.question = question;
    run.phase({ phase: 'waiting', for: 'approval', since: hands.now() });
    if (person.attended)
      person.ask(question, AbortSignal.any([run.signal, ended.signal])).then(
        (given) => (answer = given),
        // The end of the question, or of the run, whose own signal tells it.
        () => {},
      );
    return {
      answer: () => answer,
      end: () => {
        ended.abort();
        nudge();
        this.question = null;
        run.phase({ phase: 'running' });
      },
    };
  }

  /** Tells of a question that is left alone; returns the end of that. */
  #nudgeLater(question: Question): () => void {
    const run = this.#run;
    const timer = setTimeout(
      () => run.parts.hands.nudge(run.mask(`${run.parts.playbook.title}: ${questionWords(question)}`)),
      nudgeAfterMs,
    );
    timer.unref();
    return () => clearTimeout(timer);
  }

  /** Writes an answer. `since`: when the question was put, epoch ms. */
  keep(key: string, question: Question, answer: Answer, since: number): void {
    const run = this.#run;
    const option =
      question.kind === 'choose' && answer.kind === 'option' ? question.options.find(({ name }) => name === answer.name) : null;
    // The label is for who reads the record; a name such as `yes` says nothing there.
    const plain: JsonValue = JSON.parse(JSON.stringify({ ...answer, label: option?.label }));
    const seconds = Math.round((run.parts.hands.now() - since) / 1000);
    const text = run.mask(questionWords(question));
    run.event({ event: 'answer', key, question: question.kind, text, answer: run.maskedJson(plain), seconds });
  }
}

/** A wish to look again is no answer that counts later. */
function isKept({ kind }: Answer, remember: boolean): boolean {
  return kind !== 'again' && (remember || ['skip', 'stop', 'undo', 'break'].includes(kind));
}

import { readInputs, wrongWords } from '../inputs.ts';
import type { Answer, Person, Question } from '../run/question.ts';
import type { GivenAnswer } from './simulation-file.ts';
import { under } from './step-key.ts';

export interface SimulatedPersonParts {
  readonly answers: Readonly<Record<string, readonly GivenAnswer[]>>;
  readonly hostsFrom: (from: string | null) => readonly string[];
  /** Whether this step is being taken back. */
  readonly undoing: (key: string) => boolean;
  /** Hears what is wrong with the test itself; the run is given up. */
  readonly fault: (words: string) => void;
}

/** The person of a recorded test. A change, a batch and an undo go on unless the test says otherwise; any other question must be answered there. */
export class SimulatedPerson implements Person {
  readonly who = 'operator@simulation';
  readonly attended = true;
  readonly #parts: SimulatedPersonParts;
  readonly #turns = new Map<string, number>();

  constructor(parts: SimulatedPersonParts) {
    this.#parts = parts;
  }

  ask(question: Question): Promise<Answer> {
    const { address } = question;
    const undoing = question.kind === 'undo' || (question.kind === 'manual' && this.#parts.undoing(address));
    const suffix = undoing ? '.undo' : '';
    const key = address + suffix;
    const given = under(this.#parts.answers, address, suffix) ?? [];
    const turn = this.#turns.get(key) ?? 0;
    const next = given[turn];
    const usual = usualAnswer(question, undoing);
    // "retry" is never an answer to the change itself: it waits for the failure.
    if (next === undefined || (question.kind === 'go' && next === 'retry')) {
      if (usual !== null) return Promise.resolve(usual);
      const why = given.length === 0 ? 'the test does not answer it' : 'the test has no further answer to it';
      return this.#wrong(`${key}: ${why} (${questionWords(question)})`);
    }
    this.#turns.set(key, turn + 1);
    const answer = this.#read(question, next);
    return typeof answer === 'string'
      ? this.#wrong(`${key}: ${JSON.stringify(next)} is no answer to it: ${answer}`)
      : Promise.resolve(answer);
  }

  #wrong(words: string): Promise<Answer> {
    this.#parts.fault(words);
    return Promise.resolve({ kind: 'stop' });
  }

  #read(question: Question, given: GivenAnswer): Answer | string {
    const word = typeof given === 'string' ? given : null;
    const told = (name: string): string | null => {
      const value = typeof given === 'string' ? undefined : given[name];
      return typeof value === 'string' ? value : null;
    };
    const skip = told('skip');
    if (word === 'stop') return { kind: 'stop' };
    if (skip !== null && ['go', 'failed', 'manual', 'undo'].includes(question.kind)) return { kind: 'skip', reason: skip };
    switch (question.kind) {
      case 'go':
        return word === 'go' ? { kind: 'go' } : word === 'undo' ? { kind: 'undo' } : 'go, { skip: why }, undo or stop';
      case 'batch':
      case 'undo':
        return word === 'go' ? { kind: 'go' } : 'go or stop';
      case 'failed':
        if ((word === 'retry' && question.may.includes('retry')) || word === 'undo') return { kind: word };
        return question.may.map((each) => (each === 'skip' ? '{ skip: why }' : each)).join(', ');
      case 'manual': {
        const reason = told('could-not');
        if (reason !== null) return { kind: 'could-not', reason };
        return word === 'done' ? { kind: 'done' } : 'done, { could-not: why } or { skip: why }';
      }
      case 'choose':
        return question.options.some(({ name }) => name === word)
          ? { kind: 'option', name: word ?? '' }
          : `one of ${question.options.map(({ name }) => name).join(', ')}`;
      case 'approve': {
        const reason = told('reject');
        if (reason !== null) return { kind: 'reject', reason };
        return word === null ? 'the name of who signs, or { reject: why }' : { kind: 'approve', who: word };
      }
      case 'unknown': {
        const outcome = told('happened');
        if (outcome !== 'ok' && outcome !== 'failed' && outcome !== 'unknown') return '{ happened: ok, failed or unknown, why: … }';
        return { kind: 'happened', outcome, reason: told('why') ?? 'the test says so' };
      }
      case 'ask': {
        const typed =
          typeof given === 'string'
            ? {}
            : Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value].flat().join(' ')]));
        const read = readInputs(question.fields, typed, this.#parts.hostsFrom);
        return read.ok ? { kind: 'values', values: read.values } : wrongWords(read.wrong);
      }
      default:
        return question satisfies never;
    }
  }
}

function usualAnswer(question: Question, undoing: boolean): Answer | null {
  if (question.kind === 'go' || question.kind === 'batch' || question.kind === 'undo') return { kind: 'go' };
  return undoing ? { kind: 'done' } : null;
}

function questionWords(question: Question): string {
  if (question.kind === 'failed' || question.kind === 'unknown') return `${question.kind}: ${question.summary}`;
  if (question.kind === 'choose' || question.kind === 'manual' || question.kind === 'approve') return question.text;
  return question.kind;
}

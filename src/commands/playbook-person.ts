import { createInterface } from 'node:readline/promises';
import { formatClock } from '../fleet/duration.ts';
import { hiddenLine } from './hidden-line.ts';
import { readInputs, wrongWords } from '../playbook/inputs.ts';
import { type Answer, type Person, placedCommands, type Question } from '../playbook/run/question.ts';

type Asking = Extract<Question, { kind: 'ask' }>;

/** Answers given beforehand, by the step's address. */
export type Prepared = ReadonlyMap<string, string>;

/**
 * The person of a run without a screen. With a terminal every question is asked there; without one, changes go on once the run was
 * confirmed, prepared answers are used, and everything else stops the run.
 */
export class CommandPerson implements Person {
  readonly who: string;
  readonly attended = process.stdin.isTTY === true;
  readonly #retried = new Set<string>();
  readonly #prepared: Prepared;
  readonly #hostsFrom: (from: string | null) => readonly string[];

  constructor(who: string, prepared: Prepared, hostsFrom: (from: string | null) => readonly string[]) {
    this.who = who;
    this.#prepared = prepared;
    this.#hostsFrom = hostsFrom;
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return this.#given(question) ?? this.#onTerminal(question, signal);
  }

  /** What was confirmed goes on, what was answered beforehand is answered, and anything else needs a mind. */
  prepared(question: Question): Answer | null {
    const given = this.#given(question);
    if (given !== null) return given;
    return (question.kind === 'go' && question.risk !== 'danger') || question.kind === 'batch' ? { kind: 'go' } : null;
  }

  #given(question: Question): Answer | null {
    const text = this.#prepared.get(question.address);
    if (text === undefined) return null;
    const answer = this.#answerOf(question, text);
    if (typeof answer === 'string') {
      // An answer meant for the step is none to what went wrong with it, and no name signs by itself.
      if (question.kind === 'approve' || question.kind === 'failed' || question.kind === 'unknown' || question.kind === 'undo') return null;
      throw new Error(`the answer to ${question.address} does not fit: ${answer}`);
    }
    if (answer.kind === 'retry' || answer.kind === 'again') {
      if (this.#retried.has(question.address)) return null;
      this.#retried.add(question.address);
    }
    return answer;
  }

  async #onTerminal(question: Question, signal: AbortSignal): Promise<Answer> {
    for (const line of shown(question)) process.stderr.write(`${line}\n`);
    if (question.kind === 'ask' && question.fields.some(({ type }) => type === 'secret')) return this.#withSecrets(question, signal);
    return this.#typed(question, signal);
  }

  /** Secrets are typed one by one and not shown; the other fields before them, as ever. */
  async #withSecrets(question: Asking, signal: AbortSignal): Promise<Answer> {
    const [secrets, open] = [true, false].map((secret) => question.fields.filter(({ type }) => (type === 'secret') === secret));
    const first = open === undefined || open.length === 0 ? null : await this.#typed({ ...question, fields: open }, signal);
    if (first !== null && first.kind !== 'values') return first;
    const values: Record<string, unknown> = { ...first?.values };
    for (const field of secrets ?? []) {
      for (;;) {
        const text = await hiddenLine(`${field.name}${field.optional ? ' (optional)' : ''}, not shown: `, signal);
        const read = readInputs([field], { [field.name]: text }, this.#hostsFrom);
        Object.assign(values, read.ok ? read.values : {});
        if (read.ok) break;
        process.stderr.write(`${field.name} ${read.wrong[field.name] ?? 'is needed'}\n`);
      }
    }
    return { kind: 'values', values };
  }

  async #typed(question: Question, signal: AbortSignal): Promise<Answer> {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    // The terminal's own key, which readline takes for itself: calling off is the process's to do.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      for (;;) {
        const text = (await lines.question(promptOf(question), { signal })).trim();
        const answer = this.#answerOf(question, text);
        if (typeof answer !== 'string') return answer;
        process.stderr.write(`${answer}\n`);
      }
    } finally {
      lines.close();
    }
  }

  /** The answer that a text means, or what is wrong with it. */
  #answerOf(question: Question, text: string): Answer | string {
    const [word = '', ...rest] = text.split(' ');
    const reason = rest.join(' ').trim();
    if (word === 'stop') return { kind: 'stop' };
    if (word === 'skip') return reason === '' ? 'skip needs a reason: skip REASON' : { kind: 'skip', reason };
    switch (question.kind) {
      case 'go':
        if (word === 'undo') return { kind: 'undo' };
        return (question.word === null ? word === 'go' || word === 'y' : text === question.word)
          ? { kind: 'go' }
          : `type ${question.word ?? 'go'}, skip REASON, undo or stop`;
      case 'batch':
      case 'undo':
        return word === 'go' || word === 'y' ? { kind: 'go' } : 'type go, or stop';
      case 'failed':
        if (word === 'retry' && question.may.includes('retry')) return { kind: 'retry' };
        if (word === 'break' && question.may.includes('break'))
          return reason === '' ? 'break needs a reason: break REASON' : { kind: 'break', reason };
        return word === 'undo' ? { kind: 'undo' } : `type ${question.may.join(', ')}`;
      case 'manual':
        if (word === 'done') return { kind: 'done' };
        return word === 'failed' && reason !== '' ? { kind: 'could-not', reason } : 'type done, failed REASON, skip REASON or stop';
      case 'choose': {
        const option = question.options.find((each, index) => each.name === text || String(index + 1) === text);
        return option === undefined
          ? `type one of ${question.options.map((each) => each.name).join(', ')}`
          : { kind: 'option', name: option.name };
      }
      case 'approve':
        if (word === 'no') return { kind: 'reject', reason };
        if (question.hash !== undefined) return `a typed name is no proof: somebody else runs quarterdeck approve ${question.hash}`;
        return text === '' ? 'type the name of who approves, or no REASON' : { kind: 'approve', who: text };
      case 'unknown':
        if (word === 'again') return { kind: 'again' };
        if (word === 'ok' || word === 'failed' || word === 'unknown')
          return reason === '' ? `${word} needs how you know: ${word} HOW` : { kind: 'happened', outcome: word, reason };
        return 'type again to ask its host once more; or ok, failed or unknown, and how you know';
      case 'ask': {
        const given = Object.fromEntries(text.split(/\s+(?=\w+=)/).map((pair) => pair.split(/=(.*)/s, 2)));
        const [only, second] = question.fields;
        const read = readInputs(
          question.fields,
          only !== undefined && second === undefined && !text.includes('=') ? { [only.name]: text } : given,
          this.#hostsFrom,
        );
        return read.ok ? { kind: 'values', values: read.values } : wrongWords(read.wrong);
      }
      default:
        return question satisfies never;
    }
  }
}

function shown(question: Question): readonly string[] {
  switch (question.kind) {
    case 'go':
      return [
        '',
        `▶ ${question.title}`,
        ...(question.why === null ? [] : [`  ${question.why}`]),
        ...(question.host === null ? [] : [`  on ${question.host}`]),
        ...placedCommands(question).map((command) => `  $ ${command}`),
        `  undo: ${question.undo}`,
        ...question.warnings.map((warning) => `  ▲ ${warning}`),
      ];
    case 'failed':
    case 'unknown':
      return [
        '',
        `■ ${question.title}: ${question.summary}`,
        ...question.evidence.slice(-8).map((line) => `  │ ${line}`),
        ...(question.kind === 'unknown' && question.away === true ? ['  its host is asked again by itself until it answers'] : []),
      ];
    case 'undo':
      return [
        '',
        `↶ ${question.title}`,
        ...(question.host === null ? [] : [`  on ${question.host}`]),
        ...placedCommands(question).map((command) => `  $ ${command}`),
        ...(question.afterNoReturn ? ['  ▲ past the point of no return'] : []),
      ];
    case 'choose':
      return ['', `? ${question.text}`, ...question.options.map((option, index) => `  ${index + 1} ${option.name}: ${option.label}`)];
    case 'approve':
      return [
        '',
        `? ${question.text}`,
        ...(question.by === null ? [] : [`  by ${question.by}`]),
        ...(question.hash === undefined
          ? []
          : [
              `  waiting${question.until === undefined ? '' : ` until ${formatClock(question.until)}`}: somebody else runs quarterdeck approve ${question.hash}`,
            ]),
      ];
    case 'ask':
      return [
        '',
        ...question.fields.map(
          (field) =>
            `? ${field.name} (${field.type}${field.choices.length > 0 ? `: ${field.choices.join(', ')}` : ''})${field.help === null ? '' : ` ${field.help}`}`,
        ),
      ];
    default:
      return ['', `? ${question.text}`];
  }
}

function promptOf(question: Question): string {
  switch (question.kind) {
    case 'go':
      return question.word === null ? 'go / skip REASON / undo / stop: ' : `type ${question.word} to go / skip REASON / undo / stop: `;
    case 'failed':
      return `${question.may.map((word) => (word === 'break' || word === 'skip' ? `${word} REASON` : word)).join(' / ')}: `;
    case 'manual':
      return 'done / failed REASON / skip REASON / stop: ';
    case 'unknown':
      return 'again / ok HOW / failed HOW / unknown HOW: ';
    case 'approve':
      return question.hash === undefined ? 'name of who approves / no REASON: ' : 'no REASON / stop: ';
    case 'batch':
    case 'undo':
      return 'go / stop: ';
    case 'choose':
    case 'ask':
      return '> ';
    default:
      return question satisfies never;
  }
}

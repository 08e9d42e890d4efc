import type { Problem } from '../../config/problem.ts';
import { SourceText } from '../../config/source-text.ts';
import type { PlaybookFile } from '../library.ts';
import type { Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';

/** Something that a playbook says and cannot mean. */
export interface LintFinding extends Problem {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
}

export interface Said {
  readonly rule: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly severity?: 'error' | 'warning';
  /** Texts to put the caret under, the first that is found in the step or section; none: its beginning. */
  readonly under?: readonly string[];
}

/** Gathers what is wrong with one playbook, each at its place in the text. */
export class Findings {
  readonly #file: string;
  readonly #source: SourceText;
  readonly #lineStarts: readonly number[];
  readonly #stepStarts: readonly number[];
  readonly #found = new Map<string, LintFinding>();

  constructor({ playbook, text, file }: PlaybookFile) {
    this.#file = file;
    this.#source = new SourceText(text);
    const starts = [0];
    for (const { index } of this.#source.text.matchAll(/\n/g)) starts.push(index + 1);
    this.#lineStarts = starts;
    const all = [...playbook.steps, ...playbook.finally].flatMap(stepsWithin);
    this.#stepStarts = all.map((step) => this.#offset(step)).toSorted((a, b) => a - b);
  }

  get found(): readonly LintFinding[] {
    return [...this.#found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  atStep(step: Step, said: Said): void {
    const from = this.#offset(step);
    const ending = this.#source.text.length;
    const to = this.#stepStarts.find((start) => start > from) ?? ending;
    const inside = new Set(stepsWithin(step).map((each) => this.#offset(each)));
    const whole = this.#stepStarts.find((start) => start > from && !inside.has(start)) ?? ending;
    const part = this.#source.text.slice(from, to);
    // The second arm of a branch stands behind the steps of the first.
    const isBehind = said.under !== undefined && !said.under.some((each) => each !== '' && part.includes(each));
    const lineEnd = this.#source.text.indexOf('\n', from);
    this.#add(said, from, isBehind ? whole : to, lineEnd === -1 ? ending : lineEnd);
  }

  /** At a key of the file's own, such as `suggest`. */
  atHead(key: string, said: Said): void {
    const { text } = this.#source;
    const from = Math.max(0, text.search(new RegExp(`^${key}:`, 'm')));
    const next = text.slice(from).search(/\n[a-z]/);
    this.#add(said, from, next === -1 ? text.length : from + next, from + key.length);
  }

  #offset({ at }: Step): number {
    return (this.#lineStarts[at.line - 1] ?? 0) + at.column - 1;
  }

  #add(said: Said, from: number, to: number, end: number): void {
    const part = this.#source.text.slice(from, to);
    const needle = (said.under ?? []).find((each) => each !== '' && part.includes(each));
    const start = needle === undefined ? from : from + part.indexOf(needle);
    const span = { start, end: needle === undefined ? end : start + needle.length };
    const { rule, message, remedy, severity = 'error' } = said;
    const place = this.#source.positionAt(start);
    this.#found.set(`${start} ${message}`, {
      file: this.#file,
      ...place,
      message,
      remedy,
      severity,
      rule,
      excerpt: this.#source.excerpt(span),
    });
  }
}

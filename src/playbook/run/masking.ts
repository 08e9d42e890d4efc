import { createHash } from 'node:crypto';
import type { JsonValue } from '../../journal/entry.ts';
import { shq } from '../../remote/quote.ts';
import type { RunEvent } from './events.ts';
import { hidden, maskedUndo } from './hidden.ts';

/** Characters of a secret that is looked for inside other texts: a shorter one stands in many by chance. */
const leastFound = 4;

/** Takes a run's secrets out of all that it shows and keeps. */
export class Masking {
  /** By the shell variable that brings each to a command. */
  readonly #secrets = new Map<string, string>();
  /** Every value that was ever one, also where another was typed in its place. */
  readonly #hidden = new Set<string>();
  readonly #redact: (text: string) => string;

  /** `redact` masks what the fleet file keeps secret. */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  get secrets(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#secrets);
  }

  /**
   * The variable that stands for a value which is a secret, `null` when it is none.
   * @throws Error for a value that holds one among other words: it would stand in a command line.
   */
  readonly variableOf = (value: string): string | null => {
    const variable = this.#variable(value);
    if (variable !== null || ![...this.#hidden].some((secret) => secret.length >= leastFound && value.includes(secret))) return variable;
    throw new Error('a value holds a secret among other words, and would show it in a command line: let the secret be a place of its own');
  };

  #variable(value: string): string | null {
    return [...this.#secrets].find(([, secret]) => secret === value)?.[0] ?? null;
  }

  /** A value that is never shown or kept; `name` is the same for whoever takes the run up. */
  hide(secret: unknown, name: string): void {
    if (typeof secret !== 'string' || secret === '') return;
    this.#hidden.add(secret);
    if (this.#variable(secret) !== null) return;
    // `web-1` and `web_1` are two names.
    const plain = name.replace(/\W+/g, '_');
    const own = plain === name ? plain : `${plain}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
    this.#secrets.set(`QD_SECRET_${own}`, secret);
  }

  /**
   * Masked as they are, as they stand in a command, alone or inside a longer word, and as they stand in JSON; the longest first, because
   * one may hold another.
   */
  readonly mask = (text: string): string => {
    const forms = [...this.#hidden].flatMap((secret) => [
      secret,
      shq(secret),
      secret.replaceAll("'", String.raw`'\''`),
      JSON.stringify(secret).slice(1, -1),
    ]);
    return forms.toSorted((a, b) => b.length - a.length).reduce((masked, form) => masked.replaceAll(form, hidden), this.#redact(text));
  };

  /** As `mask`, for the texts inside a value; its numbers and its form stay. */
  json(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.mask(value);
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.json(each)]));
    return value;
  }

  /** How a step is taken back may hold a secret in its command. */
  event(event: RunEvent): RunEvent {
    if (event.event !== 'intent' && event.event !== 'undo-push') return event;
    const undo = event.undo === null ? null : maskedUndo(event.undo, { mask: this.mask, maskedJson: (value) => this.json(value) });
    return event.event === 'intent' ? { ...event, undo } : undo === null ? event : { ...event, undo };
  }
}

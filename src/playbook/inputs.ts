import { didYouMean } from '../config/nearest.ts';
import { parseDuration } from '../config/schema/values.ts';
import type { Input } from './playbook.ts';

export type InputsResult =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  /** By input: what is wrong, the end of a sentence that begins with its name. */
  | { readonly ok: false; readonly wrong: Readonly<Record<string, string>> };

/**
 * Answers typed for the inputs of a playbook or the fields of a question, as the values they mean.
 * @param hostsFrom names of the hosts that a `from` allows
 */
export function readInputs(
  inputs: readonly Input[],
  given: Readonly<Record<string, string>>,
  hostsFrom: (from: string | null) => readonly string[],
): InputsResult {
  const values: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const name of Object.keys(given)) {
    if (inputs.some((input) => input.name === name)) continue;
    wrong[name] = `is no input here. ${
      didYouMean(
        name,
        inputs.map((input) => input.name),
      ) ?? `There are: ${inputs.map((input) => input.name).join(', ') || 'none'}.`
    }`;
  }
  for (const input of inputs) {
    const text = given[input.name] ?? '';
    if (text === '') {
      if (input.fallback !== null) values[input.name] = input.fallback;
      else if (input.optional) values[input.name] = '';
      else wrong[input.name] = `is needed${input.help === null ? '' : ` (${input.help})`}`;
      continue;
    }
    const read = readOne(input, text, hostsFrom);
    if ('wrong' in read) wrong[input.name] = read.wrong;
    else values[input.name] = read.value;
  }
  return Object.keys(wrong).length > 0 ? { ok: false, wrong } : { ok: true, values };
}

/** What is wrong with typed answers, in one sentence. */
export function wrongWords(wrong: Readonly<Record<string, string>>): string {
  return Object.entries(wrong)
    .map(([name, why]) => `${name} ${why}`)
    .join('; ');
}

function readOne(
  input: Input,
  text: string,
  hostsFrom: (from: string | null) => readonly string[],
): { readonly value: unknown } | { readonly wrong: string } {
  const { min, max } = input;
  if (input.pattern !== null && !input.pattern.test(text)) return { wrong: `must match ${input.pattern.source}` };
  switch (input.type) {
    case 'host':
      return hostOf(text, input.from, hostsFrom) ?? { value: text };
    case 'hosts': {
      const names = text.split(/[\s,]+/).filter((name) => name !== '');
      if (names.length === 0) return { wrong: 'names no host; an empty set is never "all"' };
      const bad = names.map((name) => hostOf(name, input.from, hostsFrom)).find((each) => each !== null);
      return bad ?? { value: [...new Set(names)] };
    }
    case 'int':
    case 'number': {
      const number = Number(text);
      if (!Number.isFinite(number) || text.trim() === '') return { wrong: `must be a number, not ${JSON.stringify(text)}` };
      if (input.type === 'int' && !Number.isInteger(number)) return { wrong: 'must be a whole number' };
      if ((min !== null && number < min) || (max !== null && number > max)) return { wrong: rangeWords(min, max) };
      return { value: number };
    }
    case 'bool':
      return /^(true|yes|y)$/i.test(text)
        ? { value: true }
        : /^(false|no|n)$/i.test(text)
          ? { value: false }
          : { wrong: 'must be yes or no' };
    case 'choice':
      return input.choices.includes(text) ? { value: text } : { wrong: `must be one of ${input.choices.join(', ')}` };
    case 'duration':
      return parseDuration(text) === null ? { wrong: 'must be a duration such as 30s or 5m' } : { value: text };
    case 'url':
      return URL.canParse(text) ? { value: text } : { wrong: 'must be an address such as https://example.org/' };
    case 'text':
    case 'secret':
    case 'release':
      if (/[\r\n]/.test(text)) return { wrong: 'must be one line' };
      if (/[\p{Cc}\p{Cs}]/u.test(text)) return { wrong: 'holds a sign that cannot be shown' };
      if ((min !== null && text.length < min) || (max !== null && text.length > max))
        return { wrong: `${rangeWords(min, max)} characters` };
      return { value: text };
    default:
      return input.type satisfies never;
  }
}

function hostOf(
  name: string,
  from: string | null,
  hostsFrom: (from: string | null) => readonly string[],
): { readonly wrong: string } | null {
  const allowed = hostsFrom(from);
  if (allowed.includes(name)) return null;
  const where = from === null ? 'in this fleet' : `of ${from}`;
  return {
    wrong:
      `${JSON.stringify(name)} is no host ${where}. ${didYouMean(name, allowed) ?? (allowed.length <= 12 ? `There are: ${allowed.join(', ') || 'none'}.` : '')}`.trim(),
  };
}

function rangeWords(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return `must have from ${min} to ${max}`;
  return min === null ? `must have at most ${max ?? ''}` : `must have at least ${min}`;
}

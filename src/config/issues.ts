import type * as z from 'zod';
import { knownKeys } from './known-keys.ts';
import { patternRemedy } from './pattern-remedy.ts';
import { didYouMean, suggestion } from './nearest.ts';
import { quoted, valueInWords, visible } from './visible.ts';
import type { Path } from './yaml-data.ts';

/** What is wrong, in words, and where; not yet a place in a text. */
export interface Complaint {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly remedy: string | null;
}

const mostPerMap = 100;

/** A path as people write it: `services.nginx.port`, `inventory[0].gce`. */
export function pathInWords(path: Path): string {
  const words = path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('');
  return words === '' ? 'the file' : visible(words);
}

/** zod's issues about `value`, which stands at `base`, as plain sentences. A missing key that is there misspelt is told once. */
export function complaintsOf(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, value: unknown, base: Path): Complaint[] {
  const all = issues.flatMap((issue) => {
    const inside = issue.path.filter((step) => typeof step !== 'symbol');
    const path = [...base, ...inside];
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, inside);
      return issue.keys.slice(0, mostPerMap).map((key) => unknownKey([...path, key], known));
    }
    return [complaint(issue, path, valueAt(value, inside))];
  });
  const misspelt = new Set(all.map(({ path, remedy }) => `${pathInWords(path.slice(0, -1))} ${remedy}`));
  return all.filter(({ path, message }) => {
    const missing = message === missingMessage(path);
    return !missing || !misspelt.has(`${pathInWords(path.slice(0, -1))} Did you mean "${String(path.at(-1))}"?`);
  });
}

function missingMessage(path: Path): string {
  return `${quoted(String(path.at(-1)))} is missing from ${pathInWords(path.slice(0, -1))}.`;
}

/** A key that nothing knows. */
export function unknownKey(path: Path, known: readonly string[]): Complaint {
  const key = String(path.at(-1) ?? '');
  const message = `Unknown key ${quoted(key)} in ${pathInWords(path.slice(0, -1))}.`;
  return { path, at: 'key', message, remedy: suggestion(key, known, 'Known keys') };
}

function complaint(issue: z.core.$ZodIssue, path: Path, given: unknown): Complaint {
  const where = pathInWords(path);
  if (issue.code === 'invalid_key') {
    const phrase = issue.issues[0]?.message ?? 'must be a name';
    return { path, at: 'key', message: `The key ${quoted(String(path.at(-1)))} ${phrase}.`, remedy: null };
  }
  if (given === undefined) {
    return { path, at: 'key', message: missingMessage(path), remedy: null };
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const remedy = typeof given === 'string' ? didYouMean(given, words) : null;
    const phrase = words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(', ')}`;
    return { path, at: 'value', message: `${where} ${phrase}, not ${valueInWords(given)}.`, remedy };
  }
  const own = /^[a-z]/.test(issue.message);
  const phrase = own ? issue.message : phraseOf(issue);
  const tail = phrase.startsWith('must be') ? `, not ${valueInWords(given)}` : '';
  const noPattern = /^is no valid pattern: (.*)$/s.exec(phrase)?.[1];
  const remedy = noPattern !== undefined ? patternRemedy(noPattern) : own ? null : remedyOf(issue, given);
  return { path, at: 'value', message: `${where} ${phrase}${tail}.`, remedy };
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function phraseOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${typeWords[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small') return issue.origin === 'array' ? 'must not be an empty list' : `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big')
    return issue.origin === 'string' ? `must have at most ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
  return 'is not understood';
}

function remedyOf(issue: z.core.$ZodIssue, given: unknown): string | null {
  if (issue.code !== 'invalid_type') return null;
  if (issue.expected === 'string' && (typeof given === 'number' || typeof given === 'boolean'))
    return `Put it in quotation marks: "${given}".`;
  if (issue.expected === 'number' && typeof given === 'string' && /^\d+$/.test(given)) return 'Leave the quotation marks away.';
  if (issue.expected === 'array' && typeof given === 'string') return 'Put it in brackets: [ ].';
  return null;
}

/** The part of a value that a path leads to; `undefined` when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}

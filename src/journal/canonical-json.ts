import type { JsonValue } from './entry.ts';
import { JournalError } from './journal-error.ts';

/**
 * JSON with sorted keys (by UTF-16 code units) and no spaces, as RFC 8785 has it: one text for one value.
 * Throws a JournalError on a number that JSON cannot say.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new JournalError('entry', `The journal cannot keep the number ${value}: unknown is null.`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .toSorted()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

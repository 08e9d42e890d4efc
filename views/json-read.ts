import type { JsonValue } from '../src/journal/entry.ts';

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** What stands under a name; `null` when it is not there or `value` is no object. */
export function under(value: JsonValue | undefined, name: string): JsonValue {
  if (value === null || value === undefined || typeof value !== 'object' || isList(value)) return null;
  return value[name] ?? null;
}

/** Text under a name; `null` when it is none or empty. */
export function textUnder(value: JsonValue | undefined, name: string): string | null {
  const found = under(value, name);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** Number under a name; `null` when it is none. */
export function numberUnder(value: JsonValue | undefined, name: string): number | null {
  const found = under(value, name);
  return typeof found === 'number' ? found : null;
}

/** List under a name; empty when it is none. */
export function listUnder(value: JsonValue | undefined, name: string): readonly JsonValue[] {
  const found = under(value, name);
  return isList(found) ? found : [];
}

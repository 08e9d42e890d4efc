import type { JsonValue } from '../entry.ts';

/** What stands under some names in a journal entry's detail; `undefined` when nothing does. The detail may come from any version. */
export function under(value: JsonValue | undefined, ...names: readonly string[]): JsonValue | undefined {
  let here = value;
  for (const name of names) {
    if (here === undefined || here === null || typeof here !== 'object' || isList(here)) return undefined;
    here = Object.hasOwn(here, name) ? here[name] : undefined;
  }
  return here;
}

/** A text there; `null` when there is none. */
export function textAt(value: JsonValue | undefined, ...names: readonly string[]): string | null {
  const found = under(value, ...names);
  return typeof found === 'string' ? found : null;
}

/** A list there; empty when there is none. */
export function listAt(value: JsonValue | undefined, ...names: readonly string[]): readonly JsonValue[] {
  const found = under(value, ...names);
  return found !== undefined && found !== null && typeof found === 'object' && isList(found) ? found : [];
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

import type * as z from 'zod';
import { asPlainValues, fillAsked, type Variables } from './asked-values.ts';
import { type Complaint, complaintsOf, pathInWords, unknownKey, valueAt } from './issues.ts';
import { didYouMean } from './nearest.ts';
import { name } from './schema/values.ts';
import { quoted, valueInWords } from './visible.ts';
import type { Path } from './yaml-data.ts';

/** Reads the parts of one fleet file and gathers everything wrong with them, so that one bad entry hides no other. */
export class FleetReader {
  readonly complaints: Complaint[] = [];
  readonly #root: Readonly<Record<string, unknown>>;
  readonly #env: Variables;

  /** `env` answers what the file asks for by name. */
  constructor(root: Readonly<Record<string, unknown>>, env: Variables = {}) {
    this.#root = root;
    this.#env = env;
  }

  complain(path: Path, at: 'key' | 'value', message: string, remedy: string | null = null): void {
    this.complaints.push({ path, at, message, remedy });
  }

  /** Value of a top-level section; `undefined` when the file does not have it or leaves it empty. */
  section(section: string): unknown {
    return this.#root[section] ?? undefined;
  }

  /** The file's own value at a path; `undefined` when there is none. */
  valueAt(path: Path): unknown {
    return valueAt(this.#root, path);
  }

  /** The texts at a path, where one or a list of them may stand, each with its own place; nothing when it is neither. */
  textsAt(path: Path): { path: Path; text: string }[] {
    const value = this.valueAt(path);
    const items: unknown[] = Array.isArray(value) ? value : [value];
    return items.flatMap((text, index) =>
      typeof text === 'string' ? [{ path: Array.isArray(value) ? [...path, index] : path, text }] : [],
    );
  }

  /** Keys of the map at a path, faulty entries too; none when there is no map. */
  keysAt(path: Path): string[] {
    const value = this.valueAt(path);
    return isMap(value) ? Object.keys(value) : [];
  }

  /** Where the item of a list stands when the file gives a list, else where the single value stands. */
  itemPath(path: Path, index: number): Path {
    return Array.isArray(this.valueAt(path)) ? [...path, index] : path;
  }

  /** A checked value, or `undefined` after a complaint. */
  read<S extends z.ZodType>(schema: S, value: unknown, path: Path): z.output<S> | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const asked = fillAsked(value, result.error.issues, path, this.#env);
    if (asked.missing.length > 0) {
      this.complaints.push(...asked.missing);
      return undefined;
    }
    if (asked.value !== value) return this.#readFilled(schema, asked.value, value, path);
    this.complaints.push(...complaintsOf(result.error.issues, schema, value, path));
    return undefined;
  }

  #readFilled<S extends z.ZodType>(schema: S, filled: unknown, given: unknown, path: Path): z.output<S> | undefined {
    const asText = schema.safeParse(filled);
    if (asText.success) return asText.data;
    const converted = asPlainValues(filled, given, asText.error.issues);
    const result = schema.safeParse(converted);
    if (result.success) return result.data;
    this.complaints.push(...complaintsOf(result.error.issues, schema, converted, path));
    return undefined;
  }

  /** A whole top-level section by one schema. */
  readSection<S extends z.ZodType>(schema: S, section: string): z.output<S> | undefined {
    const value = this.section(section);
    return value === undefined ? undefined : this.read(schema, value, [section]);
  }

  /** Named entries of a section, as they stand in the file. */
  entries(section: string): [string, unknown][] {
    const value = this.section(section);
    if (value === undefined) return [];
    if (!isMap(value)) {
      this.complain([section], 'value', `${section} must be a map of names, not ${valueInWords(value)}.`);
      return [];
    }
    const all = Object.entries(value);
    for (const [entry] of all) {
      const issue = name.safeParse(entry).error?.issues[0];
      if (issue !== undefined) this.complain([section, entry], 'key', `The name ${quoted(entry)} ${issue.message}.`);
    }
    return all;
  }

  /** All entries of a section by one schema; entries with faults are left out after their complaints. */
  readEntries<S extends z.ZodType>(schema: S, section: string): Map<string, z.output<S>> {
    const out = new Map<string, z.output<S>>();
    for (const [entry, value] of this.entries(section)) {
      const read = this.read(schema, value, [section, entry]);
      if (read !== undefined) out.set(entry, read);
    }
    return out;
  }

  /** The one key of `kinds` that an entry has; complains when it has none or several. */
  onlyKey<K extends string>(kinds: readonly K[], value: unknown, path: Path, what: string): K | undefined {
    if (!isMap(value)) {
      this.complain(path, 'value', `${pathInWords(path)} must be a map of keys, not ${valueInWords(value)}.`);
      return undefined;
    }
    const found = kinds.filter((kind) => Object.hasOwn(value, kind));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      const second = found[1] ?? '';
      this.complain(
        [...path, second],
        'key',
        `${pathInWords(path)} has both ${quoted(found[0] ?? '')} and ${quoted(second)}.`,
        'Keep one of them.',
      );
      return undefined;
    }
    const near = Object.keys(value).find((key) => didYouMean(key, kinds) !== null);
    if (near !== undefined) this.complaints.push(unknownKey([...path, near], kinds));
    else this.complain(path, 'key', `${pathInWords(path)} must say ${what}: one of ${kinds.join(', ')}.`);
    return undefined;
  }

  /** The schema that a `kind:` names; complains when there is none. */
  kindOf<K extends string>(kinds: readonly K[], value: unknown, path: Path): K | undefined {
    if (!isMap(value)) {
      this.complain(path, 'value', `${pathInWords(path)} must be a map of keys, not ${valueInWords(value)}.`);
      return undefined;
    }
    const given = value['kind'];
    const found = kinds.find((kind) => kind === given);
    if (found !== undefined) return found;
    const list = kinds.join(', ');
    if (given === undefined) this.complain([...path, 'kind'], 'key', `"kind" is missing from ${pathInWords(path)}.`, `One of: ${list}.`);
    else
      this.complain(
        [...path, 'kind'],
        'value',
        `${pathInWords(path)}.kind must be one of ${list}, not ${valueInWords(given)}.`,
        typeof given === 'string' ? didYouMean(given, kinds) : null,
      );
    return undefined;
  }
}

/** Whether a value of the file is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type * as z from 'zod';
import type { FleetReader } from './fleet-reader.ts';
import type { Path } from './yaml-data.ts';

/** One of several shapes an entry may have, with what is made of it. */
export interface Variant<T> {
  readonly schema: z.ZodType;
  /** What the entry says, or `null` after the reader was told what is wrong. */
  read(reader: FleetReader, value: unknown, path: Path, name: string): T | null;
}

export function variant<S extends z.ZodType, T>(schema: S, make: (name: string, given: z.output<S>) => T): Variant<T> {
  return {
    schema,
    read: (reader, value, path, name) => {
      const given = reader.read(schema, value, path);
      return given === undefined ? null : make(name, given);
    },
  };
}

import * as z from 'zod';
import type { Path } from './yaml-data.ts';

/** Keys that a schema knows at a path; of all its variants where it has several. */
export function knownKeys(schema: unknown, path: Path): string[] {
  let here = alternatives(schema);
  for (const step of path) here = here.flatMap((one) => alternatives(below(one, step)));
  const keys = here.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
  return [...new Set(keys)];
}

function alternatives(schema: unknown): unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return alternatives(schema.unwrap());
  if (schema instanceof z.ZodPipe) return alternatives(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return schema === undefined ? [] : [schema];
}

function below(schema: unknown, step: string | number): unknown {
  if (schema instanceof z.ZodObject) return typeof step === 'string' && Object.hasOwn(schema.shape, step) ? schema.shape[step] : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

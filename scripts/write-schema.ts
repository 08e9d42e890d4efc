import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetJsonSchema } from '../src/config/fleet-schema.ts';

const file = join(import.meta.dirname, '..', 'config', 'fleet.schema.json');
writeFileSync(file, `${compactJson(fleetJsonSchema(), '')}\n`);

/** JSON in which whatever fits stands on one line. */
function compactJson(value: unknown, indent: string): string {
  const flat = JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= 120) return flat;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((each) => compactJson(each, inner))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${compactJson(each, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

import * as z from 'zod';
import { fleetSchema } from './schema/sections.ts';

/** JSON Schema of the fleet file, draft-07 (what yaml-language-server reads), a new object at each call. */
export function fleetJsonSchema(): Record<string, unknown> {
  const schema = plainFleetSchema();
  const common = Object.entries(plainValues).map(([name, plain]) => [name, orAskedFor(plain)] as const);
  return { ...mapOf(withAsked(schema)), definitions: { asked, ...Object.fromEntries(common) } };
}

/** The same without `{ env: NAME }` in every place where text or a number belongs: for the page that lists the keys. */
export function plainFleetSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fleetSchema, { target: 'draft-7', io: 'input' });
  return { ...schema, title: 'Quarterdeck fleet file' };
}

const asked = {
  type: 'object',
  properties: { env: { type: 'string', description: 'Variable of the environment that holds it' } },
  required: ['env'],
  additionalProperties: false,
};

const askedRef = { $ref: '#/definitions/asked' };

/** Plain values that stand in many places, so that each place says them in a word. */
const plainValues: Readonly<Record<string, Json>> = {
  text: { type: 'string' },
  switch: { type: 'boolean' },
  whole: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  count: { type: 'integer', minimum: 1, maximum: 1_000_000 },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  texts: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/definitions/text' } }] },
};
const nameOfPlain = new Map(Object.entries(plainValues).map(([name, plain]) => [JSON.stringify(plain), name]));

type Json = Readonly<Record<string, unknown>>;

/** What `asked-values.ts` puts in when the file is read: wherever a key's value is plain text, a number or a switch. */
function withAsked(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withAsked);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]: [string, unknown]) => {
      if (key === 'items' && !Array.isArray(value)) return [key, orAsked(mapOf(value))];
      if (key !== 'properties') return [key, withAsked(value)];
      return [key, Object.fromEntries(Object.entries(mapOf(value)).map(([name, each]) => [name, orAsked(mapOf(each))]))];
    }),
  );
}

function orAsked(node: Json): unknown {
  if (!isPlain(node)) return withAsked(node);
  const { description, ...plain } = node;
  const rest = mapOf(withAsked(plain));
  const name = nameOfPlain.get(JSON.stringify(rest));
  // Draft-07 passes over what stands beside a $ref; editors show its description all the same.
  const value = name === undefined ? orAskedFor(rest) : { $ref: `#/definitions/${name}` };
  return { ...(description === undefined ? {} : { description }), ...value };
}

function orAskedFor(plain: Json): Json {
  const ways: readonly unknown[] = Array.isArray(plain['anyOf']) ? plain['anyOf'] : [plain];
  return { anyOf: [...ways, askedRef] };
}

function isPlain(node: Json): boolean {
  if (node['const'] !== undefined) return false;
  if (node['enum'] !== undefined) return true;
  // One name, or a list of them: the one may be asked for.
  if (Array.isArray(node['anyOf'])) return node['anyOf'].some((each) => isPlain(mapOf(each)));
  return node['type'] === 'string' || node['type'] === 'number' || node['type'] === 'integer' || node['type'] === 'boolean';
}

function mapOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

import * as z from 'zod';

/** What of JSON Schema (draft-07) the fleet file's schema uses. */
interface Node {
  readonly type?: string | string[] | undefined;
  readonly description?: string | undefined;
  readonly const?: string | undefined;
  readonly enum?: unknown[] | undefined;
  readonly anyOf?: Node[] | undefined;
  readonly items?: Node | undefined;
  readonly properties?: Record<string, Node> | undefined;
  readonly required?: string[] | undefined;
  readonly additionalProperties?: boolean | Node | undefined;
}

const nodeSchema: z.ZodType<Node> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    description: z.string().optional(),
    const: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(nodeSchema).optional(),
    items: nodeSchema.optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
  }),
);

/** docs/fleet-file.md: every key with its type, whether it must be there, its meaning and, in brackets, what holds without it. */
export function fleetReference(schema: Readonly<Record<string, unknown>>): string {
  const root = nodeSchema.parse(schema);
  const sections = Object.entries(root.properties ?? {});
  const required = new Set(root.required);
  return [
    '# The fleet file',
    '',
    'Made from the schema that checks the file (`npm run docs`). One YAML file describes one fleet: `--fleet FILE`, else `$QUARTERDECK_FLEET`, else `~/.config/quarterdeck/fleet.yaml`. The program never writes it.',
    '',
    'An unknown key is an error, with its line and the nearest right word. What stands in brackets at the end of a meaning holds when the key is left out. For completion in an editor: `quarterdeck schema fleet > fleet.schema.json`, and `# yaml-language-server: $schema=./fleet.schema.json` as the first line of the file.',
    '',
    'A **duration** is `500ms`, `5s`, `3m`, `2h` or `7d`. A **secret** or any other *setting* is text, or better `{ env: NAME }` or `{ file: PATH }`, so that it does not stand in the file. Any other text, number or switch may be `{ env: NAME }` too, for what is not the same everywhere or not known to whoever wrote the file: the file is not read until the variable is set, and says which. Roles, environments, services, checks and pools are names of your own.',
    '',
    '| section | what it says |',
    '|---|---|',
    ...sections.map(
      ([name, node]) => `| [\`${name}\`](#${name}) | ${node.description ?? ''}${required.has(name) ? ' **(must be there)**' : ''} |`,
    ),
    '',
    ...sections.flatMap(([name, node]) => sectionLines(name, node)),
  ].join('\n');
}

function sectionLines(name: string, node: Node): string[] {
  const out = [`## ${name}`, '', `${node.description ?? ''}.`, ''];
  const entry = entryOf(node);
  const kinds = (entry ?? node).anyOf;
  if (entry !== null) out.push(node.items === undefined ? 'A map: a name of your own, and then' : 'A list; each item has', '');
  if (kinds !== undefined && kinds.every((kind) => kind.properties !== undefined)) {
    return [...out, ...kinds.flatMap((kind) => kindLines(kind, kinds))];
  }
  const shown = entry ?? node;
  if (shown.properties === undefined) return [...out, `Type: ${typeOf(shown)}.`, ''];
  return [...out, ...tableOf(shown, '')];
}

/** The value of a map's entry or of a list's item; `null` for a section of fixed keys. */
function entryOf(node: Node): Node | null {
  if (node.items !== undefined) return node.items;
  return typeof node.additionalProperties === 'object' && node.properties === undefined ? node.additionalProperties : null;
}

/** One of several shapes: named by its `kind`, else by the keys that it alone must have. */
function kindLines(kind: Node, all: readonly Node[]): string[] {
  const ofKind = kind.properties?.['kind'];
  const alone = (kind.required ?? []).filter((key) => all.filter((other) => other.required?.includes(key)).length < all.length);
  const title = ofKind?.const !== undefined && ofKind.const !== 'http' && ofKind.const !== 'version' ? ofKind.const : alone.join(' ');
  const words = ofKind?.const === 'version' ? `${alone[0] ?? ''}, kind: version` : title;
  const about = (ofKind?.const === title ? ofKind?.description : kind.properties?.[alone[0] ?? '']?.description) ?? '';
  return [`### ${words}`, '', ...(about === '' ? [] : [`${about}.`, '']), ...tableOf(kind, '')];
}

function tableOf(node: Node, prefix: string): string[] {
  return ['| key | type | meaning |', '|---|---|---|', ...rowsOf(node, prefix), ''];
}

function rowsOf(node: Node, prefix: string): string[] {
  const required = new Set(node.required);
  return Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const must = required.has(key) ? ' **(must be there)**' : '';
    const row = `| \`${name}\` | ${typeOf(value)} | ${cell(value.description ?? '')}${must} |`;
    const inner = innerOf(value);
    return [row, ...(inner === null ? [] : rowsOf(inner.node, `${name}${inner.sign}`))];
  });
}

/** What lies inside a key and deserves rows of its own. */
function innerOf(node: Node): { readonly node: Node; readonly sign: string } | null {
  if (node.properties !== undefined) return { node, sign: '.' };
  if (node.items?.properties !== undefined) return { node: node.items, sign: '[].' };
  if (typeof node.additionalProperties === 'object' && node.additionalProperties.properties !== undefined) {
    return { node: node.additionalProperties, sign: '.NAME.' };
  }
  const [first, second] = node.anyOf ?? [];
  return first?.properties !== undefined && second?.items?.properties !== undefined ? { node: first, sign: '.' } : null;
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((one) => `\`${String(one)}\``).join(' ');
  if (node.anyOf !== undefined) return unionOf(node.anyOf);
  if (node.items !== undefined) return node.items.properties === undefined ? `list of ${typeOf(node.items)}` : 'list';
  if (node.properties !== undefined || node.additionalProperties !== undefined) return 'map';
  return [node.type ?? 'any']
    .flat()
    .map((one) => words[one] ?? one)
    .join(' or ');
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: '`true` or `false`',
  array: 'list',
  object: 'map',
  null: '`null`',
};

function unionOf(parts: readonly Node[]): string {
  if (parts.some((part) => part.properties?.['env'] !== undefined)) return 'setting';
  const types = [...new Set(parts.map(typeOf))];
  const [only] = types;
  if (types.length === 2 && types[1] === `list of ${only}`) return `${only} or a list`;
  return types.join(' or ');
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The part of a JSON Schema (draft-07) that the fleet file's schema uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number | boolean;
}

/** The reference page of the fleet file, a section a key, from the schema that checks the file. */
export function fleetReference(schema: Schema): string {
  const sections = Object.entries(schema.properties ?? {}).map(([key, value]) =>
    section(key, value, schema.required?.includes(key) === true),
  );
  return `# The fleet file

Made from the schema that checks the file (\`npm run docs\`); \`quarterdeck schema fleet\` prints it for your editor. One YAML file says all that Quarterdeck knows of a system; it is read, checked and never written. Durations are \`500ms 5s 3m 2h 7d\`, sizes \`20GB\`; a value may be \`{ env: NAME }\` or \`{ file: PATH }\` where it must not stand in the file.

${sections.join('\n')}`;
}

function section(key: string, schema: Schema, required: boolean): string {
  const rows = rowsOf(schema, '');
  const head = `## \`${key}\`${required ? ' (required)' : ''}\n\n${schema.description ?? ''}${schema.description === undefined ? '' : '.\n'}`;
  if (rows.length === 0) return `${head}${schema.description === undefined ? '' : '\n'}Takes ${kind(schema)}.\n`;
  return `${head}\n| key | takes | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** A row for every key below a schema; `<name>` stands for a name of the file's own, and variants follow one another. */
function rowsOf(schema: Schema, prefix: string): string[] {
  if (isSetting(schema)) return [];
  const rows: string[] = [];
  for (const [name, value] of Object.entries(schema.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    rows.push(
      `| \`${path}\`${schema.required?.includes(name) === true ? ' *' : ''} | ${kind(value)} | ${words(value)} |`,
      ...rowsOf(value, path),
    );
  }
  if (typeof schema.additionalProperties === 'object')
    rows.push(...rowsOf(schema.additionalProperties, prefix === '' ? '<name>' : `${prefix}.<name>`));
  for (const variant of schema.anyOf ?? []) rows.push(...rowsOf(variant, prefix));
  if (schema.items !== undefined) rows.push(...rowsOf(schema.items, `${prefix}[]`));
  return [...new Set(rows)];
}

/** A value that may stand outside the file; its two forms are told once, above. */
function isSetting(schema: Schema): boolean {
  return schema.anyOf?.some((variant) => Object.keys(variant.properties ?? {}).join() === 'env') ?? false;
}

function words(schema: Schema): string {
  return (schema.description ?? '').replaceAll('|', '\\|');
}

function kind(schema: Schema): string {
  if (isSetting(schema)) return 'text';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(kind))].join(' or ');
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'array':
      return schema.items === undefined ? 'list' : `list of ${kind(schema.items)}`;
    case 'object':
      return 'mapping';
    case 'boolean':
      return 'true or false';
    default:
      return schema.type ?? 'anything';
  }
}

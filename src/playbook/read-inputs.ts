import type * as z from 'zod';
import type { FleetReader } from '../config/fleet-reader.ts';
import { quoted } from '../config/visible.ts';
import type { Path } from '../config/yaml-data.ts';
import type { inputSchema } from './file-schema.ts';
import type { Input } from './playbook.ts';

/** Inputs of a playbook or fields of a question, in the file's order. */
export function inputsOf(reader: FleetReader, given: Readonly<Record<string, z.output<typeof inputSchema>>>, path: Path): Input[] {
  return Object.entries(given).map(([name, input]) => {
    const choices = input.choices ?? [];
    if (input.type === 'choice' && choices.length === 0)
      reader.complain([...path, name, 'choices'], 'key', `The choice ${quoted(name)} has nothing to choose from.`, 'Add choices: [ … ].');
    if (input.type === 'secret' && input.default !== undefined)
      reader.complain(
        [...path, name, 'default'],
        'key',
        `The secret ${quoted(name)} must not stand in the file.`,
        'Take the default away.',
      );
    return {
      name,
      type: input.type,
      from: input.from ?? null,
      choices,
      fallback: input.default ?? null,
      pattern: input.pattern ?? null,
      min: input.min ?? null,
      max: input.max ?? null,
      help: input.help ?? null,
      optional: input.optional ?? false,
    };
  });
}

import * as z from 'zod';
import type { Environment, LabelMatch } from '../../fleet/definition.ts';
import { pattern } from './values.ts';

/** `key=value` */
export function parseLabel(text: string): LabelMatch | null {
  const at = text.indexOf('=');
  return at < 1 ? null : { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

const labelPhrase = 'must be a label such as env=prod';

const label = z
  .string({ error: labelPhrase })
  .refine((text) => parseLabel(text) !== null, labelPhrase)
  .transform((text) => parseLabel(text) ?? { key: '', value: '' });

export const environmentSchema = z.strictObject({
  match: z
    .strictObject({
      label: label.optional().describe('Label that a host must have: env=prod'),
      name: pattern.optional().describe('Pattern that a host name must match'),
    })
    .refine((match) => match.label !== undefined || match.name !== undefined, 'must say label or name')
    .optional()
    .describe('Which hosts belong to it; both must hold when both are given'),
  danger: z.boolean().optional().describe('Whether changes ask for more; true unless the file says false'),
  color: z.enum(['red', 'yellow', 'green', 'blue', 'magenta', 'cyan', 'gray']).optional().describe('Colour of the band on every screen'),
});

/** Environments in file order, the built-in or described `default` last. */
export function environmentsOf(given: ReadonlyMap<string, z.output<typeof environmentSchema>>): Environment[] {
  const made = [...given].map(([name, entry]): Environment => {
    const danger = entry.danger ?? true;
    const match = entry.match === undefined ? null : { label: entry.match.label ?? null, name: entry.match.name ?? null };
    return { name, match, danger, color: entry.color ?? (danger ? 'red' : 'green') };
  });
  const own = made.find((environment) => environment.name === 'default');
  const rest = made.filter((environment) => environment !== own);
  return [...rest, own ?? { name: 'default', match: null, danger: true, color: 'red' }];
}

import * as z from 'zod';
import { fleetSchema } from './schema/sections.ts';

/** JSON Schema of the fleet file, draft-07 (what yaml-language-server reads), a new object at each call. */
export function fleetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fleetSchema, { target: 'draft-7', io: 'input' });
  return { ...schema, title: 'Quarterdeck fleet file' };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetJsonSchema } from '../config/fleet-schema.ts';
import { projectRoot } from './project-root.ts';
import { UsageError } from './usage-error.ts';

/** Prints a JSON Schema (draft-07) for editors. */
export function schema(what: string): number {
  if (what === 'fleet') {
    process.stdout.write(`${JSON.stringify(fleetJsonSchema(), null, 2)}\n`);
    return 0;
  }
  if (what === 'playbook') {
    process.stdout.write(readFileSync(join(projectRoot(), 'playbooks', 'playbook.v1.schema.json'), 'utf8'));
    return 0;
  }
  throw new UsageError(`no schema ${JSON.stringify(what)}: there are fleet and playbook`);
}

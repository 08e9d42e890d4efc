import { fleetJsonSchema } from '../config/fleet-schema.ts';
import { UsageError } from './usage-error.ts';

/** Prints a JSON Schema (draft-07) for editors. */
export function schema(what: string): number {
  if (what === 'fleet') {
    process.stdout.write(`${JSON.stringify(fleetJsonSchema(), null, 2)}\n`);
    return 0;
  }
  if (what === 'playbook') throw new UsageError('the playbook schema is not available yet');
  throw new UsageError(`no schema ${JSON.stringify(what)}: there are fleet and playbook`);
}

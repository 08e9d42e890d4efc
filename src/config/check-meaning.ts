import type { Fleet } from '../fleet/definition.ts';
import { checkCommands } from './check-commands.ts';
import { checkNames } from './check-names.ts';
import { checkOrder } from './check-order.ts';
import { checkRoles } from './check-roles.ts';
import type { FleetReader } from './fleet-reader.ts';
import type { PlacedSource } from './schema/sources.ts';

/**
 * What no single entry can show: names that must exist, numbers that must be in order, commands that are forbidden.
 * @param complete whether every source could be read, so that a role nobody gives is a mistake
 * @returns notes: what is allowed but worth knowing
 */
export function checkMeaning(reader: FleetReader, fleet: Fleet, sources: readonly PlacedSource[], complete: boolean): string[] {
  const notes = [...checkRoles(reader, fleet, complete), ...checkNames(reader, fleet, sources)];
  checkOrder(reader, fleet);
  checkCommands(reader, fleet);
  return notes;
}

import type { Fleet } from '../fleet/definition.ts';
import { checkCommands } from './check-commands.ts';
import { checkNames } from './check-names.ts';
import { checkOrder } from './check-order.ts';
import { checkRoles } from './check-roles.ts';
import type { FleetReader } from './fleet-reader.ts';

/**
 * What no single entry can show: names that must exist, numbers that must be in order, commands that are forbidden.
 * @returns notes: what is allowed but worth knowing
 */
export function checkMeaning(reader: FleetReader, fleet: Fleet): string[] {
  const notes = [...checkRoles(reader, fleet), ...checkNames(reader, fleet)];
  checkOrder(reader, fleet);
  checkCommands(reader, fleet);
  return notes;
}

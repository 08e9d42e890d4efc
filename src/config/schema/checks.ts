import type { CheckSpec } from '../../fleet/definition.ts';
import { type FleetReader, isMap } from '../fleet-reader.ts';
import { pathInWords } from '../issues.ts';
import { databaseChecks } from './database-checks.ts';
import { httpChecks } from './http-checks.ts';
import { plainChecks } from './plain-checks.ts';

export const checkVariants = { ...httpChecks, ...plainChecks, ...databaseChecks };

/** Keys that name the question. */
const questions = ['http', 'unix', 'tcp', 'tls', 'mysql', 'memcached', 'command', 'file_age'] as const;

/** The checks of a file that could be read. */
export function readChecks(reader: FleetReader): CheckSpec[] {
  return reader.entries('checks').flatMap(([name, value]) => readCheck(reader, name, value) ?? []);
}

function readCheck(reader: FleetReader, name: string, value: unknown): CheckSpec | null {
  const path = ['checks', name];
  const asks = reader.onlyKey(questions, value, path, 'what it asks');
  if (asks === undefined || !isMap(value)) return null;
  if (value['on'] === undefined && value['from'] === undefined) {
    reader.complain(path, 'key', `${pathInWords(path)} must say who is asked.`, 'Add on: ROLE, or from: here.');
  } else if (value['on'] !== undefined && value['from'] !== undefined) {
    reader.complain([...path, 'from'], 'key', `${pathInWords(path)} has both "on" and "from".`, 'Keep one of them.');
  }
  const version = value['kind'] === 'version';
  const kind = version && asks === 'http' ? 'version' : version && asks === 'unix' ? 'unixVersion' : asks;
  return checkVariants[kind].read(reader, value, path, name);
}

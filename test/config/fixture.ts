import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../../src/fleet/definition.ts';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { formatProblem } from '../../src/config/problem.ts';

export const fixtures = join(import.meta.dirname, 'fixtures');

export function fixtureNames(kind: 'good' | 'bad'): string[] {
  return readdirSync(join(fixtures, kind)).filter((name) => name.endsWith('.yaml'));
}

export function fixtureText(kind: 'good' | 'bad', name: string): string {
  return readFileSync(join(fixtures, kind, name), 'utf8');
}

/** What the good fixtures ask for by name. */
export const fixtureVariables = { AZURE_SUBSCRIPTION_ID: '0f3c6a1e-5d2b-4c11-9a57-3f0e6b1d2c40' };

/** A fleet from text that must be right; the failure shows what is wrong with it. */
export function fleetOf(text: string, file = '/etc/fleets/test.yaml', env: Readonly<Record<string, string>> = fixtureVariables): Fleet {
  const result = parseFleet(text, file, '/home/ann', env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.fleet;
}

/** Sentences about a text that must be wrong, each as `line:column message remedy`. */
export function faultsOf(text: string, env: Readonly<Record<string, string>> = {}): string[] {
  const result = parseFleet(text, 'x.yaml', '/home/ann', env);
  if (result.ok) throw new Error('the text was accepted');
  return result.problems.map(({ line, column, message, remedy }) => `${line}:${column} ${message}${remedy === null ? '' : ` ${remedy}`}`);
}

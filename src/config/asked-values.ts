import type * as z from 'zod';
import type { Fleet, Setting } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { type Complaint, pathInWords, valueAt } from './issues.ts';
import type { Path } from './yaml-data.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What a file must be told from outside: `{ env: NAME }` where text, a number or a duration belongs. */
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variable that a value of the file asks for; `null` when it asks for none. */
function askedName(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const [only, second] = Object.entries(value);
  if (only === undefined || second !== undefined || only[0] !== 'env') return null;
  return typeof only[1] === 'string' && variable.test(only[1]) ? only[1] : null;
}

export interface AskedValues {
  /** The value with what was asked for put in; the same one when nothing was asked for. */
  readonly value: unknown;
  /** Places whose variable is not set, with what the file would have to say there. */
  readonly missing: readonly Complaint[];
}

/**
 * Puts the environment's values where a schema found `{ env: NAME }` in place of something plain. Led by what the schema refuses: a
 * setting, which takes `{ env: NAME }` itself, stays as it is until it is used, and so does a map with a key that is called `env`.
 */
export function fillAsked(value: unknown, issues: readonly z.core.$ZodIssue[], base: Path, env: Variables): AskedValues {
  const missing: Complaint[] = [];
  let filled = value;
  for (const issue of issues) {
    const inside = issue.path.filter((step) => typeof step !== 'symbol');
    const name = askedName(valueAt(value, inside));
    if (name === null) continue;
    const given = env[name];
    if (given === undefined || given === '') missing.push(notSet([...base, ...inside], name, given));
    else filled = withValue(filled, inside, given);
  }
  return { value: filled, missing };
}

/** As `fillAsked`, for values that are still refused as text: a port or a switch comes as text from the environment too. */
export function asPlainValues(value: unknown, given: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  let out = value;
  for (const issue of issues) {
    const inside = issue.path.filter((step) => typeof step !== 'symbol');
    const text = valueAt(value, inside);
    if (askedName(valueAt(given, inside)) === null || typeof text !== 'string') continue;
    if (/^-?\d{1,15}(\.\d+)?$/.test(text)) out = withValue(out, inside, Number(text));
    else if (text === 'true' || text === 'false') out = withValue(out, inside, text === 'true');
  }
  return out;
}

/** A copy of the value with another one at the place; what does not lie on the way is shared. */
function withValue(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item: unknown, index) => (index === step ? withValue(item, rest, value) : item));
  if (typeof whole !== 'object' || whole === null) return whole;
  return { ...whole, [step]: withValue(Reflect.get(whole, step), rest, value) };
}

/** Without these no source can list its hosts, so they are asked for at the start and not at the first listing. Secrets are not looked at. */
export function checkSourceSettings(reader: FleetReader, fleet: Fleet, env: Variables): void {
  const look = (path: Path, setting: Setting | null): void => {
    if (setting?.kind !== 'env') return;
    const given = env[setting.name];
    if (given === undefined || given === '') reader.complaints.push(notSet(path, setting.name, given));
  };
  const items = reader.valueAt(['inventory']);
  // Sources that could be read keep the file's order; with a faulty one among them the places would be wrong.
  if (!Array.isArray(items) || items.length !== fleet.sources.length) return;
  for (const [index, source] of fleet.sources.entries()) {
    if (source.kind === 'gce') look(['inventory', index, 'gce', 'project'], source.project);
    if (source.kind !== 'azure') continue;
    look(['inventory', index, 'azure', 'subscription'], source.subscription);
    look(['inventory', index, 'azure', 'resourceGroup'], source.resourceGroup);
  }
}

function notSet(path: Path, name: string, given: string | undefined): Complaint {
  const state = given === undefined ? 'not set' : 'empty';
  return {
    path,
    at: 'value',
    message: `${pathInWords(path)} is asked for by name, and the environment variable ${name} is ${state}.`,
    remedy: `Find out what it is here and run: export ${name}=VALUE`,
  };
}

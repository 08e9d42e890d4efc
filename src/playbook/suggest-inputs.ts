import type { Alert } from '../fleet/alert.ts';
import { readInputs } from './inputs.ts';
import type { Input, Playbook, Suggestion } from './playbook.ts';
import { fill } from './template.ts';

/** Whether a host may be given for an input's `from`; `null` where that cannot be told. */
export type Fits = (from: string | null, host: string) => boolean | null;

const longestValue = 500;

/** Inputs that a rule of `suggest` fills from an alert. `misfit`: it names a host that the input does not take. */
export function filledInputs(
  playbook: Playbook,
  rule: Suggestion,
  alert: Alert,
  fits: Fits,
): { readonly inputs: Readonly<Record<string, string>>; readonly misfit: boolean } {
  const { name, what, hostName } = alert;
  const host = hostName === null ? {} : { host: hostName };
  // An alert names its host, also where its labels do not.
  const scope = { alert: { name, what, ...host, labels: { ...host, ...alert.labels } } };
  const inputs: Record<string, string> = {};
  let misfit = false;
  for (const input of playbook.inputs) {
    const template = Object.hasOwn(rule.fill, input.name) ? rule.fill[input.name] : undefined;
    const value = template === undefined ? null : filled(template, scope);
    if (value === null || input.type === 'secret') continue;
    if (isOfHosts(input) && fits(input.from, value) === false) misfit = true;
    else if (isAllowed(input, value, fits)) inputs[input.name] = value;
  }
  return { inputs, misfit };
}

/**
 * Inputs of a host that nothing fills yet, each given the first of these hosts that it takes. Of several that take the same hosts only one
 * is: which of them is meant is the person's to say. One that the file fills itself is given one only where it says which hosts it takes.
 */
export function hostInputs(
  playbook: Playbook,
  given: Readonly<Record<string, string>>,
  hosts: readonly string[],
  fits: Fits,
): Readonly<Record<string, string>> {
  const inputs = playbook.inputs.filter(isOfHosts);
  const asked = new Set(inputs.filter((input) => given[input.name] !== undefined).map((input) => input.from));
  const found: Record<string, string> = {};
  for (const input of inputs) {
    if (asked.has(input.from) || (input.fallback !== null && input.from === null)) continue;
    asked.add(input.from);
    const host = hosts.find((each) => fits(input.from, each) === true && isAllowed(input, each, fits));
    if (host !== undefined) found[input.name] = host;
  }
  return found;
}

/** Whether every input of a host refuses this one. */
export function refuses(playbook: Playbook, host: string, fits: Fits): boolean {
  const inputs = playbook.inputs.filter(isOfHosts);
  return inputs.length > 0 && inputs.every((input) => fits(input.from, host) === false);
}

function isOfHosts(input: Input): boolean {
  return input.type === 'host' || input.type === 'hosts';
}

function filled(template: string, scope: Readonly<Record<string, unknown>>): string | null {
  try {
    const { text } = fill(template, scope);
    return text === '' || text.length > longestValue ? null : text;
  } catch {
    return null;
  }
}

/** What a person could type there. */
function isAllowed(input: Input, value: string, fits: Fits): boolean {
  if (input.pattern !== null && !input.pattern.test(value)) return false;
  const known = (from: string | null): readonly string[] => (fits(from, value) === false ? [] : [value]);
  return readInputs([{ ...input, pattern: null }], { [input.name]: value }, known).ok;
}

import { unknown } from '../expression.ts';
import type { Playbook } from '../playbook.ts';
import { filledIn } from '../run/frame.ts';

/** Names of a playbook before its first step; inputs that are not given, and what hangs on them, are unknown. */
export function namesFor(playbook: Playbook, inputs: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const names = new Map<string, unknown>();
  // A secret is never shown, so its place stays.
  for (const { name, fallback, optional, type } of playbook.inputs)
    names.set(name, type === 'secret' ? unknown : (inputs[name] ?? fallback ?? (optional ? '' : unknown)));
  for (const [name, value] of Object.entries(playbook.vars)) names.set(name, filledOrUnknown(value, names));
  return names;
}

/** A value of the file with its places filled in; unknown where one of them is. */
export function filledOrUnknown(value: unknown, names: ReadonlyMap<string, unknown>): unknown {
  try {
    return filledIn(value, Object.fromEntries(names));
  } catch {
    return unknown;
  }
}

import { shown } from './shown.ts';
import type { Round } from './wire.ts';

/** What a part of the round said, and why it could not say all; `failure` is `null` when the tool answered. */
export interface PartAnswer<Value> {
  readonly value: Value;
  readonly failure: string | null;
}

/** In words why a tool of the host gave no answer; `null` when the exit code tells of none. */
function exitFailure(tool: string, exit: number): string | null {
  if (exit === 124 || exit === 137) return `${tool} did not answer in time on the host`;
  if (exit === 127) return `${tool} is not installed on the host`;
  if (exit === 126) return `${tool} may not be run by this user`;
  return null;
}

/**
 * Parses a part. When the tool hung, is missing, or left no value and said something else instead, that is the failure.
 * `null` when the round has no such part: it was not asked, or its end never came.
 */
export function partAnswer<Value>(
  round: Round,
  part: string,
  tool: string,
  parse: (text: string) => { readonly value: Value; readonly empty: boolean; readonly complaint: string | null },
): PartAnswer<Value> | null {
  const found = round.parts.get(part);
  if (found === undefined) return null;
  const { value, empty, complaint } = parse(found.text);
  const byExit = exitFailure(tool, found.exit);
  if (byExit !== null) return { value, failure: byExit };
  if (!empty || (found.exit === 0 && complaint === null)) return { value, failure: null };
  if (complaint !== null) return { value, failure: shown(`${tool}: ${complaint}`, 200) };
  return { value, failure: `${tool} ended with ${String(found.exit)} and said nothing` };
}

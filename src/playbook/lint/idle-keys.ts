import { quoted } from '../../config/visible.ts';
import type { Step, Verb } from '../playbook.ts';
import type { Findings } from './finding.ts';

const looks: readonly Verb[] = ['check', 'wait'];
const changes: readonly Verb[] = ['run', 'do'];
/** Steps that end with an outcome of their own. */
const ending: readonly Verb[] = [...looks, ...changes, 'manual', 'approve'];

/** Keys that any step may bear by the form, and which of them heed each: elsewhere an author would count on what never happens. */
const heeded: readonly (readonly [key: string, given: (step: Step) => boolean, by: readonly Verb[]])[] = [
  ['skip_if', (step) => step.skipIf !== null, changes],
  ['on_fail', (step) => step.onFail !== null, [...ending, 'each']],
  ['on_unreachable', (step) => step.onUnreachable !== null, [...looks, ...changes]],
  ['timeout', (step) => step.timeout !== null, [...looks, 'run', 'approve']],
  ['save', (step) => step.save !== null, [...ending, 'choose']],
  ['secret_output', (step) => step.secretOutput, [...looks, ...changes]],
  ['host', (step) => step.host !== null, ending],
];

/** What a step says and nothing reads. */
export function lintIdleKeys(step: Step, findings: Findings): void {
  const tell = (key: string, message: string, remedy: string): void =>
    findings.atStep(step, { rule: 'idle-key', message, remedy, under: [`${key}:`] });
  for (const [key, given, by] of heeded) {
    if (given(step) && !by.includes(step.verb))
      tell(key, `${quoted(key)} says nothing in a ${quoted(step.verb)} step.`, remedyOf(key, step.verb, by));
  }
  if (step.verb === 'do' && step.host !== null && step.skipIf === null && step.undo?.kind !== 'run')
    tell('host', '"host" says nothing in this "do" step.', 'The action takes its host under "with".');
  if (step.leave !== null && !step.temporary)
    tell(
      'leave',
      '"leave" says why a temporary state may stay, and this step is not temporary.',
      'Add "temporary: true", or write it under "why".',
    );
}

function remedyOf(key: string, verb: Verb, by: readonly Verb[]): string {
  if (key === 'timeout' && verb === 'do') return 'An action has a time of its own, in the fleet file.';
  if (key === 'skip_if') return 'Ask with a check that saves, and say "when:" here.';
  return `It belongs to ${by.join(', ')}.`;
}

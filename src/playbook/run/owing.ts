import type { JsonValue } from '../../journal/entry.ts';
import { plain, unknown } from '../expression.ts';
import type { Step } from '../playbook.ts';
import type { FrozenUndo } from './events.ts';
import { filledIn, type Frame, scopeOf } from './frame.ts';
import { hostOf } from './leaf.ts';
import type { Run } from './run.ts';
import { fill, fillCommand } from '../template.ts';

const undoDeadlineMs = 120_000;

/** How a step would be taken back, with the values of now; `null` when it cannot be, or when the change has no inverse of its own. */
export function frozenUndo(
  frame: Frame,
  step: Step,
  actionId: string | null,
  hasInverse: boolean,
  variableOf: (value: string) => string | null,
): FrozenUndo | null {
  const { undo } = step;
  const scope = scopeOf(frame);
  // An action of the catalogue brings its own inverse unless the file says otherwise.
  if (undo === null) return step.verb === 'do' && actionId !== null && hasInverse ? { kind: 'auto', actionId } : null;
  switch (undo.kind) {
    case 'none':
      return null;
    case 'auto':
      return actionId === null || !hasInverse ? null : { kind: 'auto', actionId };
    case 'do':
      return { kind: 'do', action: undo.action.action, with: jsonOf(filledIn(undo.action.with, scope)) };
    case 'run':
      return {
        kind: 'run',
        host: hostOf(frame, step) ?? '',
        command: fillCommand(undo.command, scope, variableOf).text,
        timeoutMs: undoDeadlineMs,
      };
    case 'manual':
      return { kind: 'manual', text: fill(undo.text, scope).text };
    default:
      return undo satisfies never;
  }
}

/** Writes what a change that happened leaves: its undo, the debt that it opened, the one that it paid. */
export function pushUndo(
  run: Run,
  frame: Frame,
  step: Step,
  key: string,
  title: string,
  frozen: FrozenUndo | null,
  hostId: string | null,
): void {
  const undo = frozen ?? frozenUndo(frame, step, null, false, (value) => run.variableOf(value));
  // Putting back what was taken away ends the matter: its own inverse would take it away again.
  const settles = step.settles !== null && run.memory.debtsOf(frame.prefix, step.settles).length > 0;
  if (undo !== null && !(settles && undo.kind === 'auto')) run.event({ event: 'undo-push', key, title: run.mask(title), undo });
  if (step.temporary) {
    const leave = step.leave === null ? null : run.mask(fill(step.leave, scopeOf(frame)).text);
    run.event({ event: 'debt-open', key, what: run.mask(title), hostId, leave });
  }
}

/** A step that ended well pays the debt that it names. */
export function payDebt(run: Run, frame: Frame, step: Step, key: string): void {
  if (step.settles === null) return;
  for (const debt of run.memory.debtsOf(frame.prefix, step.settles)) run.event({ event: 'debt-settled', key: debt, by: key });
}

/** Plain JSON values; what is unknown is left out. */
export function jsonOf(value: unknown): Record<string, JsonValue> {
  const known: unknown = JSON.parse(JSON.stringify(plain(value), (_, each: unknown) => (each === unknown ? undefined : plain(each))));
  return typeof known === 'object' && known !== null && !Array.isArray(known) ? { ...known } : {};
}

import type { JsonValue } from '../../journal/entry.ts';
import { plain, unknown } from '../expression.ts';
import type { Step } from '../playbook.ts';
import type { FrozenUndo } from './events.ts';
import { Stop } from './control.ts';
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
    case 'do': {
      const given = known(step, filledIn(undo.action.with, scope));
      refuseSecrets(step, undo.action.action, given, variableOf);
      return { kind: 'do', action: undo.action.action, with: jsonOf(given) };
    }
    case 'run': {
      const { text, open } = fillCommand(undo.command, scope, variableOf);
      if (open.length > 0) known(step, unknown);
      const host = hostOf(frame, step);
      if (host === null) throw new Stop('failed', `${step.address}: its undo runs on no host, so it is not done: give the step a host`);
      return { kind: 'run', host, command: text, timeoutMs: undoDeadlineMs };
    }
    case 'manual':
      return { kind: 'manual', text: fill(undo.text, scope).text };
    default:
      return undo satisfies never;
  }
}

/** @throws Stop for a value that is not known: a change whose undo would be guessed is not made. */
function known(step: Step, value: unknown): unknown {
  if (value === unknown || (typeof value === 'object' && value !== null && Object.values(value).includes(unknown)))
    throw new Stop('failed', `${step.address}: a value of its undo is not known, so it is not done`);
  return value;
}

/** @throws Stop for a secret among the values of an action: it would stand in a command line there. */
export function refuseSecrets(step: Step, action: string, given: unknown, variableOf: (value: string) => string | null): void {
  if (typeof given === 'object' && given !== null) {
    for (const value of Object.values(given)) refuseSecrets(step, action, value, variableOf);
  } else if (typeof given === 'string' && variableOf(given) !== null)
    throw new Stop('failed', `${step.address}: a secret is not given to ${action}: it would stand in a command line there`);
}

/** Putting back what was taken away ends the matter: its own inverse, which would take it away again, is not kept. */
export function putsBack(run: Run, frame: Frame, step: Step): boolean {
  return step.settles !== null && run.memory.debtsOf(frame.prefix, step.settles).length > 0;
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
  if (undo !== null) run.event({ event: 'undo-push', key, title: run.mask(title), undo });
  const owed = owedBy(run, frame, step);
  if (owed !== null) run.event({ event: 'debt-open', key, what: run.mask(title), hostId, ...owed });
}

/** What a change would leave open, and why it may be left; `null` when nothing. */
export function owedBy(run: Run, frame: Frame, step: Step): { readonly leave: string | null } | null {
  if (!step.temporary) return null;
  return { leave: step.leave === null ? null : run.mask(fill(step.leave, scopeOf(frame)).text) };
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

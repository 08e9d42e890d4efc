import { evaluate, plain, type Scope } from '../expression.ts';
import { invertible } from '../live/action-requests.ts';
import type { CatalogueAction, Probe, Step } from '../playbook.ts';
import { probeWords } from '../run/ask-probe.ts';
import { stepTitle } from '../run/step-title.ts';
import { shownCommandLine, shownText } from '../template.ts';

/** Names that a step leaves behind, whose values only a run knows. */
export function namesLeft(step: Step): readonly string[] {
  const asked = step.verb === 'ask' ? step.fields.map(({ name }) => name) : [];
  return step.save === null ? asked : [...asked, step.save];
}

export function itemsOf(step: Extract<Step, { verb: 'each' }>, scope: Scope): readonly string[] | null {
  const truth = evaluate(step.in, scope);
  if (truth.kind !== 'value') return null;
  const value = plain(truth.value);
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** What the step does, in one line, as far as its places are known. */
export function titleOf(step: Step, scope: Scope): string {
  switch (step.verb) {
    case 'check':
    case 'wait':
      return shownProbe(step.probe, scope);
    case 'run':
      return shownCommandLine(step.command, scope);
    case 'do':
      return actionWords(step.action, scope);
    case 'play': {
      const given = Object.entries(step.with).map(([name, value]) => ` ${name}=${valueWords(value, scope)}`);
      return `${step.playbook}${given.join('')}`;
    }
    case 'tell':
      return shownText(step.text, scope);
    case 'manual':
    case 'stop':
    case 'no_return':
      return shownText(step.text, scope);
    case 'sleep':
      return shownText(step.duration, scope);
    case 'branch':
      return '';
    default:
      return shownText(stepTitle(step), scope);
  }
}

function actionWords({ action, with: given }: CatalogueAction, scope: Scope): string {
  return `${action}${Object.entries(given)
    .map(([name, value]) => ` ${name}=${valueWords(value, scope)}`)
    .join('')}`;
}

function valueWords(value: unknown, scope: Scope): string {
  return typeof value === 'string' ? shownText(value, scope) : JSON.stringify(value);
}

export function shownProbe(probe: Probe, scope: Scope): string {
  const text = (template: string): string => shownText(template, scope);
  switch (probe.kind) {
    case 'command':
      return shownCommandLine(probe.command, scope);
    case 'http':
      return probeWords({ ...probe, url: text(probe.url), hostHeader: probe.hostHeader === null ? null : text(probe.hostHeader) });
    case 'pool':
      return probeWords({ ...probe, pool: text(probe.pool), except: probe.except === null ? null : text(probe.except) });
    default:
      return text(probeWords(probe));
  }
}

export function undoWords(step: Step, scope: Scope): string | null {
  const { undo } = step;
  if (undo === null) {
    if (step.verb !== 'do') return null;
    return invertible.has(step.action.action) ? 'its own inverse' : 'nothing of its own takes it back';
  }
  switch (undo.kind) {
    case 'none':
      return 'none';
    case 'auto':
      return 'its own inverse';
    case 'do':
      return actionWords(undo.action, scope);
    case 'run':
      return shownCommandLine(undo.command, scope);
    case 'manual':
      return `by hand: ${shownText(undo.text, scope)}`;
    default:
      return undo satisfies never;
  }
}

import { didYouMean, suggestion } from '../../config/nearest.ts';
import { quoted } from '../../config/visible.ts';
import { catalogue, invertible } from '../live/action-requests.ts';
import { metricNames } from '../live/metrics.ts';
import type { CatalogueAction, Playbook, Probe, Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import type { Findings } from './finding.ts';
import { lintIdleKeys } from './idle-keys.ts';

/** What each step must say to be safe, whatever the fleet. */
export function lintSteps(playbook: Playbook, findings: Findings): void {
  for (const step of [...playbook.steps, ...playbook.finally].flatMap(stepsWithin)) {
    lintUndo(step, findings);
    lintIdleKeys(step, findings);
    if (step.retry !== null && (step.verb === 'run' || step.verb === 'do') && step.rerun !== 'safe')
      findings.atStep(step, {
        rule: 'retry',
        message: 'This change is tried again by itself, and nothing says that it may be made twice.',
        remedy: 'Add "rerun: safe" if it may, else take "retry" away.',
        under: ['retry:'],
      });
    if (step.verb === 'choose') lintOptions(step, findings);
    for (const action of actionsOf(step)) lintAction(step, action, findings);
    for (const probe of probesOf(step)) lintProbe(step, probe, findings);
  }
}

/** The catalogue's actions that a step names: its own, and that of its undo. */
export function actionsOf(step: Step): readonly CatalogueAction[] {
  return [...(step.verb === 'do' ? [step.action] : []), ...(step.undo?.kind === 'do' ? [step.undo.action] : [])];
}

export function probesOf(step: Step): readonly Probe[] {
  return [...(step.verb === 'check' || step.verb === 'wait' ? [step.probe] : []), ...(step.skipIf === null ? [] : [step.skipIf])];
}

/** What people and recorded tests answer to other questions, and what ends any run: an option of that name could not be told from it. */
const answerWords = new Set(['stop', 'skip', 'undo', 'retry']);

function lintOptions(step: Extract<Step, { verb: 'choose' }>, findings: Findings): void {
  for (const { name } of step.options) {
    const isNumber = /^\d+$/.test(name);
    if (!isNumber && !answerWords.has(name)) continue;
    findings.atStep(step, {
      rule: 'option-name',
      message: `The option ${quoted(name)} cannot be told from ${isNumber ? 'an option’s number' : `the answer ${quoted(name)}, which every run understands by itself`}.`,
      remedy: 'Name it for what it means here, such as leave-it or roll-back.',
      under: [name, `"${name}"`, `'${name}'`].flatMap((key) => [`${key}: {`, `${key}:\n`]),
    });
  }
}

function lintUndo(step: Step, findings: Findings): void {
  const { undo } = step;
  if (undo?.kind === 'none' && step.why === null)
    findings.atStep(step, {
      rule: 'undo-why',
      message: '"undo: none" does not say why nothing is taken back.',
      remedy: 'Add "why:".',
      under: ['undo:'],
    });
  if (undo?.kind === 'run' && step.host === null)
    findings.atStep(step, {
      rule: 'undo-host',
      message: 'This undo runs on the step’s own host, and the step names none.',
      remedy: 'Add "host:" to the step.',
      under: ['undo:'],
    });
  if (undo?.kind !== 'auto') return;
  if (step.verb !== 'do')
    findings.atStep(step, {
      rule: 'undo-auto',
      message: `A ${quoted(step.verb)} step has no inverse of its own.`,
      remedy: 'Say how it is taken back: { run: … }, { do: … }, { manual: … }, or none and why.',
      under: ['undo:'],
    });
  else if (catalogue[step.action.action] !== undefined && !invertible.has(step.action.action))
    findings.atStep(step, {
      rule: 'undo-auto',
      message: `${step.action.action} has no inverse of its own.`,
      remedy: `Say how it is taken back, or none and why. An inverse have: ${[...invertible].join(', ')}.`,
      under: ['undo:'],
    });
}

function lintAction(step: Step, { action, with: given }: CatalogueAction, findings: Findings): void {
  const keys = catalogue[action];
  if (keys === undefined) {
    if (action.startsWith('custom.')) return;
    findings.atStep(step, {
      rule: 'action',
      message: `There is no action ${quoted(action)}.`,
      remedy: suggestion(action, Object.keys(catalogue), 'Actions are'),
      under: [action],
    });
    return;
  }
  const known = [...keys.needs, ...keys.may];
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    findings.atStep(step, {
      rule: 'with',
      message: `${action} takes no ${quoted(key)}.`,
      remedy: didYouMean(key, known) ?? `It takes ${known.join(', ')}.`,
      under: [`${key}:`],
    });
  }
  for (const key of keys.needs) {
    if (given[key] !== undefined) continue;
    findings.atStep(step, {
      rule: 'with',
      message: `${action} needs ${quoted(key)}.`,
      remedy: `Add ${key} under "with".`,
      under: ['with:', action],
    });
  }
}

function lintProbe(step: Step, probe: Probe, findings: Findings): void {
  if ((probe.kind === 'service' || probe.kind === 'metric') && step.host === null)
    findings.atStep(step, {
      rule: 'host',
      message: `A ${probe.kind} is asked of a host, and this step names none.`,
      remedy: 'Add "host:".',
      under: [`${probe.kind}:`],
    });
  if (probe.kind !== 'metric' || probe.metric.includes('{{')) return;
  const [figure = '', mount] = probe.metric.split(/:(.*)/s);
  const known = metricNames.some((name) => name === figure);
  if (known && (mount === undefined || figure === 'disk' || figure === 'inodes')) return;
  findings.atStep(step, {
    rule: 'metric',
    message: known ? `The figure ${quoted(figure)} is not told by mount.` : `There is no figure ${quoted(figure)}.`,
    remedy: known ? 'Only disk and inodes are: disk:/data.' : suggestion(figure, metricNames, 'Figures are'),
    under: [probe.metric],
  });
}

import { parseDuration } from '../../config/schema/values.ts';
import { quoted } from '../../config/visible.ts';
import type { Input, Playbook, Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import { placesIn } from '../template.ts';
import type { Findings, Said } from './finding.ts';
import { asWritten } from './names.ts';

/** Inputs that may hold a text such as 30s. */
const mayHold: readonly Input['type'][] = ['duration', 'text', 'choice'];

/** A duration that is one place must come from what can be one: else the run ends at that step, in the middle of what it does. */
export function lintDurations(playbook: Playbook, findings: Findings): void {
  const { timeout, lockTtl } = playbook.limits;
  for (const given of [
    ['timeout', timeout],
    ['lock_ttl', lockTtl],
  ] as const)
    lintDuration(playbook, given, (said) => findings.atHead('limits', said));
  for (const step of [...playbook.steps, ...playbook.finally].flatMap(stepsWithin))
    for (const given of durationsOf(step)) lintDuration(playbook, given, (said) => findings.atStep(step, said));
}

type Given = readonly [key: string, text: string | null];

function durationsOf(step: Step): readonly Given[] {
  const own: readonly Given[] = [
    ['timeout', step.timeout],
    ['wait', step.retry?.wait ?? null],
  ];
  if (step.verb === 'wait') return [...own, ['every', step.every], ['hold', step.hold]];
  if (step.verb === 'each') return [...own, ['pause', step.pause]];
  return step.verb === 'sleep' ? [...own, ['sleep', step.duration]] : own;
}

function lintDuration({ vars, inputs }: Playbook, [key, text]: Given, tell: (said: Said) => void): void {
  const [name = '', second] = text === null ? [] : placesIn(text);
  if (name === '' || text === null) return;
  const under = [`${key}: "${text}"`, `${key}: '${text}'`, text];
  if (second !== undefined || !asWritten(name).includes(text.trim()))
    return tell({
      rule: 'duration',
      message: `${quoted(text)} is no single value.`,
      remedy: 'Write one {{ name }} whose value is 30s, 5m or 2h.',
      under,
    });
  const constant = Object.hasOwn(vars, name) ? vars[name] : undefined;
  if (constant !== undefined && !isDuration(constant))
    tell({
      rule: 'duration',
      message: `The constant ${quoted(name)} is ${JSON.stringify(constant)}, which is no duration.`,
      remedy: 'Write it as "30s", "5m" or "2h".',
      under,
    });
  const input = inputs.find((each) => each.name === name);
  if (input !== undefined && !mayHold.includes(input.type))
    tell({
      rule: 'duration',
      message: `The input ${quoted(name)} is ${input.type === 'int' ? 'an' : 'a'} ${input.type}, which is no duration.`,
      remedy: 'Give it "type: duration"; people then type 30s or 5m.',
      under,
    });
}

/** What holds a place itself is known only when the run begins. */
function isDuration(constant: unknown): boolean {
  return typeof constant === 'string' && (placesIn(constant).length > 0 || parseDuration(constant) !== null);
}

import stringWidth from 'string-width';
import { formatDuration } from '../fleet/duration.ts';
import type { PlannedStep, PlannedWay, PlaybookPlan } from '../playbook/dry/plan.ts';
import { sanitizeText } from '../remote/sanitize.ts';

const width = 80;
/** However deep it stands, a text keeps so much of the line. */
const narrowest = 36;

/** The plan for reading at 80 columns. Commands stand whole on lines of their own, so that they can be copied. */
export function playbookPlanText(plan: PlaybookPlan): string {
  return `${sanitizeText([...head(plan), ...plan.steps.flatMap((step) => stepLines(step, 0)), ...last(plan)].join('\n'))}\n`;
}

function head(plan: PlaybookPlan): readonly string[] {
  const row = (name: string, text: string): readonly string[] => wrapped(text, `  ${name.padEnd(9)}`, 11);
  const inputs = plan.inputs.map(({ name, value, needed }) => {
    if (value === null) return `${name} = {{ ${name} }}${needed ? ' (not given)' : ''}`;
    return `${name} = ${value === '' ? 'nothing' : value}`;
  });
  const { ms, without } = plan.longest;
  const limit = plan.limitMs === null ? '' : `; the run ends after ${formatDuration(plan.limitMs)}`;
  return [
    ...wrapped(`${plan.playbook}: ${plan.title}`, '', 2),
    ...(inputs.length === 0 ? [] : row('inputs', inputs.join(', '))),
    ...(plan.locks.length === 0 ? [] : row('locks', plan.locks.join(', '))),
    ...(plan.keepInPool === null ? [] : row('keeps', `${plan.keepInPool} in the pool`)),
    ...row('longest', `${formatDuration(ms)}${without.length === 0 ? '' : `, not counting ${without.join(', ')}`}${limit}`),
    ...plan.debts.flatMap(({ key, settledBy, leave }) => {
      const paid = settledBy.length === 0 ? 'nothing ends it' : `ended by ${settledBy.join(', ')}`;
      return row('owes', `${key}: ${leave === null ? paid : `may stay: ${leave}`}`);
    }),
    ...(plan.steps[0]?.verb === 'section' ? [] : ['']),
  ];
}

function last(plan: PlaybookPlan): readonly string[] {
  if (plan.finally.length === 0) return [];
  return ['', 'At the end, whatever happened', ...plan.finally.flatMap((step) => stepLines(step, 1))];
}

function stepLines(step: PlannedStep, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  if (step.verb === 'section')
    return [
      ...(depth === 0 ? ['', ...wrapped(step.title, '', 2)] : wrapped(step.title, indent, indent.length + 2)),
      ...details(step, `${indent}    `),
      ...step.ways.flatMap((way) => wayLines(way, depth)),
    ];
  const { shell } = step;
  const verb =
    step.verb === 'branch'
      ? 'which way'
      : step.verb === 'no_return'
        ? 'no way back:'
        : step.ends === null
          ? step.verb
          : `stop, ${step.ends}:`;
  const words = [verb, shell || step.title === '' ? '' : step.title];
  const on = step.host === null ? '' : ` on ${step.host}`;
  const named = `${step.id === null ? '' : `${step.id}: `}${words.filter((word) => word !== '').join(' ')}${on}`;
  return [
    ...wrapped(named, indent, indent.length + 4),
    ...(shell ? commandLines(step.title, `${indent}    $ `) : []),
    ...details(step, `${indent}    `),
    ...step.ways.flatMap((way) => wayLines(way, depth + 1)),
    ...(step.verb === 'branch' && !step.ways.some(({ label }) => label === 'else') ? [`${indent}  else goes on`] : []),
  ];
}

function details(step: PlannedStep, indent: string): readonly string[] {
  const line = (text: string): readonly string[] => wrapped(text, indent, indent.length + 2);
  const { undo } = step;
  const small = [
    ...(step.wanted === null ? [] : [`${step.verb === 'wait' ? 'until' : 'must be'} ${step.wanted}`]),
    ...(step.hold === null ? [] : [`and stays so for ${step.hold}`]),
    ...(step.timeoutMs === null || step.verb === 'sleep' ? [] : [`at most ${formatDuration(step.timeoutMs)}`]),
    ...(step.retries === 0 ? [] : [`up to ${step.retries + 1} tries`]),
    ...(step.items === null ? [] : [`for ${step.items.join(', ') || 'nothing'}`]),
    ...(step.save === null ? [] : [`keeps ${step.save}`]),
    ...(step.risk === 'danger' ? ['DANGER'] : []),
  ].join(' · ');
  return [
    ...(step.when === null ? [] : line(`only if ${step.when}`)),
    ...(step.why === null ? [] : line(`why: ${step.why}`)),
    ...(step.skipIf === null ? [] : line(`skipped where this holds: ${step.skipIf}`)),
    ...(step.preview === null ? [] : line(`a check shows its effect by: ${step.preview}`)),
    ...(small === '' ? [] : line(small)),
    ...(undo === null ? [] : line(`undo: ${undo}`)),
    ...(step.temporary
      ? line(step.leave === null ? 'temporary: must be ended before a good end' : `temporary, may stay: ${step.leave}`)
      : []),
    ...(step.settles === null ? [] : line(`ends ${step.settles}`)),
  ];
}

function wayLines(way: PlannedWay, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const told = (text: string): readonly string[] => wrapped(text, indent, indent.length + 4);
  const failed = (text: string): readonly string[] => wrapped(text, `  ${indent}`, indent.length + 4);
  const inside = (by: number): readonly string[] => way.steps.flatMap((step) => stepLines(step, depth + by));
  const why = way.why === null ? '' : ` (${way.why})`;
  switch (way.kind) {
    case 'inside':
      return way.next === 'failed' ? told(way.label) : inside(1);
    case 'arm':
      return [...told(`${way.label === 'else' ? 'else' : `if ${way.label}`}${why}`), ...inside(1)];
    case 'option':
      return [...told(`• ${way.label}${way.steps.length === 0 ? ' (goes on)' : ''}`), ...inside(1)];
    case 'on_fail':
    case 'on_unreachable':
      return [...failed(`${way.kind === 'on_fail' ? 'if it fails' : 'if the host cannot be reached'}: ${thenWords(way)}`), ...inside(2)];
    default:
      return way.kind satisfies never;
  }
}

function thenWords({ next, label, steps }: PlannedWay): string {
  if (steps.length > 0) return '';
  if (next === 'goes on') return 'goes on';
  if (next === 'ask') return 'asks: retry, skip, undo or stop';
  if (next === 'undo') return 'takes everything back';
  return `stops, ${next}${label === '' ? '' : `: ${label}`}`;
}

function commandLines(command: string, indent: string): readonly string[] {
  const [first = '', ...rest] = command.trimEnd().split('\n');
  return [indent + first, ...rest.map((line) => ' '.repeat(indent.length) + line)];
}

/** A text broken between words; lines behind the first begin `hanging` columns in. */
function wrapped(text: string, before: string, hanging: number): readonly string[] {
  const lines: string[] = [];
  let line = before;
  let begun = false;
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const room = Math.max(width, stringWidth(line.slice(0, line.length - line.trimStart().length)) + narrowest);
    if (begun && stringWidth(line) + 1 + stringWidth(word) > room) {
      lines.push(line);
      line = ' '.repeat(hanging) + word;
    } else line += begun ? ` ${word}` : word;
    begun = true;
  }
  return [...lines, line.trimEnd()];
}

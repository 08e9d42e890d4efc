import { sanitizeText } from '../remote/sanitize.ts';
import type { OnFail, Playbook, Step, Undo } from './playbook.ts';
import { commandLine, stepTitle } from './run/step-title.ts';

/** A playbook as Markdown, to be printed and followed by hand when nothing else works. */
export function asMarkdown(playbook: Playbook): string {
  const { inputs, locks, links, limits } = playbook;
  const lines = [
    `# ${oneLine(playbook.title)}`,
    '',
    `Playbook \`${playbook.id}\` · owner ${oneLine(playbook.owner)} · reviewed ${playbook.reviewed}`,
    '',
    '## When to use',
    '',
    playbook.whenToUse.trimEnd(),
    ...(links.length === 0 ? [] : ['', ...links.map((link) => `- ${oneLine(link)}`)]),
    ...(inputs.length === 0 ? [] : ['', '## Fill in first', '']),
    ...inputs.map(({ name, type, from, help, optional }) => {
      const kind = `${type}${from === null ? '' : ` of ${from}`}${optional ? ', may be left out' : ''}`;
      return `- [ ] ${code(name)} (${oneLine(kind)})${help === null ? '' : `: ${oneLine(help)}`}`;
    }),
    ...(locks.length === 0 ? [] : ['', `Nobody else works on ${locks.map(code).join(', ')} meanwhile.`]),
    ...(limits.timeout === null ? [] : ['', `Longest time: ${limits.timeout}.`]),
    '',
    '## Steps',
    '',
    ...list(playbook.steps, 0),
    ...(playbook.finally.length === 0 ? [] : ['', '## At the end, whatever happened', '', ...list(playbook.finally, 0)]),
  ];
  return `${sanitizeText(lines.join('\n'))}\n`;
}

function list(steps: readonly Step[], depth: number): readonly string[] {
  return steps.flatMap((step, index) => {
    const at = (text: string): string => `${'    '.repeat(depth + 1)}- ${text}`;
    const below = (label: string, inside: readonly Step[]): readonly string[] => [at(label), ...list(inside, depth + 2)];
    return [
      `${'    '.repeat(depth)}${index + 1}. ${words(step)}`,
      ...details(step).map(at),
      ...(step.verb === 'section' || step.verb === 'each' ? list(step.steps, depth + 1) : []),
      ...(step.verb === 'branch'
        ? step.arms.flatMap((arm) => {
            const why = arm.why === null ? '' : ` (${oneLine(arm.why)})`;
            return below(`${arm.when === null ? 'Else' : `If ${code(arm.when)}`}${why}:`, arm.steps);
          })
        : []),
      ...(step.verb === 'choose' ? step.options.flatMap((option) => below(`${oneLine(option.label)}:`, option.steps)) : []),
      ...failing('If it fails', step.onFail, below, at),
      ...failing('If the host cannot be reached', step.onUnreachable, below, at),
    ];
  });
}

function words(step: Step): string {
  const on = step.host === null ? '' : ` on ${code(step.host)}`;
  const name = step.id === null ? '' : `**${step.id}** `;
  switch (step.verb) {
    case 'check':
    case 'wait':
    case 'run':
    case 'do':
    case 'play':
    case 'each':
      return `${name}${step.verb}: ${code(stepTitle(step).replace(/^(check|wait for|play|each) /, ''))}${on}`;
    case 'section':
      return `**${oneLine(step.title)}**`;
    case 'branch':
      return `${name}Which holds?`;
    default:
      return `${name}${oneLine(stepTitle(step))}${on}`;
  }
}

function details(step: Step): readonly string[] {
  const { when, why, undo, settles, temporary, leave, risk, skipIf } = step;
  return [
    ...(when === null ? [] : [`Only if ${code(when)}.`]),
    ...(why === null ? [] : [`Why: ${oneLine(why)}`]),
    ...(step.verb === 'check' && step.expect !== null ? [`Expect ${code(step.expect)}.`] : []),
    ...(step.verb === 'wait' && step.hold !== null ? [`It must stay so for ${step.hold}.`] : []),
    ...(step.verb === 'wait' || step.verb === 'run' ? [`Give up after ${step.timeout}.`] : []),
    ...(step.verb === 'manual' || step.verb === 'tell' ? moreLines(step.text) : []),
    ...(skipIf === null ? [] : ['Skip it if it is so already.']),
    ...(risk === 'danger' ? ['**Danger.**'] : []),
    ...(step.save === null ? [] : [`Note the result as ${code(step.save)}.`]),
    ...(undo === null ? [] : [undoWords(undo)]),
    ...(temporary
      ? [leave === null ? 'Temporary: it must be ended before you are done.' : `Temporary; it may stay: ${oneLine(leave)}`]
      : []),
    ...(settles === null ? [] : [`This ends what ${code(settles)} began.`]),
  ];
}

function moreLines(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
}

function undoWords(undo: Undo): string {
  switch (undo.kind) {
    case 'none':
      return 'Undo: none.';
    case 'auto':
      return 'Undo: the inverse of the action.';
    case 'do':
      return `Undo: ${code(undo.action.action)} ${Object.values(undo.action.with).map(String).map(code).join(' ')}`;
    case 'run':
      return `Undo: ${code(commandLine(undo.command))}`;
    case 'manual':
      return `Undo: ${oneLine(undo.text)}`;
    default:
      return undo satisfies never;
  }
}

function failing(
  label: string,
  handler: OnFail | null,
  below: (label: string, inside: readonly Step[]) => readonly string[],
  at: (text: string) => string,
): readonly string[] {
  if (handler === null) return [];
  switch (handler.kind) {
    case 'ask':
      return [at(`${label}: decide (again, go on, undo, stop).`)];
    case 'continue':
      return [at(`${label}: go on.`)];
    case 'undo':
      return [at(`${label}: undo everything.`)];
    case 'stop':
      return [at(`${label}: stop (${handler.result}).${handler.message === null ? '' : ` ${oneLine(handler.message)}`}`)];
    case 'steps':
      return below(`${label}:`, handler.steps);
    default:
      return handler satisfies never;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Inline code, fenced so that backticks inside do not end it (CommonMark 6.1). */
function code(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

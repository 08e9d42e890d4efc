import type { Command, Probe, Step } from '../playbook.ts';
import { probeWords } from './ask-probe.ts';

/** A step in one line, its places as the file has them. */
export function stepTitle(step: Step): string {
  switch (step.verb) {
    case 'check':
      return `check ${templateWords(step.probe)}`;
    case 'wait':
      return `wait for ${templateWords(step.probe)}${step.until === null ? '' : ` until ${step.until}`}`;
    case 'run':
      return commandLine(step.command);
    case 'do':
      return `${step.action.action} ${Object.values(step.action.with).map(String).join(' ')}`.trim();
    case 'manual':
      return step.text.split('\n', 1)[0] ?? '';
    case 'ask':
      return step.fields.map((field) => field.help ?? field.name).join(', ');
    case 'choose':
      return step.question;
    case 'branch':
      return step.arms.map((arm) => (arm.when === null ? 'else' : `if ${arm.when}`)).join(', ');
    case 'approve':
      return step.question;
    case 'tell':
      return `tell ${step.to ?? 'the team'}: ${step.text.split('\n', 1)[0] ?? ''}`;
    case 'play':
      return `play ${step.playbook}`;
    case 'each':
      return `each ${step.variable} in ${step.in}`;
    case 'section':
      return step.title;
    case 'no_return':
      return `no way back: ${step.text}`;
    case 'sleep':
      return `sleep ${step.duration}`;
    case 'stop':
      return `stop (${step.result}): ${step.text}`;
    default:
      return step satisfies never;
  }
}

export function commandLine(command: Command): string {
  return typeof command === 'string' ? command : command.join(' ');
}

/** Before it is asked, a page is named by its address alone. */
function templateWords(probe: Probe): string {
  return probe.kind === 'http' ? probe.url : probeWords(probe);
}

import type { Plan } from '../actions/plan.ts';

/** The plan card as plain text. */
export function planText(plan: Plan): string {
  const lines = [
    `${plan.title}  [${plan.env}${plan.danger ? ', danger' : ''}]`,
    ...plan.targets.map((target) => `  host      ${target.name} (${target.address ?? 'this machine'})`),
    ...plan.now.map((now) => `  now       ${now.text}`),
    ...plan.commands.map(
      (command) => `  ${command.purpose === 'precheck' ? 'precheck' : 'run     '}  ${command.hostName}: ${command.command}`,
    ),
    ...plan.proofs.map((proof) => `  proof     ${proof.text}`),
    `  expected  ${plan.expected}`,
    ...plan.warnings.map((warning) => `  warning   ${warning}`),
    `  undo      ${plan.undo}`,
  ];
  return lines.join('\n');
}

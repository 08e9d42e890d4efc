import type { BulkPlan } from '../actions/bulk.ts';
import type { Plan } from '../actions/plan.ts';
import { shownCommand } from '../remote/shown-command.ts';

/** The plan card as plain text. */
export function planText(plan: Plan): string {
  return [
    `${plan.title}  [${plan.env}${plan.danger ? ', danger' : ''}]`,
    ...plan.targets.map((target) => `  host      ${target.name}${target.address === null ? '' : ` (${target.address})`}`),
    ...plan.now.map((now) => `  now       ${now.text}`),
    ...plan.commands.map(
      (command) => `  ${command.purpose === 'precheck' ? 'precheck' : 'run     '}  ${command.hostName}: ${shownCommand(command.command)}`,
    ),
    ...plan.proofs.map((proof) => `  proof     ${proof.text}`),
    `  expected  ${plan.expected}`,
    ...plan.warnings.map((warning) => `  warning   ${warning}`),
    ...plan.others.map((other) => `  others    ${other}`),
    ...(plan.reasonNeeded === null ? [] : [`  reason    ${plan.reasonNeeded} (--reason TEXT)`]),
    ...(plan.approvalNeeded === null ? [] : [`  approval  ${plan.approvalNeeded}`]),
    `  undo      ${plan.undo}`,
  ].join('\n');
}

/** A plan for many hosts: the stages, and each host's own commands. */
export function bulkPlanText(plan: BulkPlan): string {
  const stages = plan.stages.map((stage, index) => {
    const names = stage.map((item) => plan.items[item]?.subject ?? '?').join(', ');
    return `  ${index === 0 ? 'canary  ' : 'then    '}  ${names}`;
  });
  return [
    `${plan.title}  [${plan.env}]`,
    ...stages,
    `  between   every changed host healthy for ${plan.healthyPolls} polls; stops after ${plan.stopAfter} failure${plan.stopAfter === 1 ? '' : 's'} over the whole run`,
    ...plan.commands.map(
      (command) => `  ${command.purpose === 'precheck' ? 'precheck' : 'run     '}  ${command.hostName}: ${shownCommand(command.command)}`,
    ),
    ...[...new Set(plan.items.flatMap((item) => item.warnings))].map((warning) => `  warning   ${warning}`),
    ...[...new Set(plan.items.flatMap((item) => item.others))].map((other) => `  others    ${other}`),
    ...(plan.reasonNeeded === null ? [] : [`  reason    ${plan.reasonNeeded} (--reason TEXT)`]),
    ...(plan.approvalNeeded === null ? [] : [`  approval  ${plan.approvalNeeded}`]),
    ...[...new Set(plan.items.map((item) => item.undo))].map((undo) => `  undo      ${undo}`),
  ].join('\n');
}

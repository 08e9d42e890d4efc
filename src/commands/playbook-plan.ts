import { actionTimes } from '../playbook/dry/action-times.ts';
import { planPlaybook } from '../playbook/dry/plan.ts';
import { readInputs } from '../playbook/inputs.ts';
import type { GlobalOptions } from './global-options.ts';
import { chooseFleet, definitionOf } from './open-fleet.ts';
import { playbookPlanText } from './playbook-plan-text.ts';
import { playbookAndOthers } from './playbook-named.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** Prints what a playbook would do, from its text alone: nothing is asked of anybody. Inputs that are not given stay places. */
export async function planOfPlaybook(
  name: string,
  options: GlobalOptions,
  flags: { readonly inputs: Readonly<Record<string, string>>; readonly json: boolean },
): Promise<number> {
  const fleet = await definitionOf(await chooseFleet(options, null));
  const { file, library } = await playbookAndOthers({ fleet }, name);
  const { playbook } = file;
  const others = new Map(library.files.map((file) => [file.playbook.id, file.playbook]));
  // Which hosts there are is only known once somebody is asked: any name is taken here.
  const words = Object.values(flags.inputs).flatMap((text) => [text, ...text.split(/[\s,]+/)]);
  const given = playbook.inputs.filter((input) => flags.inputs[input.name] !== undefined);
  const unknownName = Object.keys(flags.inputs).find((input) => !given.some((each) => each.name === input));
  const read = readInputs(unknownName === undefined ? given : playbook.inputs, flags.inputs, () => words);
  if (!read.ok) {
    const wrong = Object.entries(read.wrong).filter(([input]) => flags.inputs[input] !== undefined);
    throw new UsageError(wrong.map(([input, why]) => `--input ${input}: ${input} ${why}`).join('\n'));
  }
  const plan = planPlaybook(playbook, others, read.values, actionTimes(fleet));
  process.stdout.write(flags.json ? `${JSON.stringify(plan)}\n` : playbookPlanText(plan));
  return exitCode.ok;
}

import type { EngineParts, Tell } from './engine-parts.ts';
import type { ActionOutcome, Plan } from './plan.ts';
import { resultDetail } from './record.ts';
import { masked, runOnHost } from './run-on-host.ts';
import { shownCommand } from '../remote/shown-command.ts';
import { endWords, firstLine } from './words.ts';

/** Asks what must hold before a change is sent; the refusal of the first that does not, `null` when all do. */
export async function prechecks({ shells, redact, record }: EngineParts, plan: Plan, tell: Tell): Promise<ActionOutcome | null> {
  for (const command of plan.commands.filter((candidate) => candidate.purpose === 'precheck')) {
    const connection = shells.open(command.hostId);
    tell('precheck', shownCommand(command.command), 'running');
    const result = connection === null ? null : masked(await runOnHost(connection, command), redact);
    if (result?.end === 'exit' && result.exit === 0) {
      tell('precheck', `${shownCommand(command.command)}: exit 0`, 'ok');
      continue;
    }
    const how = result === null ? 'no connection' : endWords(result);
    const message = `the precheck ${shownCommand(command.command)} failed (${how}): nothing was changed${result === null ? '' : firstLine(result)}`;
    record.write(
      'outcome',
      {
        env: plan.env,
        outcome: 'refused',
        detail: { guard: 'precheck', message, commands: result === null ? [] : [resultDetail(result)] },
      },
      plan,
    );
    return { kind: 'refused', refusal: { guard: 'precheck', message } };
  }
  return null;
}

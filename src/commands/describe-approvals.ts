import type { Command } from 'commander';
import { globalOptions } from './global-options.ts';
import { UsageError } from './usage-error.ts';

/** The commands of the second person. */
export function addApprovals(program: Command, done: (status: number) => void): void {
  program
    .command('approvals')
    .description('list what waits for a second person: who asks, what would run, how long it is good for')
    .option('--json', 'print it as one JSON object')
    .addHelpText('after', '\nRequests lie on the hosts themselves. Exit status: 3 when a host could not be asked.')
    .action(async (flags: { json?: boolean }, command: Command) => {
      const { approvals } = await import('./approve.ts');
      done(await approvals(globalOptions(command), flags.json === true));
    });
  program
    .command('approve')
    .description('sign as the second person, or decline with a reason; without a hash as approvals')
    .argument('[hash]', 'first digits of the plan’s hash, at least 8')
    .option('--decline', 'decline it; the asker is told why')
    .option('--reason <text>', 'why it is declined')
    .addHelpText(
      'after',
      '\nYour own request needs somebody else. Exit status: 0 it is left on the host, 5 refused, or nothing of that hash waits.',
    )
    .action(async (hash: string | undefined, flags: { decline?: boolean; reason?: string }, command: Command) => {
      const { approvals, approve } = await import('./approve.ts');
      if (hash === undefined && (flags.decline === true || flags.reason !== undefined))
        throw new UsageError('approve --decline needs the hash of what is declined; quarterdeck approvals lists them');
      const how = { decline: flags.decline === true, reason: flags.reason ?? null };
      done(hash === undefined ? await approvals(globalOptions(command), false) : await approve(globalOptions(command), hash, how));
    });
}

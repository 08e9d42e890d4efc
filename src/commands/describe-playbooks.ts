import type { Command } from 'commander';
import { collectPairs } from './collect-pairs.ts';
import { globalOptions } from './global-options.ts';

interface CheckOptions {
  readonly input?: Record<string, string>;
  readonly reason?: string;
  readonly json?: boolean;
}

/** Commands that read playbooks and change nothing; only `check` connects to anything. */
export function addPlaybookReading(playbook: Command, done: (status: number) => void): void {
  playbook
    .command('list')
    .description('id, title, owner and last review of every playbook of the fleet; exit 1 when one cannot be read')
    .option('--json', 'print one JSON list')
    .exitOverride()
    .action(async (options: { json?: boolean }, command: Command) => {
      const { listPlaybooks } = await import('./playbook-read.ts');
      done(await listPlaybooks(globalOptions(command), options.json === true));
    });
  playbook
    .command('show')
    .description('print a playbook as Markdown, to be followed by hand')
    .argument('<name>', 'id or file')
    .exitOverride()
    .action(async (name: string, _: unknown, command: Command) => {
      const { showPlaybook } = await import('./playbook-read.ts');
      done(await showPlaybook(name, globalOptions(command)));
    });
  playbook
    .command('lint')
    .description('say what is wrong with playbooks, without asking a host; exit 1 with errors, 0 with warnings alone')
    .argument('[name...]', 'ids or files; none means all of the fleet’s folder')
    .option('--json', 'print one JSON list')
    .exitOverride()
    .action(async (names: string[], options: { json?: boolean }, command: Command) => {
      const { lintPlaybooks } = await import('./playbook-read.ts');
      done(await lintPlaybooks(names, globalOptions(command), options.json === true));
    });
  playbook
    .command('plan')
    .description('print every step of a playbook, both ways of each fork, what it owes and how long it can take; asks nobody')
    .argument('<name>', 'id or file')
    .option('--input <name=value>', 'an input of the playbook; may be repeated, and may be left out', collectPairs, {})
    .option('--json', 'print one JSON object')
    .exitOverride()
    .action(async (name: string, options: { input?: Record<string, string>; json?: boolean }, command: Command) => {
      const { planOfPlaybook } = await import('./playbook-plan.ts');
      done(await planOfPlaybook(name, globalOptions(command), { inputs: options.input ?? {}, json: options.json === true }));
    });
  playbook
    .command('check')
    .description('walk a playbook on the real fleet and change nothing; exit 1 when something known would stop it')
    .argument('<name>', 'id or file')
    .option('--input <name=value>', 'an input of the playbook; may be repeated', collectPairs, {})
    .option('--reason <text>', 'why, for the journal')
    .option('--json', 'print one JSON object')
    .exitOverride()
    .action(async (name: string, options: CheckOptions, command: Command) => {
      const { checkOfPlaybook } = await import('./playbook-check.ts');
      const { input = {}, reason = null, json } = options;
      done(await checkOfPlaybook(name, globalOptions(command), { inputs: input, reason, json: json === true }));
    });
  playbook
    .command('simulate')
    .description('run the recorded tests of playbooks, in no time and without a host; exit 1 when one does not come out as it says')
    .argument('[name...]', 'ids of playbooks, files of tests or folders of playbooks; none means all of the fleet’s')
    .option('--json', 'print one JSON list')
    .exitOverride()
    .action(async (names: string[], options: { json?: boolean }, command: Command) => {
      const { simulatePlaybooks } = await import('./playbook-simulate.ts');
      done(await simulatePlaybooks(names, globalOptions(command), options.json === true));
    });
}

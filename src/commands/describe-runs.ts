import type { Command } from 'commander';
import { collectPairs } from './collect-pairs.ts';
import { globalOptions } from './global-options.ts';
import type { RunFlags } from './playbook-run.ts';

interface PlaybookFlags {
  input?: Record<string, string>;
  inputFile?: Record<string, string>;
  answer?: Record<string, string>;
  reason?: string;
  confirm?: string;
  breakLock?: boolean;
  json?: boolean;
}

/** Commands that begin a run, go on with one and give one up. */
export function addPlaybookRuns(playbook: Command, done: (status: number) => void): void {
  const run = (command: Command): Command =>
    command
      .option('--input <name=value>', 'an input of the playbook; may be repeated', collectPairs, {})
      .option('--input-file <name=path>', 'an input from the first line of a file: for secrets; may be repeated', collectPairs, {})
      .option('--answer <step=value>', 'the answer to a step’s question, given beforehand; may be repeated', collectPairs, {})
      .option('--reason <text>', 'why, for the journal')
      .option('--confirm <id>', 'without a terminal: the playbook’s id; changes go on until a question needs a mind')
      .option('--break-lock', 'take the playbook’s locks from whoever holds them; needs --reason, and is told')
      .option('--json', 'print the whole run as one JSON object at its end')
      .exitOverride();
  run(
    playbook
      .command('run')
      .description('walk a playbook; with a terminal every change is shown and asked for first')
      .argument('<name>', 'id or file'),
  )
    .option('--dry-run', 'as playbook check: ask everything, change nothing')
    .action(async (name: string, options: PlaybookFlags & { dryRun?: boolean }, command: Command) => {
      if (options.dryRun === true) {
        const { checkOfPlaybook } = await import('./playbook-check.ts');
        return done(await checkOfPlaybook(name, globalOptions(command), runFlags(options)));
      }
      const { runPlaybook } = await import('./playbook-run.ts');
      done(await runPlaybook(name, globalOptions(command), runFlags(options)));
    });
  run(
    playbook
      .command('resume')
      .description('go on with a run whose console has ended')
      .argument('[run]', 'its id; the only open one when left out'),
  ).action(async (id: string | undefined, options: PlaybookFlags, command: Command) => {
    const { resumePlaybook } = await import('./playbook-run.ts');
    done(await resumePlaybook(id ?? null, globalOptions(command), runFlags(options)));
  });
  playbook
    .command('close')
    .description('give up a run whose console has ended: it is offered no more; nothing is sent, and what it owes stays told')
    .argument('[run]', 'its id; the only open one when left out')
    .option('--reason <text>', 'why, for the journal; needed')
    .exitOverride()
    .action(async (id: string | undefined, options: { reason?: string }, command: Command) => {
      const { closePlaybookRun } = await import('./playbook-close.ts');
      done(await closePlaybookRun(id ?? null, options.reason ?? '', globalOptions(command)));
    });
}

function runFlags(options: PlaybookFlags): RunFlags {
  return {
    inputs: options.input ?? {},
    inputFiles: options.inputFile ?? {},
    answers: options.answer ?? {},
    reason: options.reason ?? null,
    confirm: options.confirm ?? null,
    breakLock: options.breakLock === true,
    json: options.json === true,
  };
}

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { globalOptions } from './global-options.ts';
import { collectPairs } from './collect-pairs.ts';
import { addApprovals } from './describe-approvals.ts';
import { addPlaybookReading } from './describe-playbooks.ts';
import { addPlaybookRuns } from './describe-runs.ts';
import { addIncident, addJournalExport } from './incident/describe.ts';
import { sanitizeText } from '../remote/sanitize.ts';
import { UsageError, exitCode } from './usage-error.ts';
import { version } from './version.ts';

/** Runs one command line; resolves with the exit status and never throws for what a user did wrong. */
export async function run(argv: readonly string[]): Promise<number> {
  let status: number = exitCode.ok;
  const program = describe((code) => {
    status = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.usage;
    process.stderr.write(sanitizeText(`${sentenceOf(error)}\n`));
    return error instanceof UsageError ? error.status : exitCode.failed;
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'quarterdeck failed for an unknown reason';
}

type Done = (status: number) => void;

function describe(done: Done): Command {
  const program = new Command('quarterdeck')
    .description(
      'A terminal console for the person on call. It asks every host of a fleet over SSH how it is, says what is wrong and why, and puts the fix one guarded key away.',
    )
    .version(version)
    .option(
      '--fleet <file|name>',
      'fleet file, or the NAME of one in config/ or ~/.config/quarterdeck (default: $QUARTERDECK_FLEET, else ~/.config/quarterdeck/fleet.yaml, else the embedded demo fleet)',
    )
    .option('--env <name>', 'only the hosts of this environment')
    .option('--read-only', 'make no change, and let nothing be armed')
    .option('--state-dir <dir>', 'where the journal is kept (default: $XDG_STATE_HOME/quarterdeck, else ~/.local/state/quarterdeck)')
    .option('--no-color', 'no colour; NO_COLOR does the same')
    .option('--ascii', 'only ASCII glyphs')
    .showHelpAfterError('(quarterdeck --help lists the commands)')
    // It quotes what was typed, which may have come from anywhere.
    .configureOutput({ writeErr: (text) => void process.stderr.write(sanitizeText(text)) })
    .exitOverride()
    .addHelpText(
      'after',
      `
Without a command the console opens. Standard output carries only data; what went wrong is one plain sentence on standard error.

Exit status:
  0   done; status: all is well
  1   failed; status: the worst is a warning
  2   status: something is critical
  3   an outcome or a state is unknown
  4   a change needs its word: see quarterdeck act --help
  5   refused by a guard
  64  wrong usage or a bad fleet file

Examples:
  quarterdeck                               the console
  quarterdeck demo --scenario pencils-down  the console on the embedded fleet, with a service down
  quarterdeck --fleet ./fleet.yaml status   one look at every host
  quarterdeck act restart web1/nginx        the plan of a restart; --confirm does it`,
    )
    .action(async (_: unknown, command: Command) => {
      const { openConsole } = await import('./console.ts');
      done(await openConsole(globalOptions(command), null, command.opts()['ascii'] === true));
    });
  addDemo(program, done);
  addLooking(program, done);
  addAct(program, done);
  addJournal(program, done);
  addPlaybook(program, done);
  addIncident(program, done);
  addLater(program);
  for (const command of program.commands) pointToHelp(command, 'quarterdeck');
  return program;
}

/** After what was wrong comes one line that says where the help is; the whole of it would push the sentence off the screen. */
function pointToHelp(command: Command, parent: string): void {
  const path = `${parent} ${command.name()}`;
  command.exitOverride().showHelpAfterError(`(${path} --help says what it takes)`);
  for (const inner of command.commands) pointToHelp(inner, path);
}

function addDemo(program: Command, done: Done): void {
  program
    .command('demo')
    .description(
      'open the console on the embedded fleet: real SSH servers on loopback in front of simulated machines, which can be broken on purpose',
    )
    .option('--hosts <n>', 'number of machines (default: 4)', positive)
    .option('--scenario <name>', 'start broken: pencils-down, nfs-hang, nfs-slow, web-flap, disk-full, cpu-hog, wont-start, host-down')
    .addHelpText('after', '\nNothing typed there runs on this machine. Scenarios can also be switched inside the console: :scenario NAME')
    .action(async (options: { hosts?: number; scenario?: string }, command: Command) => {
      const { openConsole } = await import('./console.ts');
      const demo = { hosts: options.hosts ?? null, scenario: options.scenario ?? null };
      done(await openConsole(globalOptions(command), demo, command.optsWithGlobals()['ascii'] === true));
    });
}

function addLooking(program: Command, done: Done): void {
  program
    .command('status')
    .description('poll every host (or those named) twice, so that rates exist, and print what was found')
    .argument('[host...]', 'names of hosts; none means all')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExit status: 0 ok, 1 warn, 2 crit, 3 unknown; the worst wins in the order crit, unknown, warn, ok.')
    .action(async (hosts: string[], options: { json?: boolean }, command: Command) => {
      const { status } = await import('./status.ts');
      done(await status(hosts, globalOptions(command), options.json === true));
    });
  program
    .command('inventory')
    .description('list the hosts of every source, with each source’s age and errors')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExit status: 3 when a source failed or could not list everything, else 0.')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { inventory } = await import('./inventory.ts');
      done(await inventory(globalOptions(command), options.json === true));
    });
  program
    .command('watch')
    .description('stream a line per sample and per alert change until interrupted')
    .option('--json', 'JSON lines: samples, reach changes, checks, alerts; without it only alert changes, in words')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { watch } = await import('./watch.ts');
      done(await watch(globalOptions(command), options.json === true));
    });
  program
    .command('schema')
    .description('print the JSON Schema of a file format, for editors')
    .argument('<what>', 'fleet or playbook')
    .action(async (what: string) => {
      const { schema } = await import('./schema.ts');
      done(schema(what));
    });
}

function addAct(program: Command, done: Done): void {
  program
    .command('act')
    .description('make a change through the same guards, journal and proof as the console')
    .argument(
      '<action>',
      'restart, start, depool, repool, drain, rollback, maintenance, reboot, an action of the fleet file, undo or resume',
    )
    .argument('[target...]', 'HOST/SERVICE for restart and start, HOST for the others; several targets run in stages')
    .option('--dry-run', 'print the plan and send nothing')
    .option('--confirm <word>', 'the word the plan asks for (a host’s name, the number of hosts); arms this call only')
    .option('--reason <text>', 'why, for the journal; needed again within ten minutes and to break a lock')
    .option('--break-lock', 'take the lock from whoever holds it')
    .option('--mode <mode>', 'maintenance: on or off; drain: stop or resume; depool: drain or force')
    .option('--pool <name>', 'depool and repool: the pool, where a host belongs to several')
    .option('--to <release>', 'rollback: the release to go back to')
    .option('--input <name=value>', 'an input of the fleet file’s own action; may be repeated', collectPairs, {})
    .option('--json', 'print plan and outcome as one JSON object')
    .addHelpText(
      'after',
      `
Without --confirm the plan is printed, with the word it asks for.
Several targets: a canary first, then batches, each watched until healthy; it stops at the failures the fleet file allows (bulk:),
says what was and was not done, and goes on with act resume. undo takes back the newest change that can be.

Exit status: 0 verified by effect, 1 failed, 3 outcome unknown, 4 confirmation needed, 5 refused (guard, lock, read-only).

Examples:
  quarterdeck --fleet pencilcode act restart web1/pencils --confirm web1
  quarterdeck act restart web1/nginx web2/nginx --confirm 2
  quarterdeck act depool web1 --confirm web1 --reason 'new kernel'
  quarterdeck act maintenance app1 --mode on --confirm app1
  quarterdeck act undo`,
    )
    .action(async (action: string, targets: string[], options: ActFlags, command: Command) => {
      const { act } = await import('./act.ts');
      const how = {
        dryRun: options.dryRun === true,
        confirm: options.confirm ?? null,
        reason: options.reason ?? null,
        breakLock: options.breakLock === true,
        mode: options.mode ?? null,
        pool: options.pool ?? null,
        to: options.to ?? null,
        inputs: options.input ?? {},
        json: options.json === true,
      };
      done(await act(action, targets, globalOptions(command), how));
    });
  program
    .command('recover')
    .description('take up changes whose console ended before their outcome was written')
    .option('--answer <id=word>', 'say what became of one that nothing shows: ok, failed or unknown; may be repeated', collect, [])
    .option(
      '--settle <id>',
      'say that a debt is no more: it was put back by other means, or its host is gone; may be repeated',
      collect,
      [],
    )
    .option('--reason <text>', 'how you know')
    .addHelpText(
      'after',
      '\nOpen debts (hosts out of their pools) are listed at the end. Nothing is ever run again. Exit status: 3 while one stays open.',
    )
    .action(async (options: { answer?: string[]; settle?: string[]; reason?: string }, command: Command) => {
      const { recover } = await import('./recover.ts');
      done(
        await recover(globalOptions(command), {
          answers: options.answer ?? [],
          settle: options.settle ?? [],
          reason: options.reason ?? null,
        }),
      );
    });
  addApprovals(program, done);
}

interface ActFlags {
  dryRun?: boolean;
  confirm?: string;
  reason?: string;
  breakLock?: boolean;
  mode?: string;
  pool?: string;
  to?: string;
  input?: Record<string, string>;
  json?: boolean;
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function addJournal(program: Command, done: Done): void {
  const journal = program.command('journal').description('the record of every intent, outcome and refusal');
  journal
    .command('tail')
    .description('print the newest entries, oldest first')
    .option('-n <count>', 'how many (default: 20)', positive)
    .option('--json', 'a JSON object per line')
    .exitOverride()
    .action(async (options: { n?: number; json?: boolean }, command: Command) => {
      const { journalTail } = await import('./journal.ts');
      done(journalTail(globalOptions(command), options.n ?? 20, options.json === true));
    });
  journal
    .command('verify')
    .description('check the hash chain; exit 1 names the first entry that is not as it was written')
    .exitOverride()
    .action(async (_: unknown, command: Command) => {
      const { journalVerify } = await import('./journal.ts');
      done(journalVerify(globalOptions(command)));
    });
  addJournalExport(journal, done);
}

function addPlaybook(program: Command, done: Done): void {
  const playbook = program.command('playbook').description('runbooks that look, decide with you, act through the one executor, and undo');
  addPlaybookReading(playbook, done);
  addPlaybookRuns(playbook, done);
}

const later: readonly (readonly [string, string])[] = [
  ['record', 'the flight recorder without a screen'],
  ['replay', 'the console on a recorded past'],
  ['serve-metrics', 'Prometheus text format of everything polled'],
  ['doctor', 'check the set-up'],
  ['completion', 'shell completion'],
];

/** Commands of the contract whose engine comes later say so, rather than being unknown. */
function addLater(program: Command): void {
  for (const [name, what] of later) {
    program
      .command(name)
      .description(`${what} (not available yet)`)
      .argument('[argument...]')
      .allowUnknownOption()
      .action(() => {
        throw new UsageError(`quarterdeck ${name} is not available yet`);
      });
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It takes a whole number from 1.');
  return value;
}

import type { Machine } from '../machine/machine.ts';
import type { Step } from '../machine/host-scripts.ts';
import { runBackupScript } from './backup-scripts.ts';
import { runNoteScript } from './note-scripts.ts';
import { runPoolScript } from './pool-scripts.ts';
import type { Output } from './run-command.ts';
import { parseShell } from './shell-syntax.ts';

/** Runs a command of the machine to its end, whatever becomes of the connection that asked for it. */
type RunHere = (command: string, output: Output, stopped: AbortSignal) => Promise<number>;

/**
 * The machine's side of the console's longer scripts: steps (remote/step.ts), locks (remote/host-lock.ts), approvals
 * (remote/approval-note.ts), notes, pools and backups. They are told by their first line and answered as a real host's shell would; nothing of them is run.
 * Exit status when `text` is one of them, `null` when it is something else.
 */
export async function runHostScript(
  machine: Machine,
  text: string,
  output: Output,
  stopped: AbortSignal,
  run: RunHere,
): Promise<number | null> {
  const found = /^# quarterdeck (step|lock|approval|presence|note|pool|backup)(?: ([\w-]+):?)?(?: (\S+))?(?: (\S+))?[^\n]*\n/.exec(text);
  if (found === null) return null;
  const [, kind, verb = '', first = '', second = ''] = found;
  if (kind === 'note') return runNoteScript(machine, verb, text, output);
  if (kind === 'pool') return runPoolScript(machine, verb, text, output);
  if (kind === 'backup') return runBackupScript(machine, verb, text, output, stopped);
  if (kind === 'step') await step(machine, verb, first, text, output, run);
  else if (kind === 'lock') lock(machine, verb, first, second, text, output);
  else if (kind === 'approval') approval(verb, output);
  return 0;
}

async function step(machine: Machine, verb: string, id: string, text: string, output: Output, run: RunHere): Promise<void> {
  const { steps } = machine.scripts;
  const say = (word: string, number: number): void => output.out(`\n#step ${id} ${word} ${number}\n`);
  if (verb === 'start') {
    if (steps.has(id)) return say('claimed', 0);
    const begun = begin(run, commandOf(text));
    steps.set(id, begun);
    await begun.ended;
  }
  if (verb === 'list') {
    for (const [each, { state }] of steps) output.out(`\n#step ${id} ${state === 'running' ? 'running' : 'ended'} ${each}\n`);
    return say('listed', 0);
  }
  if (verb === 'cancel') {
    const begun = steps.get(id);
    begun?.cancel();
    await begun?.ended;
  }
  if (verb === 'forget') {
    if (steps.get(id)?.state !== 'running') steps.delete(id);
    return say('missing', 0);
  }
  const known = steps.get(id);
  if (known === undefined) return say('missing', 0);
  if (known.state === 'running') return say('running', 4711);
  output.out(known.out);
  output.err(known.err);
  say('done', known.exit);
}

function begin(run: RunHere, command: string): Step {
  let finish = (): void => {};
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stop = new AbortController();
  const begun: Step = { state: 'running', exit: 0, out: '', err: '', ended, cancel: () => stop.abort() };
  const output = {
    out: (part: string): void => {
      begun.out += part;
    },
    err: (part: string): void => {
      begun.err += part;
    },
  };
  void run(command, output, stop.signal).then((exit) => {
    begun.exit = exit;
    begun.state = 'done';
    finish();
  });
  return begun;
}

/** The word after `quarterdeck-step "$S"` in the line that starts the runner. */
function commandOf(text: string): string {
  for (const pipeline of parseShell(text)) {
    const argv = pipeline.commands[0]?.argv ?? [];
    const at = argv.indexOf('quarterdeck-step');
    if (at > 0) return argv[at + 2] ?? '';
  }
  return '';
}

function lock(machine: Machine, verb: string, name: string, token: string, text: string, output: Output): void {
  const { locks } = machine.scripts;
  const now = machine.clock.now();
  const held = locks.get(name);
  const say = (words: string): void => output.out(`\n#lock ${words}\n`);
  const take = (): void => {
    const holder = /write '(\{.*\})'; then/.exec(text)?.[1]?.replaceAll("'\\''", "'") ?? '';
    locks.set(name, { token, holder, at: now });
    say('ours');
  };
  const tell = (): void => say(held === undefined ? 'free' : `held ${Math.round((now - held.at) / 1000)}\n${held.holder}`);
  if (verb === 'claim') return held === undefined || held.token === token ? take() : tell();
  if (verb === 'break') return take();
  if (verb === 'renew' && held?.token === token) {
    held.at = now;
    return say('ours');
  }
  if (verb === 'release' && held?.token === token) {
    locks.delete(name);
    return say('released');
  }
  tell();
}

/** The demo has one operator: requests are taken, and nobody ever approves. */
function approval(verb: string, output: Output): void {
  const said: Readonly<Record<string, string>> = { ask: 'asked', list: 'listed', give: 'given', read: 'read', withdraw: 'withdrawn' };
  if (verb === 'read') output.out('\n#uid 1000\n');
  output.out(`\n#approval ${said[verb] ?? verb}\n`);
}

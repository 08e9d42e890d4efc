import type { Machine } from '../machine/machine.ts';
import { basicPrograms } from './basic-programs.ts';
import { fleetPrograms } from './fleet-programs.ts';
import { initScript, notFound, service } from './init-scripts.ts';
import { runHostScript } from './host-scripts.ts';
import { cat, journalctl, tail } from './log-programs.ts';
import type { Program } from './program.ts';
import { parseShell, type Pipeline, type SimpleCommand } from './shell-syntax.ts';
import { systemctl } from './systemctl.ts';
import { unwrap } from './unwrap.ts';

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const programs: ReadonlyMap<string, Program> = new Map(
  Object.entries({ ...basicPrograms, ...fleetPrograms, systemctl, service, tail, cat, journalctl }),
);

/** Wrappers deeper than this are an attack, not a command. */
const deepest = 12;

/**
 * Runs shell text on a simulated machine and gives its exit status: 127 for any program the machine does not have,
 * 124 when a deadline in the text passed, 130 when `stopped` fired first. Nothing is run on this computer.
 */
export function runCommand(machine: Machine, text: string, output: Output, stopped: AbortSignal): Promise<number> {
  return script(machine, text, output, stopped, 'ops', 0);
}

async function script(machine: Machine, text: string, output: Output, stopped: AbortSignal, user: string, depth: number): Promise<number> {
  if (depth > deepest) {
    output.err('sh: 1: Maximum function recursion depth (12) reached\n');
    return 2;
  }
  const told = await runHostScript(machine, text, output, stopped, (command, here, cancelled) =>
    script(machine, command, here, cancelled, user, depth + 1),
  );
  if (told !== null) return told;
  let status = 0;
  const branch = new Branch();
  for (const pipeline of parseShell(text)) {
    if (stopped.aborted) return 130;
    if (!branch.takes(pipeline, status)) continue;
    if ((pipeline.when === 'ok' && status !== 0) || (pipeline.when === 'failed' && status === 0)) continue;
    let stdin = '';
    for (const [index, command] of pipeline.commands.entries()) {
      const last = index === pipeline.commands.length - 1;
      let kept = '';
      const here: Output = last ? output : { out: (part) => (kept += part), err: output.err };
      status = await simple(machine, branch.without(command), stdin, redirected(command, here), stopped, user, depth);
      stdin = kept;
    }
  }
  return status;
}

/** Which arm of an `if … then … else … fi` is being walked; one level, which is all a console sends. */
class Branch {
  #arm: 'outside' | 'condition' | 'taken' | 'passed' = 'outside';
  #held = false;

  /** Whether a pipeline is to be run; `status` is that of the one before. */
  takes(pipeline: Pipeline, status: number): boolean {
    const word = pipeline.commands[0]?.argv[0];
    if (word === 'if') this.#arm = 'condition';
    if (word === 'then' && this.#arm === 'condition') {
      this.#held = status === 0;
      this.#arm = this.#held ? 'taken' : 'passed';
    }
    if (word === 'else') this.#arm = this.#held ? 'passed' : 'taken';
    if (word === 'fi') {
      this.#arm = 'outside';
      return (pipeline.commands[0]?.argv.length ?? 0) > 1;
    }
    return this.#arm !== 'passed';
  }

  /** The command itself, after the reserved word that led to it. */
  without(command: SimpleCommand): SimpleCommand {
    return reserved.has(command.argv[0] ?? '') ? { ...command, argv: command.argv.slice(1) } : command;
  }
}

const reserved = new Set(['if', 'then', 'else', 'fi']);

function redirected(command: SimpleCommand, output: Output): Output {
  const drop = (): void => {};
  const out = command.stdout === 'dropped' ? drop : (text: string): void => output.out(text);
  return { out, err: command.stderr === 'dropped' ? drop : command.stderr === 'stdout' ? out : (text) => output.err(text) };
}

async function simple(
  machine: Machine,
  command: SimpleCommand,
  stdin: string,
  output: Output,
  stopped: AbortSignal,
  user: string,
  depth: number,
): Promise<number> {
  const inner = unwrap(command.argv);
  const as = inner.user ?? user;
  const work = (signal: AbortSignal): number | Promise<number> => {
    if (inner.kind === 'script') return script(machine, inner.text, output, signal, as, depth + 1);
    const [name, ...args] = inner.argv;
    if (name === undefined) return 0;
    const call = { machine, args, stdin, user: as, out: output.out, err: output.err, stopped: signal };
    const program = programs.get(name.replace(/^\/(?:usr\/)?s?bin\//, ''));
    if (program !== undefined) return program(call);
    const own = /^\/etc\/init\.d\/([\w-]+)$/.exec(name)?.[1];
    return own === undefined ? notFound(call, name) : initScript(own)(call);
  };
  return inner.deadlineMs === null ? work(stopped) : limited(machine, inner.deadlineMs, stopped, work);
}

/** Runs `work` and gives 124 when it has not ended after `deadlineMs` on the machine's clock. */
async function limited(
  machine: Machine,
  deadlineMs: number,
  stopped: AbortSignal,
  work: (signal: AbortSignal) => number | Promise<number>,
): Promise<number> {
  const timer = new AbortController();
  let callOff = (): void => {};
  const late = new Promise<number>((resolve) => {
    callOff = machine.clock.after(deadlineMs, () => {
      timer.abort();
      resolve(124);
    });
  });
  try {
    return await Promise.race([work(AbortSignal.any([stopped, timer.signal])), late]);
  } finally {
    callOff();
  }
}

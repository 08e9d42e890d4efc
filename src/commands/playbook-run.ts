import type { OwingExecutor } from '../actions/owing-executor.ts';
import type { PlaybookDesk } from '../playbook/desk.ts';
import { readInputs } from '../playbook/inputs.ts';
import type { Person } from '../playbook/run/question.ts';
import { armedPerson } from './armed-person.ts';
import { followRun } from './follow-run.ts';
import type { GlobalOptions } from './global-options.ts';
import { operator } from './operator.ts';
import { deskOf, leftRun, onFleet } from './playbook-desk.ts';
import { playbookAndOthers } from './playbook-named.ts';
import { CommandPerson } from './playbook-person.ts';
import { refused } from './refused.ts';
import { withSecrets } from './secret-inputs.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** A run takes locks before its first step, and a console that was started read-only starts none either. */
const notReadOnly = 'started with --read-only: no playbook is walked; quarterdeck playbook check looks and changes nothing';

export interface RunFlags {
  readonly inputs: Readonly<Record<string, string>>;
  /** Files whose first line is an input. */
  readonly inputFiles: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, string>>;
  readonly reason: string | null;
  readonly confirm: string | null;
  /** Whether locks are taken from whoever holds them. */
  readonly breakLock: boolean;
  readonly json: boolean;
}

/** Walks a playbook on the real fleet. Exit 0 ok, 1 failed or escalated, 3 left as it is, 4 confirmation needed, 5 refused. */
export function runPlaybook(name: string, options: GlobalOptions, flags: RunFlags): Promise<number> {
  return onFleet(options, async (session, executor, notices) => {
    const { file, library } = await playbookAndOthers(session, name);
    const desk = deskOf(session, executor, notices);
    const given = await withSecrets(file.playbook.inputs, flags.inputs, flags.inputFiles);
    const read = readInputs(file.playbook.inputs, given, (from) => desk.hostsFrom(from));
    if (!read.ok) throw wrongInputs(read.wrong);
    if (options.readOnly) return refused(notReadOnly);
    if (isUnconfirmed(file.playbook.id, flags)) return unconfirmed(file.playbook.id, 'run it');
    const locked = armFor(executor, desk.envOf(read.values));
    if (locked !== null) return refused(locked);
    const unreasoned = whyNoBreak(flags);
    if (unreasoned !== null) return refused(unreasoned);
    const reason = flags.reason ?? (typeof read.values['reason'] === 'string' ? read.values['reason'] : null);
    return followRun(
      () =>
        desk.start({ file, library, inputs: read.values, reason, breakLocks: flags.breakLock, person: personOf(desk, executor, flags) }),
      notices.journal,
      flags.json,
    );
  });
}

/** Goes on with a run whose console has ended: `id`, or the only one. */
export function resumePlaybook(id: string | null, options: GlobalOptions, flags: RunFlags): Promise<number> {
  return onFleet(options, async (session, executor, notices) => {
    const desk = deskOf(session, executor, notices);
    const kept = leftRun(desk, id);
    if (options.readOnly) return refused(notReadOnly);
    const unreasoned = whyNoBreak(flags);
    if (unreasoned !== null) return refused(unreasoned);
    const needed = desk.secretsOf(kept);
    const given = kept.owned ? flags.inputs : await withSecrets(needed, flags.inputs, flags.inputFiles);
    const read = readInputs(
      needed.map((input) => ({ ...input, optional: true })),
      given,
      (from) => desk.hostsFrom(from),
    );
    if (!read.ok) throw wrongInputs(read.wrong);
    if (isUnconfirmed(kept.playbook, flags)) return unconfirmed(kept.playbook, `go on with ${kept.id}`);
    const secrets = Object.fromEntries(Object.entries(read.values).map(([name, value]) => [name, String(value)]));
    const locked = armFor(executor, desk.envOf(kept.memory.open?.inputs ?? {}));
    if (locked !== null) return refused(locked);
    return followRun(
      () => desk.resume(kept, secrets, personOf(desk, executor, flags), flags.breakLock ? flags.reason : null),
      notices.journal,
      flags.json,
    );
  });
}

/** Where no terminal shows each change before it is sent, the call itself says that it is meant. */
function isUnconfirmed(playbook: string, flags: RunFlags): boolean {
  return process.stdin.isTTY !== true && flags.confirm !== playbook;
}

function unconfirmed(playbook: string, what: string): number {
  process.stderr.write(
    `not confirmed: add --confirm ${playbook} to ${what} without a terminal; changes then go on until a question needs a mind\n`,
  );
  return exitCode.confirm;
}

function wrongInputs(wrong: Readonly<Record<string, string>>): UsageError {
  return new UsageError(
    Object.entries(wrong)
      .map(([input, why]) => `--input ${input}: ${input} ${why}`)
      .join('\n'),
  );
}

function whyNoBreak(flags: RunFlags): string | null {
  return flags.breakLock && (flags.reason ?? '').trim() === '' ? 'breaking a lock needs a reason: add --reason TEXT' : null;
}

function personOf(desk: PlaybookDesk, executor: OwingExecutor, flags: RunFlags): Person {
  const person = new CommandPerson(operator(), new Map(Object.entries(flags.answers)), (from) => desk.hostsFrom(from));
  return armedPerson(person, (host) => void (host === null ? null : armFor(executor, desk.envOf({ host }))));
}

/** Arms for as long as this call lasts; why not, or `null`. */
function armFor(executor: OwingExecutor, env: string): string | null {
  return executor.armed(env).state === 'locked' ? (executor.arm(env, true)?.message ?? null) : null;
}

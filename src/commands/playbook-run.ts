import { setTimeout as sleep } from 'node:timers/promises';
import type { OwingExecutor } from '../actions/owing-executor.ts';
import { formatProblem } from '../config/problem.ts';
import type { Journal } from '../journal/entry.ts';
import { PlaybookDesk } from '../playbook/desk.ts';
import type { DeskRun } from '../playbook/desk-run.ts';
import { readInputs } from '../playbook/inputs.ts';
import { type Library, noLibrary, type PlaybookFile, readLibrary, readPlaybookFile, withNeighbours } from '../playbook/library.ts';
import { hidden } from '../playbook/run/hidden.ts';
import type { Person } from '../playbook/run/question.ts';
import type { RunView } from '../playbook/run/run-view.ts';
import { endWords } from '../playbook/run/step-end.ts';
import { type KeptRun, RunRefused } from '../playbook/runs.ts';
import { shq } from '../remote/quote.ts';
import { withExecutor } from './act.ts';
import { armedPerson } from './armed-person.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Notices } from './notices.ts';
import { operator } from './operator.ts';
import { CommandPerson } from './playbook-person.ts';
import { withSecrets } from './secret-inputs.ts';
import type { Session } from './session.ts';
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

/** The playbooks of a fleet: the folder that its file names. */
export function libraryOf(session: Pick<Session, 'fleet'>): Promise<Library> {
  const { playbooks } = session.fleet;
  return playbooks === null ? Promise.resolve(noLibrary) : readLibrary(playbooks);
}

/** A playbook by its id, or by its path. Throws a UsageError with everything wrong with it. */
export async function playbookNamed(library: Library, name: string): Promise<PlaybookFile> {
  const known = library.files.find((file) => file.playbook.id === name);
  if (known !== undefined) return known;
  if (/[/.]/.test(name)) {
    const read = await readPlaybookFile(name);
    if (read.ok) return read.file;
    throw new UsageError(read.problems.map(formatProblem).join('\n'));
  }
  const broken = library.problems.filter((problem) => problem.file.endsWith(`/${name}.yaml`) || problem.file.endsWith(`/${name}.yml`));
  if (broken.length > 0) throw new UsageError(broken.map(formatProblem).join('\n'));
  if (library.files.length === 0 && library.problems.length > 0) throw new UsageError(library.problems.map(formatProblem).join('\n'));
  const ids = library.files.map((file) => file.playbook.id).join(', ');
  throw new UsageError(
    `no playbook ${JSON.stringify(name)}: ${ids === '' ? 'the fleet file names no folder with any' : `there are ${ids}`}`,
  );
}

/** As `playbookNamed`, with all that it may play: of one named by its path also those beside it. */
export async function playbookAndOthers(session: Pick<Session, 'fleet'>, name: string): Promise<{ file: PlaybookFile; library: Library }> {
  const known = await libraryOf(session);
  const file = await playbookNamed(known, name);
  return { file, library: known.files.includes(file) ? known : await withNeighbours(known, name) };
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
    return begin(
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
    return begin(
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

/** A run that an earlier console left: `id`, or the only one. @throws UsageError */
export function leftRun(desk: PlaybookDesk, id: string | null): KeptRun {
  const open = desk.unfinished();
  const kept = id === null ? (open.length === 1 ? (open[0] ?? null) : null) : desk.kept(id);
  if (kept !== null) return kept;
  const known = open.map((run) => `${run.id} (${run.title}, ${run.operator})`).join(', ');
  const none = id === null ? 'no run is left open' : `no run ${JSON.stringify(id)} is left open`;
  throw new UsageError(known === '' ? none : id === null ? `say which: ${known}` : `${none}: there are ${known}`);
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

export function deskOf(session: Session, executor: OwingExecutor, { journal, forRuns }: Notices): PlaybookDesk {
  const say = (text: string): void => void process.stderr.write(`${session.mask(text)}\n`);
  return new PlaybookDesk({
    world: session.live,
    executor,
    journal,
    who: operator(),
    redact: session.mask,
    onRun: forRuns.onRun,
    onGivenUp: forRuns.onGivenUp,
    onTell: (run, text, to) => {
      say(`tell ${to ?? 'the team'}: ${text}`);
      forRuns.onTell(run, text, to);
    },
    onNudge: (run, text) => {
      say(text);
      forRuns.onNudge(run, text);
    },
    typedNames: session.demo !== null,
  });
}

async function begin(run: () => DeskRun, journal: Pick<Journal, 'failure'>, json: boolean): Promise<number> {
  try {
    for (let next = run(); ; ) {
      const end = await follow(next, journal, json);
      if (end !== 'go on') return end;
      next = next.goOn();
    }
  } catch (error) {
    if (error instanceof RunRefused) return refused(error.message);
    throw error;
  }
}

function personOf(desk: PlaybookDesk, executor: OwingExecutor, flags: RunFlags): Person {
  const person = new CommandPerson(operator(), new Map(Object.entries(flags.answers)), (from) => desk.hostsFrom(from));
  return armedPerson(person, (host) => void (host === null ? null : armFor(executor, desk.envOf({ host }))));
}

/** Arms for as long as this call lasts; why not, or `null`. */
function armFor(executor: OwingExecutor, env: string): string | null {
  return executor.armed(env).state === 'locked' ? (executor.arm(env, true)?.message ?? null) : null;
}

/**
 * Prints each step as it ends, and the end of the run. Ctrl-C calls it off; a second one leaves it as it is, to be resumed, and so does a
 * terminal that goes away.
 */
async function follow(run: DeskRun, journal: Pick<Journal, 'failure'>, json: boolean): Promise<number | 'go on'> {
  const told = new Set<string>();
  const tell = (): void => {
    for (const step of run.view().steps) {
      if (step.endedAt === null || step.verb === 'section' || told.has(step.address)) continue;
      told.add(step.address);
      const { word, note } = endWords(step);
      if (!json) process.stderr.write(`${'  '.repeat(step.depth)}${word} ${step.title}${note === '' ? '' : ` — ${note}`}\n`);
    }
  };
  let asked = false;
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
    run.leave();
  };
  const interrupt = (): void => {
    if (asked || run.isOver()) leave();
    else run.abort('interrupted by the operator');
    asked = true;
  };
  const hangUp = (): void => {
    // Nobody reads any more; what is still to be written down is not kept from it by a closed terminal.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
    leave();
  };
  run.subscribe(tell);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', hangUp);
  try {
    const view = await run.done;
    tell();
    if (!left.signal.aborted && (await isWritableAgain(view, journal, left.signal))) return 'go on';
    if (json) process.stdout.write(`${JSON.stringify(view)}\n`);
    else process.stderr.write(`${closing(view)}\n`);
    return exitOf(view);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', hangUp);
  }
}

const askJournalEveryMs = 1000;

/** Waits for the journal whose disk made a run stand still, until it can be written again; false where that is not why, or the person leaves. */
async function isWritableAgain({ id, phase }: RunView, journal: Pick<Journal, 'failure'>, left: AbortSignal): Promise<boolean> {
  if (phase.phase !== 'paused' || phase.mendable !== true) return false;
  process.stderr.write(`${id} stands still and sends nothing: ${phase.why ?? ''} It goes on by itself then; Ctrl-C leaves it as it is.\n`);
  while (journal.failure !== null && !left.aborted) await sleep(askJournalEveryMs, null, { signal: left }).catch(() => null);
  return !left.aborted;
}

function closing(view: RunView): string {
  const owed = view.debts.map((debt) => debt.what).join('; ');
  const locked = view.locked.length === 0 ? '' : ` LOCKED until then: ${view.locked.join(', ')}`;
  const open = `${owed === '' ? '' : ` OPEN: ${owed}`}${locked}`;
  const { phase } = view;
  if (view.lockedBy !== null) return lockedOut(view);
  return phase.phase === 'closed'
    ? `${view.id}: ${phase.result}: ${phase.message}${open}`
    : `${view.id} is left as it is${phase.phase === 'paused' && phase.why !== undefined ? ` (${phase.why.replace(/\.$/, '')})` : ''}; go on with quarterdeck playbook resume ${view.id}${process.stdin.isTTY === true ? '' : ` --confirm ${view.playbook}`}${open}`;
}

/** Who is in the way, and the two ways on: once it is free, or at once. */
function lockedOut({ id, playbook, inputs, phase, lockedBy }: RunView): string {
  const again = phase.phase === 'closed' ? ['run', playbook, ...inputFlags(inputs)] : ['resume', id];
  const command = `quarterdeck playbook ${again.join(' ')}`;
  const stands = phase.phase === 'closed' ? 'nothing was begun' : `${id} is left as it is`;
  return `refused: ${lockedBy ?? ''}; ${stands}. Once it is free: ${command}. To take the lock from its holder, which is told: add --break-lock --reason TEXT`;
}

/** As they would be typed; secrets, which are masked, stand in no command line. */
function inputFlags(inputs: RunView['inputs']): readonly string[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    value === '' || value.includes(hidden) ? [] : ['--input', `${name}=${shq(value)}`],
  );
}

function exitOf({ phase, lockedBy }: RunView): number {
  if (lockedBy !== null) return exitCode.refused;
  if (phase.phase !== 'closed') return exitCode.unknown;
  return phase.result === 'ok' ? exitCode.ok : exitCode.failed;
}

export function refused(message: string): number {
  process.stderr.write(`refused: ${message}\n`);
  return exitCode.refused;
}

export function onFleet(
  options: GlobalOptions,
  work: (session: Session, executor: OwingExecutor, notices: Notices) => Promise<number>,
): Promise<number> {
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    (session, executor, notices) => {
      if (notices === null) throw new Error('a run that is no dry run tells');
      return work(session, executor, notices);
    },
  );
}

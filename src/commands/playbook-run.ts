import type { OwingExecutor } from '../actions/owing-executor.ts';
import { formatProblem } from '../config/problem.ts';
import type { Journal } from '../journal/entry.ts';
import { readInputs } from '../playbook/inputs.ts';
import { type Library, noLibrary, type PlaybookFile, readLibrary, readPlaybookFile, withNeighbours } from '../playbook/library.ts';
import { LiveHands } from '../playbook/live/live-hands.ts';
import type { Run } from '../playbook/run/run.ts';
import type { RunView } from '../playbook/run/run-view.ts';
import { type KeptRun, RunRefused, Runs } from '../playbook/runs.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { operator } from './operator.ts';
import { CommandPerson } from './playbook-person.ts';
import type { Session } from './session.ts';
import { exitCode, UsageError } from './usage-error.ts';

export interface RunFlags {
  readonly inputs: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, string>>;
  readonly reason: string | null;
  readonly confirm: string | null;
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
  const ids = library.files.map((file) => file.playbook.id).join(', ');
  throw new UsageError(
    `no playbook ${JSON.stringify(name)}: ${ids === '' ? 'the fleet file names no folder with any' : `there are ${ids}`}`,
  );
}

/** Walks a playbook on the real fleet. Exit 0 ok, 1 failed or escalated, 3 left as it is, 4 confirmation needed, 5 refused. */
export function runPlaybook(name: string, options: GlobalOptions, flags: RunFlags): Promise<number> {
  return onFleet(options, async (session, executor, journal) => {
    const known = await libraryOf(session);
    const file = await playbookNamed(known, name);
    const library = known.files.includes(file) ? known : await withNeighbours(known, name);
    const hands = handsOf(session, executor, journal, null);
    const read = readInputs(file.playbook.inputs, flags.inputs, (from) => hands.hostsFrom(from));
    if (!read.ok)
      throw new UsageError(
        Object.entries(read.wrong)
          .map(([input, why]) => `--input ${input}: ${input} ${why}`)
          .join('\n'),
      );
    if (process.stdin.isTTY !== true && flags.confirm !== file.playbook.id) {
      process.stderr.write(
        `not confirmed: add --confirm ${file.playbook.id} to run it without a terminal; changes then go on until a question needs a mind\n`,
      );
      return exitCode.confirm;
    }
    const env = envOf(session, read.values);
    const locked = executor.armed(env).state === 'locked' ? executor.arm(env) : null;
    if (locked !== null) return refused(locked.message);
    const person = new CommandPerson(operator(), new Map(Object.entries(flags.answers)), (from) => hands.hostsFrom(from));
    const reason = flags.reason ?? (typeof read.values['reason'] === 'string' ? read.values['reason'] : null);
    return begin(() => new Runs(journal).start({ file, library, inputs: read.values, reason, env, hands, person }), flags.json);
  });
}

/** Goes on with a run whose console has ended: `id`, or the only one. */
export function resumePlaybook(id: string | null, options: GlobalOptions, flags: RunFlags): Promise<number> {
  return onFleet(options, async (session, executor, journal) => {
    const runs = new Runs(journal);
    const open = runs.unfinished();
    const kept: KeptRun | null = id === null ? (open.length === 1 ? (open[0] ?? null) : null) : runs.find(id);
    if (kept === null) {
      const known = open.map((run) => `${run.id} (${run.title}, ${run.operator})`).join(', ');
      throw new UsageError(known === '' ? 'no run is left open' : `say which: ${known}`);
    }
    const { locks } = kept.memory;
    const hands = handsOf(session, executor, journal, locks);
    const env = envOf(session, kept.memory.open?.inputs ?? {});
    const locked = executor.armed(env).state === 'locked' ? executor.arm(env) : null;
    if (locked !== null) return refused(locked.message);
    const person = new CommandPerson(operator(), new Map(Object.entries(flags.answers)), (from) => hands.hostsFrom(from));
    return begin(() => runs.resume(kept, { env, hands, person, secrets: flags.inputs }), flags.json);
  });
}

function handsOf(
  session: Session,
  executor: OwingExecutor,
  journal: Journal,
  before: ConstructorParameters<typeof LiveHands>[0]['before'],
): LiveHands {
  const say = (text: string): void => void process.stderr.write(`${session.mask(text)}\n`);
  return new LiveHands({
    world: session.live,
    executor,
    journal,
    redact: session.mask,
    tell: (text, to) => say(`tell ${to ?? 'the team'}: ${text}`),
    nudge: say,
    before,
    typedNames: session.demo !== null,
  });
}

async function begin(run: () => Run, json: boolean): Promise<number> {
  try {
    return await follow(run(), json);
  } catch (error) {
    if (error instanceof RunRefused) return refused(error.message);
    throw error;
  }
}

/** Prints each step as it ends, and the end of the run. Ctrl-C calls it off; a second one leaves it as it is, to be resumed. */
async function follow(run: Run, json: boolean): Promise<number> {
  const told = new Set<string>();
  const tell = (): void => {
    for (const step of run.view().steps) {
      if (step.endedAt === null || step.verb === 'section' || told.has(step.address)) continue;
      told.add(step.address);
      if (!json)
        process.stderr.write(
          `${'  '.repeat(step.depth)}${step.state} ${step.title}${step.note === null || step.note === '' ? '' : ` — ${step.note}`}\n`,
        );
    }
  };
  let asked = false;
  const interrupt = (): void => {
    if (asked) run.leave();
    else run.abort('interrupted by the operator');
    asked = true;
  };
  run.subscribe(tell);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const view = await run.done;
    tell();
    if (json) process.stdout.write(`${JSON.stringify(view)}\n`);
    else process.stderr.write(`${closing(view)}\n`);
    return exitOf(view);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function closing(view: RunView): string {
  const owed = view.debts.map((debt) => debt.what).join('; ');
  const open = owed === '' ? '' : ` OPEN: ${owed}`;
  const { phase } = view;
  return phase.phase === 'closed'
    ? `${view.id}: ${phase.result}: ${phase.message}${open}`
    : `${view.id} is left as it is; go on with quarterdeck playbook resume ${view.id}${open}`;
}

function exitOf({ phase }: RunView): number {
  if (phase.phase !== 'closed') return exitCode.unknown;
  return phase.result === 'ok' ? exitCode.ok : exitCode.failed;
}

function refused(message: string): number {
  process.stderr.write(`refused: ${message}\n`);
  return exitCode.refused;
}

/** The environment of the first host among the inputs; arms that one. */
function envOf(session: Session, inputs: Readonly<Record<string, unknown>>): string {
  const names = Object.values(inputs).flat();
  const views = session.live.views();
  return views.find((view) => names.includes(view.host.name))?.host.env ?? views[0]?.host.env ?? 'default';
}

function onFleet(
  options: GlobalOptions,
  work: (session: Session, executor: OwingExecutor, journal: Journal) => Promise<number>,
): Promise<number> {
  return withExecutor(options, { dryRun: false }, () => true, work);
}

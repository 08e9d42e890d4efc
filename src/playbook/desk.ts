import { setTimeout as sleep } from 'node:timers/promises';
import type { FullExecutor } from '../actions/executor.ts';
import { lockedThing } from '../actions/lock-name.ts';
import type { Journal } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import { type Again, DeskRun } from './desk-run.ts';
import type { Library, PlaybookFile } from './library.ts';
import { hostsFrom } from './live/hosts-from.ts';
import { LiveHands, type LiveHandsParts } from './live/live-hands.ts';
import { parsePlaybook } from './parse-playbook.ts';
import type { Input, Playbook } from './playbook.ts';
import type { Person } from './run/question.ts';
import type { Run } from './run/run.ts';
import type { RunView } from './run/run-view.ts';
import { viewOfKept } from './run/view-of.ts';
import { type KeptRun, RunRefused, Runs } from './runs.ts';

/** How long a console that closes waits for its runs to stand still, ms; it still has its last words to say then. */
const leaveWithinMs = 1000;

export interface DeskParts {
  readonly world: World;
  readonly executor: FullExecutor;
  readonly journal: Journal;
  /** `user@machine`. */
  readonly who: string;
  /** Takes secrets out of what hosts say. */
  readonly redact: (text: string) => string;
  /** Whether a name that is typed counts as an approval: on the demo only. */
  readonly typedNames: boolean;
  /** A run was started or taken up here; its changes can be listened to. */
  onRun?(run: DeskRun): void;
  /** A `tell` step of a run. */
  onTell(run: DeskRun, text: string, to: string | null): void;
  /** A run that an earlier console left was given up here. */
  onGivenUp?(view: RunView, playbook: Playbook): void;
  /** A question of a run has waited for three minutes. */
  onNudge(run: DeskRun, text: string): void;
}

export interface StartRun {
  readonly file: PlaybookFile;
  readonly library: Library;
  /** As `readInputs` gave them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  /** Who answers; default: whoever calls `answer` of the run. */
  readonly person?: Person;
  /** Takes the locks from whoever holds them, for the reason; that is told. */
  readonly breakLocks?: boolean;
}

/** The runs of one console: those it started or took up, and those that earlier consoles left. It draws and prints nothing. */
export class PlaybookDesk {
  readonly #parts: DeskParts;
  readonly #runs: Runs;
  readonly #listeners = new Set<() => void>();
  #underWay: readonly DeskRun[] = [];

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#runs = new Runs(parts.journal);
  }

  /** Runs of this console, oldest first, the closed ones too; the same array until one is added. */
  list(): readonly DeskRun[] {
    return this.#underWay;
  }

  find(id: string): DeskRun | null {
    return this.#underWay.find((run) => run.id === id) ?? null;
  }

  /** Called at every change of any of them; returns the end of it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs that somebody left open, oldest first; one that stands still in this very console is free to be taken up again. Reads the journal. */
  unfinished(): readonly KeptRun[] {
    return this.#runs.unfinished().flatMap((run) => {
      const here = this.find(run.id);
      if (here === null) return [run];
      return here.isOver() ? [{ ...run, owned: false }] : [];
    });
  }

  /** A run of the journal, whoever has it. */
  kept(id: string): KeptRun | null {
    return this.#runs.find(id);
  }

  hostsFrom(from: string | null): readonly string[] {
    return hostsFrom(this.#parts.world, from);
  }

  /** Environment of the first host among these values: the one that must be armed. */
  envOf(values: Readonly<Record<string, unknown>>): string {
    const names = Object.values(values).flat();
    const views = this.#parts.world.views();
    return views.find((view) => names.includes(view.host.name))?.host.env ?? views[0]?.host.env ?? 'default';
  }

  /** Begins a run. The caller has armed its environment. Throws when the journal cannot be written. */
  start(begun: StartRun): DeskRun {
    const { file, library, inputs, reason, person, breakLocks = false } = begun;
    const env = this.envOf(inputs);
    const run: DeskRun = this.#add(
      file.playbook,
      env,
      { before: null, breakFor: breakLocks ? reason : null },
      (breakFor) => {
        const kept = this.#standing(run.id);
        if (kept !== null) return this.resume(kept, secretsIn(file.playbook, inputs), person, breakFor);
        return this.start({ ...begun, reason: breakFor ?? reason, breakLocks: breakFor !== null });
      },
      (hands, asks) => this.#runs.start({ file, library, inputs, reason, env, hands, person: person ?? asks }),
    );
    return run;
  }

  /** Secret inputs that a run needs again, because they were not kept: those that must be there, and the others that it was given. */
  secretsOf(kept: KeptRun): readonly Input[] {
    const given = kept.memory.open?.secrets ?? [];
    const needed = snapshotOf(kept)?.inputs.filter(({ name, type, optional }) => type === 'secret' && (!optional || given.includes(name)));
    return needed?.map((input) => ({ ...input, optional: false })) ?? [];
  }

  /**
   * Goes on with a run of a console that has ended, whoever had it; the hand-over is recorded.
   * @throws RunRefused when its console still runs, it is closed, or it needs secrets that were not given
   */
  resume(kept: KeptRun, secrets: Readonly<Record<string, string>>, person?: Person, breakFor: string | null = null): DeskRun {
    const snapshot = snapshotOf(kept);
    if (snapshot === null) throw new RunRefused(`${kept.id} holds a playbook that this version cannot read.`);
    const env = this.envOf(kept.memory.open?.inputs ?? {});
    const again: Again = (why) => this.resume(this.#standing(kept.id) ?? kept, secrets, person, why);
    return this.#add(snapshot, env, { before: kept.memory.locks, breakFor }, again, (hands, asks) =>
      this.#runs.resume(kept, { env, hands, person: person ?? asks, secrets }),
    );
  }

  /**
   * Ends a left run for good: nothing is sent, what it owes is told in its end. Its locks are given back, unless a change of it whose end
   * nobody saw keeps them. `kept`: the words of locks that could not be given back, `null` when all were.
   * @throws RunRefused when its console still runs, it is closed, or there is no reason; and when the journal cannot be written
   */
  async giveUp(id: string, reason: string): Promise<{ readonly message: string; readonly kept: string | null }> {
    const { who, redact, onGivenUp } = this.#parts;
    const kept = this.unfinished().find((run) => run.id === id) ?? this.kept(id);
    if (kept === null) throw new RunRefused(`There is no run ${id}.`);
    const { memory } = kept;
    const { message } = this.#runs.giveUp(kept, who, this.envOf(memory.open?.inputs ?? {}), redact(reason));
    const view = viewOfKept(id, memory, kept.title);
    const playbook = snapshotOf(kept);
    if (view !== null && playbook !== null) onGivenUp?.(view, playbook);
    this.#changed();
    return { message, kept: await this.#freeLocks(kept, `given up by ${who}: ${redact(reason)}`) };
  }

  /** The locks of a run that was given up; the words of those that stay. One that somebody else has by now stays theirs. */
  async #freeLocks({ id, memory }: KeptRun, reason: string): Promise<string | null> {
    const { world, executor, redact } = this.#parts;
    const left = memory.locks ?? { locks: [], tokens: {} };
    const locks = left.locks.filter((lock) => world.view(lock.hostId) !== null);
    if (locks.length === 0) return null;
    const things = [...new Set(locks.map(lockedThing))].join(', ');
    const unseen = redact(
      memory
        .allInterrupted()
        .flatMap(({ commands }) => commands)
        .join('; '),
    );
    if (unseen !== '') {
      // What was sent may still begin: nobody else is to act there before its host was asked.
      await executor.runs.explain({ ...left, locks }, id, { reason, left: `nobody saw the end of: ${unseen}; quarterdeck recover asks` });
      return `${things} stays locked until it is known what became of: ${unseen}; quarterdeck recover asks the host and gives it back`;
    }
    const taken = await executor.runs.takeOver({ ...left, locks }, id, `giving up ${id}`);
    if (taken === null)
      return `${things} could not be given back: a host did not answer; what acts there next may break the lock with a reason`;
    if (!('words' in taken)) await taken.release();
    return null;
  }

  /** The console closes: every run stays as it is in the journal, to be taken up. Waits a few seconds for what is being written. */
  async leave(): Promise<void> {
    const open = this.#underWay.filter((run) => !run.isOver());
    for (const run of open) run.leave();
    await Promise.race([Promise.allSettled(open.map((run) => run.done)), sleep(leaveWithinMs, null, { ref: false })]);
  }

  /** A run that stands still, as the journal has it by now. */
  #standing(id: string): KeptRun | null {
    return this.unfinished().find((run) => run.id === id) ?? null;
  }

  #add(
    playbook: Playbook,
    env: string,
    locks: Pick<LiveHandsParts, 'before' | 'breakFor'>,
    again: Again,
    begin: (hands: LiveHands, asks: Person) => Run,
  ): DeskRun {
    const { world, executor, journal, redact, typedNames, who, onRun, onTell, onNudge } = this.#parts;
    const run = new DeskRun({ who, env, playbook, now: () => world.clock.wallMs(), changed: () => this.#changed(), again });
    const hands = new LiveHands({
      world,
      executor,
      journal,
      redact,
      typedNames,
      tell: (text, to) => onTell(run, text, to),
      nudge: (text) => {
        run.nudge(text);
        onNudge(run, text);
      },
      ...locks,
    });
    run.begin(begin(hands, run.person));
    this.#underWay = [...this.#underWay.filter((other) => other.id !== run.id), run];
    this.#changed();
    onRun?.(run);
    return run;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function snapshotOf({ memory: { open } }: KeptRun): Playbook | null {
  const parsed = open === null ? null : parsePlaybook(open.sources[open.playbook] ?? '', open.file);
  return parsed?.ok === true ? parsed.playbook : null;
}

function secretsIn({ inputs }: Playbook, given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputs.flatMap(({ name, type }) => {
      const value = given[name];
      return type === 'secret' && typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

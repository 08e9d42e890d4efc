import { createHash, randomBytes } from 'node:crypto';
import { didYouMean } from '../config/nearest.ts';
import { consoleIdentity, isRunning, isThisConsole, readIdentity } from '../actions/console-identity.ts';
import type { Entry, Journal, JsonValue } from '../journal/entry.ts';
import type { Library, PlaybookFile } from './library.ts';
import { parsePlaybook } from './parse-playbook.ts';
import type { Playbook, Step } from './playbook.ts';
import type { Concern } from './run/either.ts';
import { eventDetail, readRunEvent, type RunEntry, type RunEvent } from './run/events.ts';
import type { Hands } from './run/hands.ts';
import { Memory } from './run/memory.ts';
import { jsonOf } from './run/owing.ts';
import type { Person } from './run/question.ts';
import { Run } from './run/run.ts';

/** A run as the journal holds it. */
export interface KeptRun {
  readonly id: string;
  readonly playbook: string;
  readonly title: string;
  readonly operator: string;
  readonly startedAt: number;
  readonly memory: Memory;
  /** Whether the console that had it last still runs. */
  readonly owned: boolean;
  /** Process of that console. */
  readonly pid: number | null;
}

/** Names the process, so that a console that hangs can be ended by whoever needs the run. */
function stillRuns({ id, memory, pid }: KeptRun, what: string): RunRefused {
  const process = pid === null ? '' : ` (process ${pid} on this machine)`;
  return new RunRefused(`${memory.operator}'s console still runs ${id}${process}; it can be ${what} once that has ended.`);
}

export interface StartOptions {
  readonly file: PlaybookFile;
  readonly library: Library;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  readonly env: string;
  readonly hands: Hands;
  readonly person: Person;
  /** Hears the key of each step just before it begins. */
  readonly reached?: (key: string) => void;
  /** Hears, in a dry run, what would not go as the page hopes. */
  readonly concern?: (concern: Concern) => void;
}

/** Why a run cannot be started or taken up, one sentence. */
export class RunRefused extends Error {}

/** Runs of playbooks in one journal. */
export class Runs {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** @throws RunRefused when a playbook that it plays is not in the library. */
  start(options: StartOptions): Run {
    const { file, library, hands, person, inputs } = options;
    const { playbook } = file;
    const sources = sourcesOf(file, library);
    const id = `run-${new Date(hands.now()).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
    const secret = secretInputs(playbook);
    const kept = Object.fromEntries(Object.entries(inputs).filter(([name]) => !secret.has(name)));
    const memory = new Memory();
    const write = this.#writer(id, options.env, playbook.id, person.who, hands.level !== 'run');
    memory.take(
      write({
        event: 'open',
        playbook: playbook.id,
        title: playbook.title,
        sources,
        sha256: createHash('sha256').update(file.text).digest('hex'),
        file: file.file,
        inputs: jsonOf(kept),
        secrets: [...secret].filter((name) => typeof inputs[name] === 'string' && inputs[name] !== ''),
        level: hands.level,
        operator: person.who,
        reason: options.reason,
        console: { ...consoleIdentity() },
      }),
    );
    const secrets = Object.entries(inputs).flatMap(([name, value]) => (secret.has(name) && typeof value === 'string' ? [value] : []));
    return new Run({
      id,
      playbook,
      others: parsedOthers(sources, playbook.id),
      inputs,
      secrets,
      reason: options.reason,
      hands,
      person,
      write,
      memory,
      ...(options.reached === undefined ? {} : { reached: options.reached }),
      ...(options.concern === undefined ? {} : { concern: options.concern }),
    });
  }

  /** Runs that nobody closed, oldest first. */
  unfinished(): readonly KeptRun[] {
    return this.list().filter((run) => run.memory.closed === null && run.memory.open?.level === 'run');
  }

  /** Every run of the journal, oldest first. */
  list(): readonly KeptRun[] {
    const byRun = Map.groupBy(this.#journal.ofKinds(['run']), (entry) => entry.actionId ?? '');
    return [...byRun].flatMap(([id, entries]) => keptRun(id, entries) ?? []);
  }

  find(id: string): KeptRun | null {
    return keptRun(id, this.#journal.ofAction(id));
  }

  /** Goes on with a run on its own snapshot. @throws RunRefused when its console still runs, it is closed, or it needs secrets that were not kept. */
  resume(
    seen: KeptRun,
    parts: { readonly env: string; readonly hands: Hands; readonly person: Person; readonly secrets: Readonly<Record<string, string>> },
  ): Run {
    // What was shown may be hours old: another console may have it by now.
    const { memory, id } = this.find(seen.id) ?? seen;
    const { open } = memory;
    if (open === null) throw new RunRefused(`The journal does not hold the beginning of ${id}.`);
    if (memory.closed !== null) throw new RunRefused(`${id} is closed (${memory.closed.result}).`);
    if (memory.handovers > seen.memory.handovers) throw new RunRefused(`${memory.operator} has taken ${id} up meanwhile.`);
    if (seen.owned) throw stillRuns(seen, 'taken up');
    const parsed = parsePlaybook(open.sources[open.playbook] ?? '', open.file);
    if (!parsed.ok) throw new RunRefused(`${id} holds a playbook that this version cannot read.`);
    const { playbook } = parsed;
    const needed = playbook.inputs.filter(({ name, type, optional }) => type === 'secret' && (!optional || open.secrets.includes(name)));
    const missing = needed.find((input) => (parts.secrets[input.name] ?? '') === '');
    if (missing !== undefined) throw new RunRefused(`${id} needs the secret ${missing.name} again: it was not kept.`);
    // Nothing but its secrets is given anew: a run goes on with what it was begun with.
    const secret = secretInputs(playbook);
    const other = Object.keys(parts.secrets).find((name) => !secret.has(name));
    if (other !== undefined) throw new RunRefused(`${id} goes on with the inputs that it was begun with: ${other} is none of its secrets.`);
    const write = this.#writer(id, parts.env, playbook.id, parts.person.who);
    const before = memory.handovers;
    memory.take(write({ event: 'handover', from: memory.operator, console: { ...consoleIdentity() } }));
    const first = this.#handovers(id)[before];
    // Two that took it up in the same moment both stand in the journal, and the first of them has it.
    const identity = readIdentity(first?.console);
    if (first !== undefined && identity !== null && !isThisConsole(identity))
      throw new RunRefused(`${first.who} has taken ${id} up meanwhile.`);
    return new Run({
      id,
      playbook,
      others: parsedOthers(open.sources, playbook.id),
      inputs: { ...open.inputs, ...parts.secrets },
      secrets: Object.values(parts.secrets),
      reason: open.reason,
      hands: parts.hands,
      person: parts.person,
      write,
      memory,
    });
  }

  /**
   * Ends a run for good without going on with it: nothing is sent, nothing is taken back, and what it owes is told in its end.
   * @throws RunRefused when its console still runs, or it is closed
   */
  giveUp(kept: KeptRun, who: string, env: string, reason: string): { readonly result: 'aborted'; readonly message: string } {
    const { memory, id } = kept;
    if (memory.closed !== null) throw new RunRefused(`${id} is closed (${memory.closed.result}).`);
    if (kept.owned) throw stillRuns(kept, 'given up');
    if (reason.trim() === '') throw new RunRefused('Giving a run up needs a reason.');
    const undone = memory.undos().map(({ title }) => title);
    const unseen = memory.allInterrupted().map(({ commands }) => commands.join('; '));
    const message = [
      `given up by ${who}: ${reason.trim()}`,
      ...(unseen.length === 0 ? [] : [`nobody saw the end of: ${unseen.join('; ')}`]),
      ...(undone.length === 0 ? [] : [`not taken back: ${undone.join('; ')}`]),
    ].join('; ');
    const write = this.#writer(id, env, kept.playbook, who);
    memory.take(write({ event: 'close', result: 'aborted', message }));
    return { result: 'aborted', message };
  }

  /** Consoles that took a run up, in their order. */
  #handovers(id: string): readonly { readonly who: string; readonly console: JsonValue }[] {
    return this.#journal.ofAction(id).flatMap((entry) => {
      const read = readRunEvent(entry);
      return read?.event.event === 'handover' ? [{ who: read.who, console: read.event.console }] : [];
    });
  }

  /** `dry`: whoever reads the journal's lines sees that nothing was changed. */
  #writer(id: string, env: string, playbook: string, who: string, dry = false): (event: RunEvent) => RunEntry {
    return (event) => {
      const commands = event.event === 'intent' ? event.commands.join('; ') : null;
      const word = event.event === 'outcome' || event.event === 'undo-outcome' ? `${event.event}: ${event.outcome}` : event.event;
      const outcome = dry ? `dry ${word}` : word;
      const detail: Readonly<Record<string, JsonValue>> = eventDetail(event);
      const entry = this.#journal.append({ kind: 'run', actionId: id, who, env, targets: [playbook], command: commands, outcome, detail });
      // What was masked on the way to the disk is not what goes on being used: the event itself does.
      return { event, who, at: Date.parse(entry.at) };
    };
  }
}

function keptRun(id: string, entries: readonly Entry[]): KeptRun | null {
  const events = entries.flatMap((entry) => readRunEvent(entry) ?? []);
  const memory = new Memory(events);
  if (memory.open === null) return null;
  const consoles = events.flatMap(({ event }) =>
    event.event === 'open' || event.event === 'handover' ? (readIdentity(event.console) ?? []) : [],
  );
  // Any that had it: of two that took it up in one moment the later one is refused, and stands last.
  const running = consoles.find(isRunning);
  return {
    id,
    playbook: memory.open.playbook,
    title: memory.open.title,
    operator: memory.operator,
    startedAt: memory.startedAt,
    memory,
    owned: running !== undefined,
    pid: running?.pid ?? null,
  };
}

/**
 * Texts of a playbook and of all that it may play, however deep.
 * @throws RunRefused when one of them is not there: a run that would find it out in its middle is not begun.
 */
function sourcesOf(file: PlaybookFile, library: Library): Record<string, string> {
  const sources: Record<string, string> = { [file.playbook.id]: file.text };
  const open = [file.playbook];
  for (let playbook = open.pop(); playbook !== undefined; playbook = open.pop()) {
    for (const name of playedBy(playbook)) {
      const other = library.files.find((each) => each.playbook.id === name);
      if (sources[name] !== undefined) continue;
      if (other === undefined) throw new RunRefused(whyMissing(playbook, name, library));
      sources[name] = other.text;
      open.push(other.playbook);
    }
  }
  return sources;
}

function whyMissing(playbook: Playbook, name: string, library: Library): string {
  const broken = library.problems.find(
    (problem) => /\.ya?ml$/.test(problem.file) && problem.file.replace(/\.ya?ml$/, '').endsWith(`/${name}`),
  );
  if (broken !== undefined) return `${playbook.id} plays ${name}, which cannot be read: ${broken.file}:${broken.line}: ${broken.message}`;
  const near = didYouMean(
    name,
    library.files.map((each) => each.playbook.id),
  );
  return `${playbook.id} plays ${name}, ${library.folder === null ? 'but the fleet file names no folder of playbooks' : `and ${library.folder} holds no such playbook`}. ${near ?? 'Put it there, or take the step out.'}`;
}

function parsedOthers(sources: Readonly<Record<string, string>>, own: string): ReadonlyMap<string, Playbook> {
  const others = new Map<string, Playbook>();
  for (const [id, text] of Object.entries(sources)) {
    if (id === own) continue;
    const parsed = parsePlaybook(text, id);
    if (parsed.ok) others.set(id, parsed.playbook);
  }
  return others;
}

/** Ids that a playbook's `play` steps name. */
export function playedBy(playbook: Playbook): readonly string[] {
  return [...playbook.steps, ...playbook.finally].flatMap(stepsWithin).flatMap((step) => (step.verb === 'play' ? [step.playbook] : []));
}

/** A step and every step inside it. */
export function stepsWithin(step: Step): readonly Step[] {
  const handlers = [step.onFail, step.onUnreachable].flatMap((handler) => (handler?.kind === 'steps' ? handler.steps : []));
  const nested =
    step.verb === 'section' || step.verb === 'each'
      ? step.steps
      : step.verb === 'branch'
        ? step.arms.flatMap((arm) => arm.steps)
        : step.verb === 'choose'
          ? step.options.flatMap((option) => option.steps)
          : [];
  return [step, ...[...nested, ...handlers].flatMap(stepsWithin)];
}

function secretInputs(playbook: Playbook): ReadonlySet<string> {
  return new Set(playbook.inputs.filter((input) => input.type === 'secret').map((input) => input.name));
}

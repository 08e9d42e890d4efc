import { parsePlaybook } from '../../src/playbook/parse-playbook.ts';
import type { Playbook } from '../../src/playbook/playbook.ts';
import { probeWords } from '../../src/playbook/run/ask-probe.ts';
import type { FrozenUndo, RunEntry, RunEvent } from '../../src/playbook/run/events.ts';
import type { AskedChange, AskedProbe, Found, Hands, Prepared, Sent, StepPlace } from '../../src/playbook/run/hands.ts';
import { Memory } from '../../src/playbook/run/memory.ts';
import type { Answer, Person, Question } from '../../src/playbook/run/question.ts';
import { Run } from '../../src/playbook/run/run.ts';

export const well: Sent = { outcome: 'ok', summary: 'done', evidence: [], facts: { out: '', err: '', exit: 0, failed: false } };
export const bad: Sent = { ...well, outcome: 'failed', summary: 'it failed', facts: { out: '', err: 'no', exit: 1, failed: true } };
export const gone: Sent = { ...well, outcome: 'unknown', summary: 'its end was not seen' };

export const said = (out: string, exit = 0): Found => ({
  kind: 'facts',
  facts: { out, err: '', exit, failed: exit !== 0 },
  holds: exit === 0,
  text: out,
});

type Answers<Value> = Value | readonly Value[];

/** Hosts whose answers are written down; what was sent to them stays when a console ends, as on real hosts. */
export class RecordedWorld {
  /** Answers by the words of a probe, `HOST WORDS` first; of a list one after another, the last one for ever. */
  readonly probes = new Map<string, Answers<Found>>();
  /** Ends by the words of a change. */
  readonly ends = new Map<string, Answers<Sent>>();
  /** Every change that was sent, in order. */
  readonly sent: string[] = [];
  readonly asked: string[] = [];
  readonly told: string[] = [];
  readonly nudged: string[] = [];
  readonly titles = new Map<string, string>();
  /** Locks claimed and given back, in order. */
  readonly locks: string[] = [];
  /** Who holds a lock, by its name. */
  readonly holders = new Map<string, string>();
  /** Who signs at each look; set where a typed name is not enough. */
  signers: string[][] | null = null;
  /** What had to stay in a pool at each change. */
  readonly kept: (readonly string[])[] = [];
  readonly done = new Map<string, Sent>();
  /** Actions that were to be ended on their host. */
  readonly cancelled: string[] = [];
  /** What a person said of a change, by its action. */
  readonly settled: string[] = [];
  /** Changes that the executor calls dangerous, by their words. */
  readonly dangers = new Set<string>();
  /** What recover says when nothing is known of an action. */
  lost: 'never-began' | 'ask' | null = 'never-began';
  now = 1_000_000;
  /** How far somebody set the console's clock since, ms. */
  clockSetBy = 0;
  actions = 0;
  #turns = new Map<string, number>();

  take<Value>(from: ReadonlyMap<string, Answers<Value>>, key: string): Value | null {
    const found = from.get(key);
    if (found === undefined) return null;
    if (!isList(found)) return found;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return found[Math.min(turn, found.length - 1)] ?? null;
  }
}

function isList<Value>(value: Answers<Value>): value is readonly Value[] {
  return Array.isArray(value);
}

export class RecordedHands implements Hands {
  readonly level: Hands['level'];
  readonly #world: RecordedWorld;
  readonly #hook: (what: string) => void;

  constructor(world: RecordedWorld, level: Hands['level'] = 'run', hook: (what: string) => void = () => {}) {
    this.#world = world;
    this.level = level;
    this.#hook = hook;
  }

  readonly now = (): number => this.#world.now + this.#world.clockSetBy;
  readonly elapsed = (): number => this.#world.now;

  sleep(ms: number, _signal?: AbortSignal): Promise<void> {
    this.#world.now += ms;
    return Promise.resolve();
  }

  probe(probe: AskedProbe): Promise<Found> {
    const words = probeWords(probe);
    const host = 'host' in probe ? (probe.host ?? '') : '';
    this.#world.asked.push(`${host} ${words}`.trim());
    this.#hook(words);
    const found = this.#world.take(this.#world.probes, `${host} ${words}`) ?? this.#world.take(this.#world.probes, words);
    return Promise.resolve(found ?? said('fine'));
  }

  prepare(change: AskedChange, place: StepPlace): Promise<Prepared> {
    this.#world.kept.push(place.keepInPool ?? []);
    const words =
      change.kind === 'command'
        ? `${change.host}: ${change.command}`
        : `${change.action} ${Object.values(change.with)
            .map((value) => JSON.stringify(value))
            .join(' ')
            .replaceAll('"', '')}`;
    return Promise.resolve(this.#ready(words, change.kind === 'action' && change.action === 'pool.depool'));
  }

  prepareUndo(undo: FrozenUndo): Promise<Prepared> {
    const words =
      undo.kind === 'auto'
        ? `inverse of ${this.#world.titles.get(undo.actionId) ?? undo.actionId}`
        : undo.kind === 'run'
          ? `${undo.host}: ${undo.command}`
          : undo.kind;
    return Promise.resolve(this.#ready(words, false));
  }

  recover(actionId: string): Promise<Sent | 'never-began' | 'ask' | null> {
    return Promise.resolve(this.#world.done.get(actionId) ?? this.#world.lost);
  }

  get signing(): Hands['signing'] {
    const { signers } = this.#world;
    if (signers === null) return undefined;
    return () => ({
      hash: 'ab'.repeat(32),
      ask: () => Promise.resolve(null),
      look: () => Promise.resolve({ signers: (signers.length > 1 ? signers.shift() : signers[0]) ?? [], declined: null }),
      settle: () => Promise.resolve(),
      withdraw: () => Promise.resolve(),
    });
  }

  settle(actionId: string, outcome: string): Promise<void> {
    this.#world.settled.push(`${actionId} ${outcome}`);
    return Promise.resolve();
  }

  cancel(actionId: string): Promise<void> {
    this.#world.cancelled.push(actionId);
    return Promise.resolve();
  }

  claim(locks: readonly string[]): Promise<string | null> {
    const taken = locks.find((lock) => this.#world.holders.has(lock));
    if (taken !== undefined) return Promise.resolve(`${this.#world.holders.get(taken)} holds ${taken}`);
    if (locks.length > 0) this.#world.locks.push(`+${locks.join(' ')}`);
    return Promise.resolve(null);
  }

  lockRecord(): { readonly locks: readonly never[]; readonly tokens: Readonly<Record<string, string>> } {
    return { locks: [], tokens: {} };
  }

  release(locks?: readonly string[]): Promise<void> {
    if (locks !== undefined) this.#world.locks.push(`-${locks.join(' ')}`);
    return Promise.resolve();
  }

  leave(what: string): Promise<void> {
    this.#world.locks.push(`left: ${what}`);
    return Promise.resolve();
  }

  hostsFrom(from: string | null): readonly string[] {
    return from === 'nfs' ? ['nfs1'] : ['web1', 'web2', 'web3', 'web4'];
  }

  tell(text: string): void {
    this.#world.told.push(text);
  }

  nudge(text: string): void {
    this.#world.nudged.push(text);
  }

  redact(text: string): string {
    return text;
  }

  #ready(words: string, hasInverse: boolean): Prepared {
    if (this.level === 'check') return { kind: 'dry', title: words, commands: [words], outcome: null, facts: null };
    const actionId = `action-${this.#world.actions}`;
    this.#world.titles.set(actionId, words);
    this.#world.actions += 1;
    return {
      kind: 'ready',
      actionId,
      title: words,
      host: 'web1',
      hostId: 'web1',
      commands: [words],
      warnings: [],
      undo: 'as it was',
      hasInverse,
      risk: this.#world.dangers.has(words) ? 'danger' : 'change',
      send: () => {
        const end = this.#world.take(this.#world.ends, words) ?? well;
        this.#world.sent.push(words);
        this.#world.done.set(actionId, end);
        this.#hook(words);
        return Promise.resolve(end);
      },
    };
  }
}

/** Answers by the address of a question; a change goes on unless something else is written down. */
export class ScriptedPerson implements Person {
  readonly who = 'ann@desk';
  readonly attended: boolean;
  readonly questions: Question[] = [];
  readonly #answers: ReadonlyMap<string, Answer>;
  readonly #before: (question: Question) => Answer | null;

  /** `before`: answers given beforehand, also where nobody is there. */
  constructor(answers: Readonly<Record<string, Answer>> = {}, attended = true, before: (question: Question) => Answer | null = () => null) {
    this.#answers = new Map(Object.entries(answers));
    this.attended = attended;
    this.#before = before;
  }

  prepared(question: Question): Answer | null {
    return this.#before(question);
  }

  ask(question: Question): Promise<Answer> {
    this.questions.push(question);
    const before = this.#before(question);
    if (before !== null) return Promise.resolve(before);
    const usual: Answer = ['go', 'batch', 'undo'].includes(question.kind) ? { kind: 'go' } : { kind: 'stop' };
    return Promise.resolve(this.#answers.get(`${question.kind} ${question.address}`) ?? usual);
  }
}

export const head = 'playbook: x\nformat: 1\ntitle: X\nowner: ops\nreviewed: "2026-11-21"\nwhen_to_use: now\n';

export function playbookOf(text: string): Playbook {
  const parsed = parsePlaybook(text, 'x.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.playbook;
}

export interface RunOptions {
  readonly playbook: Playbook;
  readonly hands: Hands;
  readonly person?: Person;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
  readonly others?: readonly Playbook[];
  readonly before?: readonly RunEntry[];
}

/** A run whose journal is a list; the list may be cut and gone on with. */
export function runOf(options: RunOptions): { readonly run: Run; readonly entries: RunEntry[] } {
  const entries = [...(options.before ?? [])];
  const person = options.person ?? new ScriptedPerson();
  const run = new Run({
    id: 'run-1',
    playbook: options.playbook,
    others: new Map((options.others ?? []).map((other) => [other.id, other])),
    inputs: options.inputs ?? {},
    secrets: options.secrets ?? [],
    reason: 'because of a test',
    hands: options.hands,
    person,
    memory: new Memory(entries),
    write: (event: RunEvent) => {
      const entry: RunEntry = { event: structuredClone(event), who: person.who, at: entries.length };
      entries.push(entry);
      return entry;
    },
  });
  return { run, entries };
}

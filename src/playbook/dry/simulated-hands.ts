import { invertible } from '../live/action-requests.ts';
import type { FrozenUndo } from '../run/events.ts';
import { DryHands } from './dry-hands.ts';
import type { AskedChange, AskedProbe, Found, Hands, Prepared, Sent } from '../run/hands.ts';
import { changeFacts, foundIn } from './simulated-facts.ts';
import type { GivenFinding, SimulatedTest } from './simulation-file.ts';
import { under } from './step-key.ts';

/** The day of every test; a fixed one, so that nothing depends on when it runs. */
const beginsAt = Date.parse('2026-01-01T00:00:00Z');
/** A loop in a test that never ends has asked more often than any honest run. */
const mostProbes = 20_000;
const shortestSleepMs = 100;

export interface SimulatedParts {
  readonly world: SimulatedTest['world'];
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** Hears what is wrong with the test itself; the run is given up. */
  readonly fault: (words: string) => void;
  /** Hears the time after each sleep, epoch ms. */
  readonly passed: (now: number) => void;
}

/** Hands of a recorded test: what steps find stands in the test, and what they send is only noted. Waiting takes no time. */
export class SimulatedHands extends DryHands implements Hands {
  readonly level = 'simulate';
  /** Every change that would have been sent, undos too, in order. */
  readonly sent: string[] = [];
  readonly #parts: SimulatedParts;
  readonly #turns = new Map<string, number>();
  readonly #titles = new Map<string, string>();
  #now = beginsAt;
  #probes = 0;

  constructor(parts: SimulatedParts) {
    super();
    this.#parts = parts;
  }

  readonly now = (): number => this.#now;
  readonly elapsed = this.now;

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#now += Math.max(ms, shortestSleepMs);
    this.#parts.passed(this.#now);
    // Lets what was called off meanwhile be heard.
    await Promise.resolve();
  }

  probe(probe: AskedProbe, key: string, _deadlineMs: number, signal: AbortSignal): Promise<Found> {
    if (signal.aborted) return Promise.resolve({ kind: 'unknown', why: 'it was called off' });
    this.#probes += 1;
    const given = this.#take(key);
    const found = given === null ? 'nothing under "world" says what it finds' : foundIn(given, probe);
    if (typeof found !== 'string' && this.#probes <= mostProbes) return Promise.resolve(found);
    const words = typeof found === 'string' ? found : `more than ${mostProbes} questions were asked: it never ends`;
    return Promise.resolve({ kind: 'wrong', why: this.#wrong(key, words) });
  }

  prepare(change: AskedChange): Promise<Prepared> {
    const words = change.kind === 'command' ? `${change.host}: ${change.command}` : `${change.action}${withWords(change.with)}`;
    const hasInverse = change.kind === 'action' && (invertible.has(change.action) || change.action.startsWith('custom.'));
    return Promise.resolve(
      this.#prepared(change.key, change.key, words, hostOf(change), change.kind === 'command' ? change.risk : 'change', hasInverse),
    );
  }

  prepareUndo(undo: FrozenUndo, key: string): Promise<Prepared> {
    const words =
      undo.kind === 'auto'
        ? `undo of ${this.#titles.get(undo.actionId) ?? key}`
        : undo.kind === 'run'
          ? `${undo.host}: ${undo.command}`
          : undo.kind === 'do'
            ? `${undo.action}${withWords(undo.with)}`
            : undo.text;
    return Promise.resolve(this.#prepared(`${key}.undo`, key, words, null, 'change', false));
  }

  hostsFrom(from: string | null): readonly string[] {
    const { hosts } = this.#parts;
    return from === null ? [...new Set(Object.values(hosts).flat())] : (hosts[from] ?? []);
  }

  redact(text: string): string {
    return text;
  }

  #prepared(
    key: string,
    step: string,
    words: string,
    host: string | null,
    risk: 'safe' | 'change' | 'danger',
    hasInverse: boolean,
  ): Prepared {
    const given = this.#take(key) ?? 'ok';
    if (given === 'already') return { kind: 'already', why: 'the test says that it is so already' };
    if (given === 'unreachable') return { kind: 'unreachable', why: 'the test says that it cannot be reached' };
    if (typeof given !== 'string' && typeof given['refused'] === 'string') return { kind: 'refused', why: given['refused'] };
    const end = endOf(given);
    if (typeof end === 'string') return { kind: 'refused', why: this.#wrong(step, end) };
    const actionId = `simulated-${this.#titles.size}`;
    this.#titles.set(actionId, words);
    return {
      kind: 'ready',
      actionId,
      title: words,
      host,
      hostId: null,
      commands: [words],
      warnings: [],
      undo: hasInverse ? 'its own inverse' : 'none of its own',
      hasInverse,
      risk,
      send: () => {
        this.sent.push(words);
        return Promise.resolve(end);
      },
    };
  }

  /** What the test says of a key; a list's items one after another, the last one for ever, counted for each loop item by itself. */
  #take(key: string): GivenFinding | null {
    const [, base = key, suffix = ''] = /^(.*?)(\.skip_if|\.undo)?$/.exec(key) ?? [];
    const given = under(this.#parts.world, base, suffix);
    if (given === undefined) return null;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return given[Math.min(turn, given.length - 1)] ?? null;
  }

  #wrong(key: string, words: string): string {
    const said = `${key}: ${words}`;
    this.#parts.fault(said);
    return said;
  }
}

const wellSent: Sent = { outcome: 'ok', summary: 'done', evidence: [], facts: changeFacts({}) };

function endOf(given: GivenFinding): Sent | string {
  if (given === 'ok') return wellSent;
  if (given === 'failed') return { ...wellSent, outcome: 'failed', summary: 'exit 1', facts: changeFacts({ exit: 1 }) };
  if (given === 'timeout') return { ...wellSent, outcome: 'timeout', summary: 'not done in time', facts: changeFacts({ exit: 124 }) };
  if (given === 'unknown') return { ...wellSent, outcome: 'unknown', summary: 'its end was not seen', facts: changeFacts({ exit: -1 }) };
  if (typeof given === 'string') return `a change does not end as ${given}`;
  const { changed = false, ...said } = given;
  const odd = Object.keys(said).find((name) => !['out', 'err', 'exit'].includes(name));
  if (odd !== undefined || typeof changed !== 'boolean')
    return `a change has no ${JSON.stringify(odd ?? { changed })}; it has out, err, exit, changed (true or false), or refused`;
  const facts = changeFacts(said);
  if (changed) return { ...wellSent, outcome: 'failed', summary: 'it did something, and is not proved', facts, changed };
  const well = facts['exit'] === 0;
  return { ...wellSent, outcome: well ? 'ok' : 'failed', summary: well ? 'done' : `exit ${JSON.stringify(facts['exit'])}`, facts };
}

function withWords(given: Readonly<Record<string, unknown>>): string {
  return Object.entries(given)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}

function hostOf(change: AskedChange): string | null {
  if (change.kind === 'command') return change.host;
  const named = change.with['node'] ?? change.with['host'];
  return typeof named === 'string' ? named : null;
}

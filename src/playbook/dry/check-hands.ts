import type { JsonValue } from '../../journal/entry.ts';
import type { LiveHands } from '../live/live-hands.ts';
import { DryHands } from './dry-hands.ts';
import type { AskedChange, AskedProbe, Found, Hands, Prepared, StepPlace } from '../run/hands.ts';

type Ready = Extract<Prepared, { kind: 'ready' }>;

/** Guards whose word may be another one once the changes before it are made. */
const passing: ReadonlySet<string> = new Set(['already', 'empty', 'floor', 'owner', 'busy', 'lock', 'precheck']);
const shownLines = 20;

/**
 * Hands of a dry run on the real fleet: every question is really asked, every change is only planned. It takes no lock, sends no change
 * and tells nobody.
 */
export class CheckHands extends DryHands implements Hands {
  readonly level = 'check';
  readonly now: () => number;
  readonly elapsed: () => number;
  readonly #live: LiveHands;
  /** Whether a change before this one was left unmade. */
  #unmade = false;

  constructor(live: LiveHands) {
    super();
    this.#live = live;
    this.now = live.now;
    this.elapsed = live.elapsed;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  probe(probe: AskedProbe, key: string, deadlineMs: number): Promise<Found> {
    return this.#live.probe(probe, key, deadlineMs);
  }

  async prepare(change: AskedChange, place: StepPlace): Promise<Prepared> {
    const prepared = await this.#live.prepare(change, place);
    if (prepared.kind === 'ready') {
      this.#unmade = true;
      return dry(prepared, await this.#preview(change));
    }
    if (!this.#unmade || !dependsOnState(prepared)) return prepared;
    const now = `now: ${prepared.kind === 'dry' ? prepared.title : prepared.why}; the changes before it are not made`;
    const command = change.kind === 'command' ? change.command : [change.action, ...Object.values(change.with).map(wordOf)].join(' ');
    return { kind: 'dry', title: now, commands: [command], outcome: null, facts: null };
  }

  prepareUndo(): Promise<Prepared> {
    return Promise.resolve({ kind: 'refused', why: 'a dry run has nothing to take back' });
  }

  hostsFrom(from: string | null): readonly string[] {
    return this.#live.hostsFrom(from);
  }

  redact(text: string): string {
    return this.#live.redact(text);
  }

  /** What a command's preview shows; it is declared to change nothing, and is asked as any other question. */
  async #preview(change: AskedChange): Promise<readonly string[]> {
    if (change.kind !== 'command' || change.preview === null) return [];
    const found = await this.#live.probe({ kind: 'command', host: change.host, command: change.preview }, change.key, change.timeoutMs);
    if (found.kind !== 'facts') return [`preview ${change.preview}: ${found.why}`];
    const lines = found.text.split('\n').filter((line) => line.trim() !== '');
    return [
      `preview ${change.preview} (exit ${JSON.stringify(found.facts['exit'] ?? null)}):`,
      ...lines.slice(0, shownLines).map((line) => `  ${line}`),
    ];
  }
}

function dry({ title, commands, warnings, undo }: Ready, preview: readonly string[]): Prepared {
  const notes = [...commands.map((command) => `$ ${command}`), ...warnings.map((warning) => `▲ ${warning}`), `undo: ${undo}`, ...preview];
  return { kind: 'dry', title, commands, outcome: null, notes, facts: null };
}

function dependsOnState(prepared: Exclude<Prepared, Ready>): boolean {
  return prepared.kind === 'already' || (prepared.kind === 'refused' && prepared.guard !== undefined && passing.has(prepared.guard));
}

function wordOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import type { Journal } from '../../journal/entry.ts';
import type { Library, PlaybookFile } from '../library.ts';
import { LiveHands, type LiveHandsParts } from '../live/live-hands.ts';
import type { Concern } from '../run/either.ts';
import type { RunView } from '../run/run-view.ts';
import { Runs } from '../runs.ts';
import { CheckHands } from './check-hands.ts';
import { writtenList } from './written-list.ts';

export interface CheckParts extends Pick<LiveHandsParts, 'world' | 'executor' | 'redact'> {
  /** Where the dry run is written down, marked as one; one that cannot be written is done without. */
  readonly journal: Journal;
  readonly env: string;
  readonly who: string;
}

export interface CheckWhat {
  readonly file: PlaybookFile;
  readonly library: Library;
  /** As `readInputs` gave them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
}

export interface CheckEnd {
  /** The tree with what was found. */
  readonly view: RunView;
  /** What would not go as the page hopes, in its order. */
  readonly concerns: readonly Concern[];
  /** Whether something known now would stop the run or end it otherwise than well. */
  readonly wouldStop: boolean;
}

/** Walks a playbook on the real fleet without changing anything: both ways where only a run could tell. */
export async function checkPlaybook(parts: CheckParts, what: CheckWhat): Promise<CheckEnd> {
  const { world, executor, redact, env, who } = parts;
  const silent = (): void => {};
  const live = new LiveHands({ world, executor, journal: parts.journal, redact, tell: silent, nudge: silent, before: null });
  const hands = new CheckHands(live);
  const concerns: Concern[] = [];
  const run = new Runs(parts.journal.failure === null ? parts.journal : writtenList(hands.now)).start({
    ...what,
    env,
    hands,
    person: { who, attended: false, ask: () => Promise.reject(new Error('a dry run asks nobody')) },
    concern: (concern) => concerns.push(concern),
  });
  const view = await run.done;
  const { phase } = view;
  const well = phase.phase === 'closed' && phase.result === 'ok';
  return { view, concerns, wouldStop: !well || concerns.some(({ sure }) => sure) };
}

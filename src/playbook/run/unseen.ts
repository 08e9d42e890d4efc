import type { Sent } from './hands.ts';
import { mayHaveHappened, neverBegan, whatBecameOf } from './left-open.ts';
import type { Answer, Question } from './question.ts';
import type { Run } from './run.ts';

/** How often a host that was away is asked again while the question stands, ms. */
const againMs = 10_000;

type Unseen = Extract<Question, { kind: 'unknown' }>;

/** A change whose end nobody saw. */
export interface UnseenChange {
  readonly key: string;
  readonly title: string;
  readonly actionId: string;
}

/** Puts the question; `null` when nobody answers, or when the signal took the question away. */
type Put = (question: Unseen, ended: AbortSignal) => Promise<Answer | null>;

/**
 * An end that nobody saw is a person's to tell, or its host's: that one is asked again when the person wants it, and by itself as long as it
 * could not be asked. What it shows counts, also where the person has answered meanwhile. Nothing is sent. `null` when it never began.
 */
export async function unseenEnd(run: Run, change: UnseenChange, first: Sent, put: Put): Promise<Sent | null> {
  const { key, title, actionId } = change;
  for (let sent = first; ; ) {
    if (sent.outcome !== 'unknown' || sent.saidByPerson === true) return sent;
    const away = sent.away === true;
    const question: Unseen = { kind: 'unknown', address: key, title, summary: run.mask(sent.summary), evidence: sent.evidence, away };
    const watch = away ? new Watch(run, actionId) : null;
    let answer: Answer | null;
    try {
      answer = await put(question, watch?.found ?? new AbortController().signal);
    } finally {
      watch?.stop();
    }
    const found = (await watch?.end()) ?? null;
    if (found !== null) {
      if (found.sent === null) return null;
      run.progress.live(key, run.mask(`its host has answered: ${found.sent.summary}`));
      sent = found.sent;
      // What its host does not show either is the person's to tell, who may have told it meanwhile.
      if (sent.outcome !== 'unknown' || answer === null) continue;
    }
    if (answer?.kind === 'again') {
      run.progress.live(key, 'asking its host again');
      const again = await whatBecameOf(run, { actionId });
      if (again === null) return null;
      sent = again.outcome === 'unknown' ? { ...again, summary: `asked again: ${again.summary}` } : again;
    } else if (answer?.kind === 'happened') {
      await run.parts.hands.settle(actionId, answer.outcome, answer.reason);
      const { outcome, reason } = answer;
      const changed = sent.changed === true && outcome !== 'failed';
      return { ...sent, outcome, summary: `${run.parts.person.who} says so: ${reason}`, changed, saidByPerson: true };
    } else return sent;
  }
}

/** What did not happen, though it looked as if it might have, is neither taken back nor owed; an earlier try may have happened. */
export function dropUnmade(run: Run, key: string, sent: Sent | null): void {
  if ((sent !== null && mayHaveHappened(sent)) || run.memory.tries(key) > 0) return;
  run.event({ event: 'undo-outcome', key, outcome: 'already', summary: run.mask(sent?.summary ?? neverBegan) });
}

/** Asks a host that was away until it answers, the question is over, or the run ends. */
class Watch {
  readonly #found = new AbortController();
  readonly #over = new AbortController();
  readonly #done: Promise<{ readonly sent: Sent | null } | null>;

  constructor(run: Run, actionId: string) {
    this.#done = this.#watch(run, actionId);
  }

  /** Aborts once the host has answered. */
  get found(): AbortSignal {
    return this.#found.signal;
  }

  stop(): void {
    this.#over.abort();
  }

  /** What the host said, when it was being asked as the question ended. */
  end(): Promise<{ readonly sent: Sent | null } | null> {
    return this.#done;
  }

  async #watch(run: Run, actionId: string): Promise<{ readonly sent: Sent | null } | null> {
    const ended = AbortSignal.any([this.#over.signal, run.leaving]);
    for (;;) {
      await run.parts.hands.sleep(againMs, ended);
      if (ended.aborted) return null;
      const sent = await whatBecameOf(run, { actionId });
      if (sent?.away === true) continue;
      this.#found.abort();
      return { sent };
    }
  }
}

import type { Clock } from '../poll/clock.ts';
import { leftS, type PendingApproval } from './approval-request.ts';
import type { Answer } from '../remote/approval-read.ts';
import type { Survey } from './approvals.ts';

/** How often every host is asked, ms; a large fleet is asked more seldom, so much for each host. */
const everyMs = 10_000;
const perHostMs = 50;
/** A person who looked for requests is shown new ones for so long, also where nothing of this fleet asks for a second person, ms. */
const lookedForMs = 600_000;
/** What ended is remembered so long, ms. */
const endedForMs = 3_600_000;

/** A request as it was seen last. */
export interface SeenApproval {
  readonly request: PendingApproval;
  /** Epoch ms. */
  readonly seenAt: number;
}

/** A request that is there no more. */
export interface EndedApproval {
  readonly request: PendingApproval;
  /** Epoch ms, as this console noticed. */
  readonly at: number;
  /** `gone`: taken back, or given up by its console; nobody here saw which. */
  readonly how: 'signed' | 'declined' | 'expired' | 'gone';
}

/** What waits for a second person, as this console knows. */
export interface ApprovalBoard {
  /** Oldest first. */
  readonly waiting: readonly SeenApproval[];
  /** Newest first. */
  readonly ended: readonly EndedApproval[];
  /** Hosts that could not be asked: what waits there is not seen. */
  readonly silent: readonly string[];
  /** Epoch ms; `null` before the first look. */
  readonly lookedAt: number | null;
}

export interface WatchParts {
  survey(): Promise<Survey>;
  readonly clock: Clock;
  /** How many hosts there are to be asked. */
  hosts(): number;
  /** Whether anything of this fleet asks for a second person. */
  wanted(): boolean;
  /** Requests of others were seen for the first time. */
  told(fresh: readonly PendingApproval[]): void;
}

/** Looks on the hosts, again and again, for requests that wait for a second person. */
export class ApprovalWatch {
  readonly #parts: WatchParts;
  #board: ApprovalBoard = { waiting: [], ended: [], silent: [], lookedAt: null };
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  /** When a person looked last, monotonic ms. */
  #askedFor: number | null = null;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** The same object until it was looked again; a request whose time is over is not in it. */
  board(): ApprovalBoard {
    const now = this.#parts.clock.wallMs();
    if (this.#board.waiting.some((seen) => secondsLeft(seen, now) <= 0)) this.#board = this.#next(this.#board.waiting, this.#board.silent);
    return this.#board;
  }

  start(): void {
    const { clock, hosts, wanted } = this.#parts;
    const again = async (): Promise<void> => {
      const shown = this.#askedFor !== null && clock.monoMs() - this.#askedFor < lookedForMs;
      if (wanted() || shown) await this.#look();
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void again(), Math.max(everyMs, hosts() * perHostMs));
      this.#timer.unref();
    };
    // Connections are still being made in the first moments.
    this.#timer = setTimeout(() => void again(), 2000);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** A person looks: asks every host now, and goes on for a while. Never rejects. */
  async look(): Promise<void> {
    this.#askedFor = this.#parts.clock.monoMs();
    // A look that was begun before is not yet what is there now.
    await this.#looking;
    await this.#look();
  }

  /** This console's person answered: known here before any host is asked again. */
  answered(request: PendingApproval, answer: Pick<Answer, 'said' | 'who' | 'reason'>): void {
    const given: Answer = { ...answer, hash: request.hash, token: request.token, uid: null, ageS: 0 };
    const waiting = this.#board.waiting.map((seen): SeenApproval => {
      if (keyOf(seen.request) !== keyOf(request)) return seen;
      const changed = given.said === 'yes' ? { signed: [...seen.request.signed, given] } : { declined: given };
      return { ...seen, request: { ...seen.request, ...changed } };
    });
    this.#board = { ...this.#board, waiting };
  }

  #look(): Promise<void> {
    this.#looking ??= this.#survey().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #survey(): Promise<void> {
    let survey: Survey;
    try {
      survey = await this.#parts.survey();
    } catch {
      return;
    }
    const now = this.#parts.clock.wallMs();
    const known = new Set(this.#board.waiting.map(({ request }) => keyOf(request)));
    const found = survey.requests.map((request) => ({ request, seenAt: now }));
    // A host that says nothing just now may still hold what it held.
    const kept = this.#board.waiting.filter(({ request }) => survey.silent.includes(request.hostName));
    this.#board = { ...this.#next([...found, ...kept], survey.silent), lookedAt: now };
    const fresh = survey.requests.filter((request) => !known.has(keyOf(request)));
    if (fresh.length > 0) this.#parts.told(fresh);
  }

  #next(found: readonly SeenApproval[], silent: readonly string[]): ApprovalBoard {
    const now = this.#parts.clock.wallMs();
    const waiting = found
      .filter((seen) => secondsLeft(seen, now) > 0)
      .toSorted((a, b) => secondsWaited(b, now) - secondsWaited(a, now) || a.request.hash.localeCompare(b.request.hash));
    const still = new Set(waiting.map(({ request }) => keyOf(request)));
    const over = this.#board.waiting
      .filter(({ request }) => !still.has(keyOf(request)))
      .map((seen): EndedApproval => ({ request: seen.request, at: now, how: howOf(seen, now) }));
    const ended = [...over, ...this.#board.ended].filter(({ at }) => now - at < endedForMs);
    return { ...this.#board, waiting, ended, silent };
  }
}

/** How long somebody may still answer it, s. */
export function secondsLeft({ request, seenAt }: SeenApproval, now: number): number {
  return leftS({ leftS: request.leftS, ageS: request.ageS + (now - seenAt) / 1000 });
}

/** How long it has waited, s. */
export function secondsWaited({ request, seenAt }: SeenApproval, now: number): number {
  return request.waitedS + request.ageS + (now - seenAt) / 1000;
}

export function keyOf({ hostId, hash, token }: Pick<PendingApproval, 'hostId' | 'hash' | 'token'>): string {
  return `${hostId} ${hash} ${token ?? ''}`;
}

function howOf(seen: SeenApproval, now: number): EndedApproval['how'] {
  const { signed, declined, count } = seen.request;
  if (signed.length >= count) return 'signed';
  if (declined !== null) return 'declined';
  return secondsLeft(seen, now) <= 0 ? 'expired' : 'gone';
}

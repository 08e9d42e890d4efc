import { type Attention, attention } from './attention.ts';

export interface BellOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Writes to the terminal. */
  readonly write: (bytes: string) => void;
  /** `notify.bell` of the fleet file; asked at each ring. */
  readonly bell: () => boolean;
  /** Whether the terminal is known to take OSC 9, or to pass it over. */
  readonly notices: boolean;
}

/** Between two rings, ms: what comes in between is one. */
const gapMs = 10_000;
/** Rings in ten minutes about alerts alone; a storm is seen on the screen. */
const mostAlertRings = 6;
const windowMs = 10 * 60_000;

/** Rings the terminal for what asks for the person's eyes: at once, then not again for ten seconds, with what came meanwhile as one ring. */
export class AttentionBell {
  readonly #options: BellOptions;
  #waiting: readonly Attention[] = [];
  #rangAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #alertRings: readonly number[] = [];

  constructor(options: BellOptions) {
    this.#options = options;
  }

  attend(what: Attention): void {
    this.#waiting = merged(this.#waiting, what);
    const wait = this.#rangAt + gapMs - this.#options.now();
    if (wait <= 0) this.#ring();
    else if (this.#timer === null) this.#timer = setTimeout(() => this.#ring(), wait).unref();
  }

  /** Nothing is written any more. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = [];
  }

  #ring(): void {
    this.#timer = null;
    const { now, write, bell, notices } = this.#options;
    const at = now();
    this.#alertRings = this.#alertRings.filter((rang) => at - rang < windowMs);
    const whats = this.#waiting;
    this.#waiting = [];
    const flood = whats.every((what) => what.kind === 'alerts') && this.#alertRings.length >= mostAlertRings;
    const bytes = whats.length === 0 || flood ? '' : attention(whats, { bell: bell(), notices });
    if (bytes === '') return;
    this.#rangAt = at;
    if (whats.some((what) => what.kind === 'alerts')) this.#alertRings = [...this.#alertRings, at];
    write(bytes);
  }
}

/** One of each kind: numbers of alerts and debts are added up, times take the longest, and a run that ended badly is said before one that ended well. */
function merged(waiting: readonly Attention[], what: Attention): readonly Attention[] {
  const same = waiting.find((each) => each.kind === what.kind);
  return same === undefined ? [...waiting, what] : waiting.map((each) => (each === same ? together(same, what) : each));
}

function together(before: Attention, what: Attention): Attention {
  if (before.kind === 'alerts' && what.kind === 'alerts') return { ...what, crit: before.crit + what.crit, warn: before.warn + what.warn };
  if (before.kind === 'question' && what.kind === 'question') return { ...what, waitedMs: Math.max(before.waitedMs, what.waitedMs) };
  if (before.kind === 'run-ended' && what.kind === 'run-ended') return { ...what, well: before.well && what.well };
  if (before.kind === 'wedged' && what.kind === 'wedged') return { ...what, minutes: Math.max(before.minutes, what.minutes) };
  return what;
}

/** Whether a terminal of this `TERM` takes OSC 9 or passes it over: the Linux console and the old ones would print it. */
export function takesNotices(term: string | undefined): boolean {
  return term !== undefined && !/^(linux|dumb|cons|sun|vt\d)/.test(term);
}

import { randomBytes } from 'node:crypto';
import { formatDuration } from '../fleet/duration.ts';
import type { HostId } from '../fleet/host.ts';
import type { Shells } from '../live/world.ts';
import {
  amendLock,
  breakLock,
  claimLock,
  readLock,
  readLockAnswer,
  releaseLock,
  renewLock,
  type LockAnswer,
  type LockHolder,
  type LockState,
} from '../remote/host-lock.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { listSteps, readStepList, type Fence } from '../remote/step.ts';
import { hasEnded, lockConsole } from './console-identity.ts';
import { hostLock, lockedThing } from './lock-name.ts';
import type { PlannedLock, Refusal } from './plan.ts';

/** A lock without a heartbeat for so long counts as left behind. */
const ttlS = 60;
const heartbeatMs = 15_000;
const questionMs = 10_000;

/** Tokens that this process holds: what is in its name on a host and not among them is left over from a release that did not arrive. */
const heldHere = new Set<string>();

/** A lock we hold. `lost()` is the reason once another took it away or the host cannot be asked for a whole TTL. */
export interface HeldLock {
  /** What a step must find on the host to begin. */
  fence(): Fence;
  /** Takes a new token, so that no text sent with the old one can begin a step any more. False when the lock is not ours now. */
  advance(): Promise<boolean>;
  lost(): string | null;
  /** Proves that it is still ours, now; the reason when not. */
  confirm(): Promise<string | null>;
  release(): Promise<void>;
  /** Lets it stand without us, for others to see that something is not settled. */
  leave(): void;
  /** The same, and says on the host what is open. */
  leaveOpen(what: string): Promise<void>;
}

/** A lock that could not be taken over. `alive`: its own console shows signs of life, and what it does is its own business. */
export interface LockTheirs {
  readonly words: string;
  readonly alive: boolean;
}

export type LockResult =
  | { readonly ok: true; readonly lock: HeldLock; readonly brokeOf: string | null }
  /** `away`: the host could not be asked, so nobody is known to hold it. */
  | { readonly ok: false; readonly refusal: Refusal; readonly away: boolean };

export interface ClaimOptions {
  /** Written into the lock, for others to read. */
  readonly reason: string;
  /** Takes it from its holder, which needs a reason. */
  readonly breakIt: boolean;
  /** The run of a playbook that wants it; `null` for a change by itself. */
  readonly run: string | null;
  /** Why a lock that an ended console left, of this run or of none, may not be taken over: empty where nobody here knows, `null` when it may. */
  readonly whyStays: (run: string | null) => string | null;
}

/** Locks on the hosts themselves, so that two consoles on two machines see each other. */
export class HostLocks {
  readonly #shells: Shells;
  readonly #who: string;

  /** `who` is `user@machine`. */
  constructor(shells: Shells, who: string) {
    this.#shells = shells;
    this.#who = who;
  }

  /** Claims a host, or says who holds it. A lock whose console has provably ended without a change under way is taken over. */
  async claim(planned: PlannedLock, options: ClaimOptions): Promise<LockResult> {
    const { hostId, lock: name } = planned;
    const what = lockedThing(planned);
    const refused = (message: string, away = false): LockResult => ({ ok: false, refusal: { guard: 'lock', message }, away });
    const holder = this.#newHolder(options.reason, options.run);
    let answer = await this.#say(hostId, claimLock(name, holder));
    let brokeOf: string | null = null;
    const held = heldBy(answer);
    if (held !== null && (options.breakIt || held.holder?.left !== undefined || this.#isLeft(held))) {
      if (!options.breakIt) {
        const run = held.holder?.run ?? null;
        const stays = run !== null && run === options.run ? null : options.whyStays(run);
        if (stays !== null) return refused(stays === '' ? heldWords(what, answer) : stays);
        if (await this.#mayHaveSteps(hostId)) return refused(`${heldWords(what, answer)}; its change still runs`);
      }
      brokeOf = held.holder?.who ?? 'an unknown holder';
      answer = await this.#say(hostId, breakLock(name, held.holder?.token ?? '', holder));
    }
    if (answer?.kind === 'ours') return { ok: true, lock: this.#hold(planned, holder, answer.boot), brokeOf };
    // The answer was lost, the claim perhaps not.
    if (answer === null) await this.#say(hostId, releaseLock(name, holder.token));
    return refused(heldWords(what, answer), answer === null);
  }

  /**
   * Takes the lock over that an ended console held with `token`, or for `run`, whether or not it is still there: whatever that console had
   * sent can no longer begin. `null` when the host cannot be asked.
   */
  async takeOver(planned: PlannedLock, token: string, reason: string, run: string | null = null): Promise<HeldLock | LockTheirs | null> {
    const { hostId, lock: name } = planned;
    const what = lockedThing(planned);
    const holder = this.#newHolder(reason, run);
    const found = await this.#say(hostId, readLock(name));
    const held = heldBy(found);
    if (held !== null) {
      const same = held.holder?.token === token || (run !== null && held.holder?.run === run);
      // The run that the change belongs to goes on in this console, and holds it.
      if (same && held.holder !== null && isOurs(held.holder) && heldHere.has(held.holder.token))
        return { words: heldWords(what, found), alive: false };
      if (same && this.#isAlive(held)) return { words: heldWords(what, found), alive: true };
      // Of another run it is taken by whoever goes on with that one.
      if (!same && (held.holder?.run !== undefined || !this.#isLeft(held))) return { words: heldWords(what, found), alive: false };
    }
    const answer = await this.#say(hostId, breakLock(name, held?.holder?.token ?? token, holder));
    if (answer?.kind === 'ours') return this.#hold(planned, holder, answer.boot);
    return answer === null ? null : { words: heldWords(what, answer), alive: false };
  }

  /** Says on the host why a lock that nobody's console keeps any more still stands; nothing where it is not that token's. */
  async explain(planned: PlannedLock, token: string, run: string, what: { readonly reason: string; readonly left: string }): Promise<void> {
    await this.#say(planned.hostId, amendLock(planned.lock, { ...this.#newHolder(what.reason, run), token, left: what.left }));
  }

  /** Who acts under a lock now, in words; empty when nobody or when its host cannot be asked. */
  async others(planned: PlannedLock): Promise<readonly string[]> {
    const held = heldBy(await this.#say(planned.hostId, readLock(planned.lock)));
    if (held === null) return [];
    const { holder, ageS } = held;
    const thing = planned.lock === hostLock ? 'it' : lockedThing(planned);
    if (holder === null) return [`somebody holds the lock of ${lockedThing(planned)}`];
    if (holder.left !== undefined) return [leftWords(thing, held)];
    return [
      `${sanitizeLine(holder.who, 60)} ${this.#isLeft(held) ? 'was' : 'is'} changing ${thing}: ${sanitizeLine(holder.reason, 80)} (${formatDuration(ageS * 1000)} ago)`,
    ];
  }

  #newHolder(reason: string, run: string | null): LockHolder {
    const here = lockConsole();
    return {
      who: `${this.#who} [${process.pid}]`,
      reason,
      token: randomBytes(12).toString('hex'),
      ttlS,
      ...(here === null ? {} : { console: here }),
      ...(run === null ? {} : { run }),
    };
  }

  /** Whether nobody stands behind a lock any more: its console ended, or it is one of ours whose release did not arrive. */
  #isLeft({ holder }: Held): boolean {
    if (holder?.console === undefined) return false;
    return isOurs(holder) ? !heldHere.has(holder.token) : hasEnded(holder.console);
  }

  /** Whether another console may well go on with it: that it has ended is not known, and it was heard of a short while ago. */
  #isAlive(held: Held): boolean {
    const { holder, ageS } = held;
    return holder !== null && holder.left === undefined && !isOurs(holder) && !this.#isLeft(held) && ageS <= holder.ttlS;
  }

  async #mayHaveSteps(hostId: HostId): Promise<boolean> {
    const steps = readStepList((await this.#ask(hostId, listSteps())) ?? '');
    return steps === null || steps.running.length > 0;
  }

  #hold(planned: PlannedLock, first: LockHolder, firstBoot: string | null): HeldLock {
    const { hostId, lock: name } = planned;
    const what = lockedThing(planned);
    let holder = first;
    heldHere.add(holder.token);
    let lost: string | null = null;
    let boot = firstBoot;
    let provenAt = performance.now();
    const unproven = (): string | null =>
      performance.now() - provenAt > ttlS * 1000 ? `the lock on ${what} could not be renewed for ${ttlS} s` : null;
    const confirm = async (): Promise<string | null> => {
      const asked = holder;
      const answer = await this.#say(hostId, renewLock(name, asked, boot));
      if (asked !== holder) return lost;
      if (answer?.kind === 'ours') {
        provenAt = performance.now();
        boot = answer.boot;
      } else if (answer !== null) lost ??= `the lock on ${what} was taken away: ${goneWords(what, answer)}`;
      // A host that was away and is back with our token had no other holder meanwhile.
      return lost ?? unproven();
    };
    const heartbeat = setInterval(() => void confirm(), heartbeatMs);
    heartbeat.unref();
    const leave = (): void => {
      clearInterval(heartbeat);
      heldHere.delete(holder.token);
    };
    return {
      fence: () => ({ lock: name, token: holder.token }),
      lost: () => lost ?? unproven(),
      confirm,
      advance: async () => {
        const before = holder;
        holder = { ...holder, token: randomBytes(12).toString('hex') };
        heldHere.add(holder.token);
        const answer = await this.#say(hostId, breakLock(name, before.token, holder));
        return answer?.kind === 'ours';
      },
      release: async () => {
        leave();
        await this.#say(hostId, releaseLock(name, holder.token));
      },
      leave,
      leaveOpen: async (left) => {
        leave();
        await this.#say(hostId, amendLock(name, { ...holder, left }));
      },
    };
  }

  async #say(hostId: HostId, text: string): Promise<LockAnswer | null> {
    return readLockAnswer((await this.#ask(hostId, text)) ?? '');
  }

  async #ask(hostId: HostId, text: string): Promise<string | null> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return null;
    try {
      return (await connection.exec(text, { deadlineMs: questionMs })).stdout;
    } catch {
      return null;
    }
  }
}

type Held = Extract<LockState, { kind: 'held' }>;

/** Whether this very process wrote it. */
function isOurs({ console }: LockHolder): boolean {
  const own = lockConsole();
  return own !== null && console?.machine === own.machine && console.pid === own.pid && console.started === own.started;
}

function heldBy(answer: LockAnswer | null): Held | null {
  return answer?.kind === 'not-yours' && answer.state.kind === 'held' ? answer.state : null;
}

/** Of a lock that was ours. */
function goneWords(what: string, answer: LockAnswer): string {
  const nobody = answer.kind === 'not-yours' && answer.state.kind === 'free';
  return nobody ? 'nobody holds it now, and what was done there meanwhile is not known' : heldWords(what, answer);
}

function heldWords(what: string, answer: LockAnswer | null): string {
  if (answer === null) return `the lock on ${what} could not be asked for; nothing was sent`;
  if (answer.kind === 'refused') return `no lock could be made on ${what} (its /run/lock cannot be written); nothing was sent`;
  if (answer.kind !== 'not-yours' || answer.state.kind !== 'held') return `the lock on ${what} could not be had; try again`;
  const { holder, ageS, sinceS } = answer.state;
  if (holder?.left !== undefined)
    return `${leftWords(what, answer.state)}: whoever has its journal takes it up, or the lock is broken with a reason`;
  const who = holder === null ? 'somebody' : sanitizeLine(holder.who, 60);
  const why = holder === null || holder.reason === '' ? '' : ` (${sanitizeLine(holder.reason, 80)})`;
  const since = sinceS === null ? '' : ` for ${formatDuration(sinceS * 1000)}`;
  const stale = ageS > (holder?.ttlS ?? ttlS) ? '; it has shown no sign of life since and may be broken with a reason' : '';
  return `${who} is changing ${what}${why}${since}, last sign ${formatDuration(ageS * 1000)} ago${stale}`;
}

/** Of a lock that was left standing on purpose. */
function leftWords(what: string, { holder, sinceS, ageS }: Held): string {
  const who = sanitizeLine(holder?.who ?? 'somebody', 60);
  const run = holder?.run === undefined ? 'a run' : sanitizeLine(holder.run, 60);
  const about = [holder?.reason ?? '', holder?.left ?? ''].filter((text) => text !== '').map((text) => sanitizeLine(text, 120));
  return `${who} left ${run} open on ${what} ${formatDuration((sinceS ?? ageS) * 1000)} ago (${about.join('; ')})`;
}

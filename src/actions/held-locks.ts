import type { HostId } from '../fleet/host.ts';
import type { HeldLock, HostLocks, LockTheirs } from './host-locks.ts';
import { lockedThing } from './lock-name.ts';
import type { PlannedLock, Refusal } from './plan.ts';
import type { ActionRecord } from './record.ts';

/** Every lock that a plan runs under, held together. */
export interface HeldLocks {
  /** The lock that fences steps on a host; `null` when none is held there. */
  on(hostId: HostId): HeldLock | null;
  /** The lock itself, when it is among them. */
  holding(lock: Pick<PlannedLock, 'hostId' | 'lock'>): HeldLock | null;
  /** Proves that all are still ours, now; the reason when not. */
  confirm(): Promise<string | null>;
  /** By `tokenKey`: what an interrupted change's locks are known by. */
  tokens(): Readonly<Record<string, string>>;
  release(): Promise<void>;
  leave(): void;
  /** Lets them stand, and says on the hosts what is open. */
  leaveOpen(what: string): Promise<void>;
}

export type HeldLocksResult =
  | { readonly ok: true; readonly locks: HeldLocks; readonly told: readonly string[]; readonly brokeOf: string | null }
  | { readonly ok: false; readonly refusal: Refusal };

/** Under which key a lock's token is kept in the journal. */
export function tokenKey(lock: Pick<PlannedLock, 'hostId' | 'lock'>): string {
  return `${lock.hostId} ${lock.lock}`;
}

/**
 * Claims every lock of a plan in one order that all consoles share, or none. One that is not needed is done without where its host does
 * not answer; somebody else's is never.
 */
export async function claimAll(
  locks: HostLocks,
  record: ActionRecord,
  wanted: { readonly subject: string; readonly locks: readonly PlannedLock[] },
  options: { readonly reason: string; readonly breakIt: boolean; readonly under: HeldLocks | null; readonly run: string | null },
): Promise<HeldLocksResult> {
  const held: Held[] = [];
  const told: string[] = [];
  let brokeOf: string | null = null;
  const give = async (refusal: Refusal): Promise<HeldLocksResult> => {
    await together(held).release();
    return { ok: false, refusal };
  };
  for (const planned of inOrder(wanted.locks)) {
    const ours = options.under?.holding(planned) ?? null;
    if (ours !== null) {
      held.push({ planned, lock: ours, borrowed: true });
      continue;
    }
    const claimed = await locks.claim(planned, { ...options, whyStays: (run) => record.whyStays(planned, run) });
    if (claimed.ok) {
      held.push({ planned, lock: claimed.lock, borrowed: false });
      brokeOf = claimed.brokeOf ?? brokeOf;
      told.push(
        claimed.brokeOf === null
          ? `${lockedThing(planned)} is ours`
          : `the lock of ${claimed.brokeOf} on ${lockedThing(planned)} was broken`,
      );
    } else if (planned.needed || !claimed.away) return give(claimed.refusal);
  }
  if (held.length === 0) return give({ guard: 'lock', message: `no lock could be had for ${wanted.subject}; nothing was sent` });
  return { ok: true, locks: together(held), told, brokeOf };
}

/** The locks of an interrupted change, or of a run, taken over from the console that has ended; who holds one now; `null` when a needed host cannot be asked. */
export async function takeOverAll(
  locks: HostLocks,
  wanted: readonly PlannedLock[],
  tokens: Readonly<Record<string, string>>,
  reason: string,
  run: string | null,
): Promise<HeldLocks | LockTheirs | null> {
  const held: Held[] = [];
  for (const planned of inOrder(wanted)) {
    const taken = await locks.takeOver(planned, tokens[tokenKey(planned)] ?? '', reason, run);
    if (taken !== null && !('words' in taken)) held.push({ planned, lock: taken, borrowed: false });
    else if (taken !== null || planned.needed) {
      for (const { lock } of held) lock.leave();
      return taken;
    }
  }
  return together(held);
}

/** `borrowed`: the lock of the run that the change belongs to, which outlives the change. */
interface Held {
  readonly planned: PlannedLock;
  readonly lock: HeldLock;
  readonly borrowed: boolean;
}

function together(held: readonly Held[]): HeldLocks {
  const own = held.filter(({ borrowed }) => !borrowed);
  return {
    on: (hostId) => held.find(({ planned }) => planned.hostId === hostId)?.lock ?? null,
    holding: ({ hostId, lock: name }) => held.find(({ planned }) => planned.hostId === hostId && planned.lock === name)?.lock ?? null,
    confirm: async () => {
      const answers = await Promise.all(held.map(({ lock }) => lock.confirm()));
      return answers.find((answer) => answer !== null) ?? null;
    },
    tokens: () => Object.fromEntries(held.map(({ planned, lock }) => [tokenKey(planned), lock.fence().token])),
    release: async () => {
      await Promise.all(own.map(({ lock }) => lock.release()));
    },
    leave: () => {
      for (const { lock } of own) lock.leave();
    },
    leaveOpen: async (what) => {
      await Promise.all(own.map(({ lock }) => lock.leaveOpen(what)));
    },
  };
}

/** Locks of several claims as one; the newest counts where two hold the same. */
export function joined(claims: readonly HeldLocks[]): HeldLocks {
  const newest = claims.toReversed();
  const first = <Value>(ask: (claim: HeldLocks) => Value | null): Value | null => {
    for (const claim of newest) {
      const found = ask(claim);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    on: (hostId) => first((claim) => claim.on(hostId)),
    holding: (lock) => first((claim) => claim.holding(lock)),
    confirm: async () => {
      const answers = await Promise.all(claims.map((claim) => claim.confirm()));
      return answers.find((answer) => answer !== null) ?? null;
    },
    tokens: () => Object.assign({}, ...claims.map((claim) => claim.tokens())),
    release: async () => {
      await Promise.all(newest.map((claim) => claim.release()));
    },
    leave: () => {
      for (const claim of newest) claim.leave();
    },
    leaveOpen: async (what) => {
      await Promise.all(newest.map((claim) => claim.leaveOpen(what)));
    },
  };
}

function inOrder(locks: readonly PlannedLock[]): readonly PlannedLock[] {
  return locks.toSorted((a, b) => (tokenKey(a) < tokenKey(b) ? -1 : 1));
}

import { randomBytes } from 'node:crypto';
import { formatDuration } from '../fleet/duration.ts';
import type { HostId } from '../fleet/host.ts';
import type { Shells } from '../live/world.ts';
import {
  breakLock,
  claimLock,
  readLock,
  readLockAnswer,
  releaseLock,
  renewLock,
  type LockAnswer,
  type LockHolder,
} from '../remote/host-lock.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import type { Refusal } from './plan.ts';

/** A lock without a heartbeat for so long counts as left behind. */
const ttlS = 60;
const heartbeatMs = 15_000;
const questionMs = 10_000;

/** Name of the lock that covers every change of one host; pools have their own. */
const hostLock = 'host';

/** A lock we hold. `lost()` is the reason once another took it away or the host cannot be asked for a whole TTL. */
export interface HeldLock {
  readonly token: string;
  lost(): string | null;
  /** Proves that it is still ours, now; the reason when not. */
  confirm(): Promise<string | null>;
  release(): Promise<void>;
}

export type LockResult =
  | { readonly ok: true; readonly lock: HeldLock; readonly brokeOf: string | null }
  | { readonly ok: false; readonly refusal: Refusal };

/** Locks on the hosts themselves, so that two consoles on two machines see each other. */
export class HostLocks {
  readonly #shells: Shells;
  readonly #who: string;

  /** `who` is `user@machine`. */
  constructor(shells: Shells, who: string) {
    this.#shells = shells;
    this.#who = who;
  }

  /** Claims a host, or says who holds it. `breakIt` takes it from its holder, which needs a reason. */
  async claim(hostId: HostId, hostName: string, reason: string, breakIt: boolean): Promise<LockResult> {
    const holder: LockHolder = { who: `${this.#who} [${process.pid}]`, reason, token: randomBytes(12).toString('hex'), ttlS };
    let answer = await this.#say(hostId, claimLock(hostLock, holder));
    let brokeOf: string | null = null;
    if (answer?.kind === 'not-yours' && answer.state.kind === 'held' && breakIt) {
      brokeOf = answer.state.holder?.who ?? 'an unknown holder';
      answer = await this.#say(hostId, breakLock(hostLock, answer.state.holder?.token ?? '', holder));
    }
    if (answer?.kind === 'ours') return { ok: true, lock: this.#hold(hostId, hostName, holder), brokeOf };
    return { ok: false, refusal: { guard: 'lock', message: heldWords(hostName, answer) } };
  }

  /** Who acts on a host now, in words; empty when nobody or when it cannot be asked. */
  async others(hostId: HostId): Promise<readonly string[]> {
    const answer = await this.#say(hostId, readLock(hostLock));
    if (answer?.kind !== 'not-yours' || answer.state.kind !== 'held') return [];
    const { holder, ageS } = answer.state;
    return [
      holder === null
        ? 'somebody holds its lock'
        : `${sanitizeLine(holder.who, 60)} is changing it: ${sanitizeLine(holder.reason, 80)} (${formatDuration(ageS * 1000)} ago)`,
    ];
  }

  #hold(hostId: HostId, hostName: string, holder: LockHolder): HeldLock {
    let lost: string | null = null;
    let provenAt = performance.now();
    const confirm = async (): Promise<string | null> => {
      const answer = await this.#say(hostId, renewLock(hostLock, holder));
      if (answer?.kind === 'ours') provenAt = performance.now();
      else if (answer !== null) lost ??= `the lock on ${hostName} was taken away: ${heldWords(hostName, answer)}`;
      else if (performance.now() - provenAt > ttlS * 1000) lost ??= `the lock on ${hostName} could not be renewed for ${ttlS} s`;
      return lost;
    };
    const heartbeat = setInterval(() => void confirm(), heartbeatMs);
    heartbeat.unref();
    return {
      token: holder.token,
      lost: () => lost,
      confirm,
      release: async () => {
        clearInterval(heartbeat);
        await this.#say(hostId, releaseLock(hostLock, holder.token));
      },
    };
  }

  /** Gives back a lock that an earlier run of this console left behind, by its token. */
  async releaseLeft(hostId: HostId, token: string): Promise<void> {
    await this.#say(hostId, releaseLock(hostLock, token));
  }

  async #say(hostId: HostId, text: string): Promise<LockAnswer | null> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return null;
    try {
      return readLockAnswer((await connection.exec(text, { deadlineMs: questionMs })).stdout);
    } catch {
      return null;
    }
  }
}

function heldWords(hostName: string, answer: LockAnswer | null): string {
  if (answer === null) return `the lock on ${hostName} could not be asked for; nothing was sent`;
  if (answer.kind === 'refused') return `no lock could be made on ${hostName} (its /run/lock cannot be written); nothing was sent`;
  if (answer.kind !== 'not-yours' || answer.state.kind !== 'held') return `the lock on ${hostName} could not be had; try again`;
  const { holder, ageS } = answer.state;
  const who = holder === null ? 'somebody' : sanitizeLine(holder.who, 60);
  const why = holder === null || holder.reason === '' ? '' : ` (${sanitizeLine(holder.reason, 80)})`;
  const stale = ageS > (holder?.ttlS ?? ttlS) ? '; it has shown no sign of life since and may be broken with a reason' : '';
  return `${who} is changing ${hostName}${why}, last sign ${formatDuration(ageS * 1000)} ago${stale}`;
}

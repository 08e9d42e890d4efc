import { formatMinute } from './duration.ts';
import type { HostId } from './host.ts';
import type { PoolMember } from './pool.ts';

/** State that somebody made and that must not be forgotten: a host out of its pool is owed back. */
export interface Debt {
  /** The action or step that opened it. */
  readonly id: string;
  readonly kind: 'pool' | 'maintenance' | 'drain' | 'step';
  readonly hostId: HostId | null;
  /** One clause: `web1 is out of pool web`. */
  readonly what: string;
  /** `null` for other kinds than `pool`. */
  readonly pool: string | null;
  /** `user@machine` who owes it. */
  readonly who: string;
  readonly reason: string | null;
  /** Epoch ms. */
  readonly since: number;
  /** When to remind, epoch ms; `null` never. Nothing is ever put back by a timer. */
  readonly remindAt: number | null;
  /** What restores the state before; only where that takes more than undoing it. Plain JSON. */
  readonly saved?: PoolMember['saved'];
}

/** `web1 is out of pool web since 2026-11-22 14:07Z, by ann@deck: new kernel` */
export function debtWords(debt: Debt): string {
  return `${debt.what} ${signedWords(debt.who, debt.since, debt.reason)}`;
}

/** `since 2026-11-22 14:07Z, by ann@deck: new kernel`; `since` is epoch ms. */
export function signedWords(who: string, since: number, reason: string | null): string {
  return `since ${formatMinute(since)}Z, by ${who}${reason === null ? '' : `: ${reason}`}`;
}

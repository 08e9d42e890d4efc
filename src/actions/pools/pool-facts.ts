import type { PoolMember } from '../../fleet/pool.ts';
import type { JsonValue } from '../../journal/entry.ts';

/** Facts of a member that is not in, for the plan that puts it back. */
export const factsOut = { member: 'out' } as const;

/** Facts that must still hold at the sending. How far a drain is moves by itself and is no fact of these. */
export function memberFacts(member: PoolMember): Readonly<Record<string, JsonValue>> {
  return member.state === 'in' ? { member: 'in' } : factsOut;
}

/** What restores the member. The version of what was read (etag, fingerprint) is of no use later, and changes with every neighbour. */
export function savedOf(member: PoolMember): PoolMember['saved'] {
  return Object.fromEntries(Object.entries(member.saved).filter(([key]) => !/etag|fingerprint/i.test(key)));
}

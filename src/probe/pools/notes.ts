import { createHash } from 'node:crypto';
import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host, HostId } from '../../fleet/host.ts';
import type { PoolMember, TakenOutBy } from '../../fleet/pool.ts';
import { listNotes, readNotes } from '../../remote/host-note.ts';
import { balancersOf } from './seen.ts';

/** Where a pool's notes lie: on every balancer that is a host, else on the member itself. */
export function notePlaces(spec: PoolSpec, hosts: readonly Host[], member: HostId): readonly HostId[] {
  const balancers = balancersOf(spec, hosts).map((host) => host.id);
  return balancers.length > 0 ? balancers : [member];
}

/** Key of the note about one member. The digests keep names apart that differ only in what a key cannot hold. */
export function poolNoteKey(pool: string, member: HostId): string {
  return `${poolNotePrefix(pool)}${slug(member, 50)}-${digest(member)}`;
}

/** Shell text that prints the notes of a pool; stands at the end of a reading script. */
export function listPoolNotes(pool: string): string {
  return listNotes(poolNotePrefix(pool));
}

/** Notes in what a reading script printed, by member; the newest where several lie about one. */
export function notesIn(pool: string, members: readonly Host[], stdouts: readonly string[]): ReadonlyMap<HostId, TakenOutBy> {
  const found = new Map<HostId, TakenOutBy>();
  for (const notes of stdouts.map(readNotes)) {
    for (const { id } of members) {
      const note = notes.get(poolNoteKey(pool, id));
      if (note !== undefined && note.at > (found.get(id)?.at ?? -1)) found.set(id, note);
    }
  }
  return found;
}

/** Who signed for a member that is not in; a note about one that is in again is old, and says nothing. */
export function withNotes(members: readonly PoolMember[], notes: ReadonlyMap<HostId, TakenOutBy>): readonly PoolMember[] {
  return members.map((member) =>
    member.state === 'in' ? member : { ...member, takenOutBy: notes.get(member.hostId) ?? member.takenOutBy },
  );
}

function poolNotePrefix(pool: string): string {
  return `pool-${slug(pool, 30)}-${digest(pool)}-`;
}

function slug(name: string, longest: number): string {
  return name.replace(/[^A-Za-z0-9_.]+/g, '-').slice(0, longest);
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

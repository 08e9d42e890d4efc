import * as z from 'zod';
import type { Entry } from './entry.ts';

/** One alert from its beginning to its end, as entries of kind `alert` tell it. */
export interface AlertEpisode {
  readonly id: string;
  readonly name: string;
  /** The worst it was. */
  readonly severity: 'warn' | 'crit' | 'unknown';
  readonly host: string | null;
  readonly what: string;
  /** Epoch ms of the first bad sample. */
  readonly since: number;
  /** Epoch ms, `null` while it stands or when no console saw its end. */
  readonly endedAt: number | null;
  /** Id of the alert that explains it, as last known. */
  readonly cause: string | null;
  readonly ackedBy: string | null;
  /** Epoch ms when it was first seen acknowledged. */
  readonly ackedAt: number | null;
  /** Number of the entry that told of its beginning. */
  readonly seq: number;
  /** Number of the entry that told of its acknowledgement, and of its end; `null` while there is none. */
  readonly ackedSeq: number | null;
  readonly endedSeq: number | null;
}

const changeSchema = z.object({
  change: z.enum(['begin', 'changed', 'end']),
  at: z.number(),
  id: z.string(),
  name: z.string(),
  severity: z.enum(['warn', 'crit', 'unknown']),
  host: z.string().nullable(),
  what: z.string(),
  since: z.number(),
  cause: z.string().nullable(),
  ackedBy: z.string().nullable(),
});
const detailSchema = z.object({ fleet: z.string(), changes: z.array(z.unknown()) });

/** Consoles of one fleet tell of the same episode; their first bad samples differ by a few polls. */
const sameEpisodeMs = 60_000;

/** Every alert of a fleet that the entries tell of, oldest first. Two consoles that saw the same one make one episode. */
export function alertEpisodes(entries: readonly Entry[], fleet: string): readonly AlertEpisode[] {
  const episodes: AlertEpisode[] = [];
  const newest = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'alert') continue;
    const detail = detailSchema.safeParse(entry.detail);
    if (!detail.success || detail.data.fleet !== fleet) continue;
    for (const given of detail.data.changes) {
      const change = changeSchema.safeParse(given).data;
      if (change === undefined) continue;
      const place = newest.get(change.id);
      const before = place === undefined ? undefined : episodes[place];
      if (before === undefined || place === undefined || isNewer(change, before)) {
        newest.set(change.id, episodes.length);
        episodes.push(begun(change, entry.seq));
      } else {
        episodes[place] = changed(before, change, entry.seq);
      }
    }
  }
  return episodes.toSorted((a, b) => a.since - b.since || a.seq - b.seq);
}

type Change = z.output<typeof changeSchema>;

function isNewer({ since }: Change, before: AlertEpisode): boolean {
  return since - before.since > sameEpisodeMs || (before.endedAt !== null && since > before.endedAt);
}

function begun({ id, name, severity, host, what, since, cause, ackedBy, change, at }: Change, seq: number): AlertEpisode {
  const endedAt = change === 'end' ? at : null;
  const [ackedAt, ackedSeq] = ackedBy === null ? [null, null] : [at, seq];
  return {
    id,
    name,
    severity,
    host,
    what,
    since,
    endedAt,
    cause,
    ackedBy,
    ackedAt,
    seq,
    ackedSeq,
    endedSeq: endedAt === null ? null : seq,
  };
}

function changed(before: AlertEpisode, { change, severity, what, cause, ackedBy, at }: Change, seq: number): AlertEpisode {
  return {
    ...before,
    severity: before.severity === 'crit' ? 'crit' : severity,
    what: change === 'end' ? before.what : what,
    cause: cause ?? before.cause,
    ackedBy: ackedBy ?? before.ackedBy,
    ackedAt: before.ackedAt ?? (ackedBy === null ? null : at),
    ackedSeq: before.ackedSeq ?? (ackedBy === null ? null : seq),
    // A second console may see the end a moment later.
    endedAt: before.endedAt ?? (change === 'end' ? at : null),
    endedSeq: before.endedSeq ?? (change === 'end' ? seq : null),
  };
}

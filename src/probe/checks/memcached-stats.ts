import * as z from 'zod';

/** What one `stats` answer tells. Counters count since the server's start. */
export interface CacheReading {
  /** Process id, which with `uptimeS` tells a restarted server. */
  readonly process: string;
  readonly version: string;
  readonly uptimeS: number;
  readonly gets: number;
  readonly hits: number;
  readonly evictions: number;
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Ms of a clock that only goes forward. */
  readonly monoMs: number;
}

/** What happened between two readings of one server process. */
export interface CacheInterval {
  readonly gets: number;
  /** 0 to 1, `null` when nothing was asked for. */
  readonly hitRate: number | null;
  readonly evictionsPerS: number;
}

const count = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(Number);
const stats = z.object({
  pid: count,
  version: z.string(),
  uptime: count,
  get_hits: count,
  get_misses: count,
  evictions: count,
  bytes: count,
  limit_maxbytes: count,
});

/** The lines `STAT name value` of an answer; `null` when they do not hold what is needed. @see memcached doc/protocol.txt */
export function readStats(answer: string, monoMs: number): CacheReading | null {
  const lines = answer.split('\r\n').flatMap((line) => {
    const [, name, value] = /^STAT (\S+) (.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const read = stats.safeParse(Object.fromEntries(lines));
  if (!read.success) return null;
  const { pid, version, uptime, get_hits, get_misses, evictions, bytes, limit_maxbytes } = read.data;
  return {
    process: String(pid),
    version,
    uptimeS: uptime,
    gets: get_hits + get_misses,
    hits: get_hits,
    evictions,
    usedBytes: bytes,
    limitBytes: limit_maxbytes,
    monoMs,
  };
}

/** `null` when the two do not belong together: a first reading, another process, or counters that somebody set back. */
export function cacheInterval(before: CacheReading | null, now: CacheReading): CacheInterval | null {
  if (before === null || before.process !== now.process || now.uptimeS < before.uptimeS) return null;
  const gets = now.gets - before.gets;
  const hits = now.hits - before.hits;
  const evictions = now.evictions - before.evictions;
  const seconds = (now.monoMs - before.monoMs) / 1000;
  if (hits < 0 || gets < hits || evictions < 0 || seconds <= 0) return null;
  return { gets, hitRate: gets === 0 ? null : hits / gets, evictionsPerS: evictions / seconds };
}

/**
 * The reading to compare with, and what to keep. A question out of turn (somebody refreshes) is told over the interval of the turn
 * before as well: in the moment since then hardly anything is asked for, and a warning would end by a key press.
 */
export function takeTurn(
  readings: readonly CacheReading[],
  now: CacheReading,
  everyMs: number,
): { readonly before: CacheReading | null; readonly kept: readonly CacheReading[] } {
  const newest = readings.at(-1);
  if (newest === undefined) return { before: null, kept: [now] };
  const inTurn = now.monoMs - newest.monoMs >= everyMs / 2 || cacheInterval(newest, now) === null;
  return inTurn ? { before: newest, kept: [newest, now] } : { before: readings[0] ?? null, kept: readings };
}

import { parseDuration } from '../../config/schema/values.ts';
import { UsageError } from '../usage-error.ts';

const dayMs = 24 * 3_600_000;

/**
 * A time as people type it, epoch ms; `null` stays null. `14:07` and `14:07:31` are the newest such time in UTC, `5m` is that long ago,
 * else an ISO 8601 date and time, in UTC unless it says otherwise. Throws a UsageError that names the option.
 */
export function eventTime(text: string | null, option: string, now: number): number | null {
  if (text === null) return null;
  const given = text.trim();
  const ago = parseDuration(given);
  if (ago !== null) return now - ago;
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?$/.exec(given);
  if (clock !== null) {
    const [, hour, minute, second] = clock;
    const inDay = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second ?? 0)) * 1000;
    const today = Math.floor(now / dayMs) * dayMs + inDay;
    return today > now ? today - dayMs : today;
  }
  const date = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(given);
  const at =
    date === null
      ? Number.NaN
      : Date.parse(given.length > 10 && date[1] === undefined ? `${given.replace(' ', 'T')}Z` : given.replace(' ', 'T'));
  if (Number.isNaN(at)) throw new UsageError(`${option} takes 14:07 (UTC), 5m (ago) or 2026-11-22T14:07Z, not ${JSON.stringify(text)}`);
  return at;
}

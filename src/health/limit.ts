import type { Limit } from '../fleet/definition.ts';
import { formatNumber } from '../fleet/duration.ts';
import type { Reason, ReasonSubject } from '../fleet/health.ts';
import { judgedKey } from './judge-input.ts';

export type Level = 'warn' | 'crit';

/** Levels held before this judgement, and where the new ones are written. */
export interface Levels {
  readonly before: ReadonlyMap<string, Level>;
  readonly after: Map<string, Level>;
}

/**
 * The level of a value: entered at `warn` or `crit`, left below `leave`.
 * `crit` is left as far below itself as `leave` lies below `warn`, so that a value at the edge does not flicker between the two.
 */
export function levelOf(value: number, limit: Limit, held: Level | null): Level | null {
  if (limit.crit !== null && value >= limit.crit) return 'crit';
  const gap = limit.leave === null || limit.warn === null ? 0 : Math.max(0, limit.warn - limit.leave);
  if (held === 'crit' && limit.crit !== null && value >= critLeave(limit, limit.crit, gap)) return 'crit';
  if (limit.warn !== null && value >= limit.warn) return 'warn';
  if (held !== null && limit.warn !== null && limit.leave !== null && value >= limit.leave) return 'warn';
  return null;
}

function critLeave(limit: Limit, crit: number, gap: number): number {
  return limit.warn === null && limit.leave !== null ? limit.leave : crit - gap;
}

/** Judges one value against its limit. `say` gets the limit that was entered, in words: `limit 20`. */
export function judgeLimit(
  levels: Levels,
  about: { readonly name: string; readonly subject: ReasonSubject },
  value: number,
  limit: Limit,
  say: (limitText: string) => string,
): Reason | null {
  const key = judgedKey(about);
  const level = levelOf(value, limit, levels.before.get(key) ?? null);
  if (level === null) return null;
  levels.after.set(key, level);
  const entered = (level === 'crit' ? limit.crit : limit.warn) ?? limit.crit ?? 0;
  const leaving = value < entered && limit.leave !== null ? `, clears below ${formatNumber(limit.leave)}` : '';
  return {
    name: about.name,
    health: level,
    subject: about.subject,
    text: say(`limit ${formatNumber(entered)}${leaving}`),
    forMs: limit.forMs,
  };
}

/** Keeps the levels of alerts that could not be judged this time, so that a gap does not let a value slip below its `leave`. */
export function keepLevels(levels: Levels, notJudged: readonly string[]): void {
  const names = new Set(notJudged);
  for (const [key, level] of levels.before) {
    if (names.has(key) || names.has(key.split('#', 1)[0] ?? key)) levels.after.set(key, level);
  }
}

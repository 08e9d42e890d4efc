import * as z from 'zod';
import { sanitizeLine } from '../remote/sanitize.ts';
import type { Entry, NewEntry } from './entry.ts';

export type RoutinePeriod = 'daily' | 'weekly';

/** One regular duty of the fleet file as it stands. Times are epoch ms. */
export interface RoutineState {
  readonly period: RoutinePeriod;
  readonly text: string;
  /** Nobody did it since the period began. */
  readonly due: boolean;
  /** Its newest doing, however long ago; `null` when never. */
  readonly done: RoutineDone | null;
  /** When the present period began, and when the next one does. */
  readonly since: number;
  readonly until: number;
}

export interface RoutineDone {
  readonly at: number;
  readonly who: string;
  /** `skipped`: looked at and left, with a reason. */
  readonly state: 'done' | 'skipped';
  readonly note: string | null;
}

const doneSchema = z.object({
  fleet: z.string(),
  period: z.enum(['daily', 'weekly']),
  routine: z.string(),
  state: z.enum(['done', 'skipped', 'undone']),
  note: z.string().nullable(),
});

/** That somebody did a duty, as a new journal entry. `undone` takes back what was ticked by mistake. */
export function routineEntry(done: {
  readonly fleet: string;
  readonly who: string;
  readonly period: RoutinePeriod;
  readonly text: string;
  readonly state: 'done' | 'skipped' | 'undone';
  readonly note: string | null;
}): NewEntry {
  const { fleet, who, period, text, state } = done;
  const note = done.note === null ? null : sanitizeLine(done.note, 400);
  const detail = { title: `${period}: ${text} ${state}${note === null ? '' : `: ${note}`}`, fleet, period, routine: text, state, note };
  return { kind: 'routine', actionId: `routines-${fleet}`, who, env: null, targets: [], command: null, outcome: state, detail };
}

/**
 * Every duty of a fleet file with who did it when. Pure: `now` is epoch ms, `utcOffsetMin` says where the person's midnight lies (minutes
 * east of UTC); a day begins there, a week on its Monday (ISO 8601).
 */
export function routinesState(
  routines: { readonly daily: readonly string[]; readonly weekly: readonly string[] },
  entries: readonly Entry[],
  fleet: string,
  now: number,
  utcOffsetMin = 0,
): readonly RoutineState[] {
  const done = doneOf(entries, fleet);
  const of =
    (period: RoutinePeriod) =>
    (text: string): RoutineState => {
      const { since, until } = periodOf(period, now, utcOffsetMin);
      const newest = done.get(`${period} ${text}`) ?? null;
      return { period, text, done: newest, due: newest === null || newest.at < since, since, until };
    };
  return [...routines.daily.map(of('daily')), ...routines.weekly.map(of('weekly'))];
}

function doneOf(entries: readonly Entry[], fleet: string): ReadonlyMap<string, RoutineDone> {
  const done = new Map<string, RoutineDone>();
  for (const entry of entries) {
    if (entry.kind !== 'routine') continue;
    const read = doneSchema.safeParse(entry.detail);
    if (!read.success || read.data.fleet !== fleet) continue;
    const { period, routine, state, note } = read.data;
    const key = `${period} ${routine}`;
    if (state === 'undone') done.delete(key);
    else done.set(key, { at: Date.parse(entry.at), who: entry.who, state, note });
  }
  return done;
}

const dayMs = 24 * 3_600_000;

function periodOf(period: RoutinePeriod, now: number, utcOffsetMin: number): { readonly since: number; readonly until: number } {
  const shift = utcOffsetMin * 60_000;
  const day = Math.floor((now + shift) / dayMs);
  // The first day of 1970 was a Thursday.
  const first = period === 'daily' ? day : day - ((day + 3) % 7);
  const days = period === 'daily' ? 1 : 7;
  return { since: first * dayMs - shift, until: (first + days) * dayMs - shift };
}

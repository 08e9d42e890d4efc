import { formatMinute } from '../../fleet/duration.ts';
import { endingTimes, type IncidentTime } from './event.ts';
import type { Incident } from './incident.ts';

/**
 * Why a time (epoch ms) cannot be: the trouble ends after it began, and is closed last. `null` when it can. What people noticed and said on
 * the way may come in any order.
 */
export function misordered(incident: Incident, which: IncidentTime, at: number): string | null {
  const { times } = incident;
  const first = times.began ?? times.declared;
  const after = (other: IncidentTime): string | null => {
    const told = times[other];
    return told !== null && at > told.at ? `it was ${other} ${utc(told.at)}` : null;
  };
  if (which === 'began') return endingTimes.map(after).find((why) => why !== null) ?? null;
  if (!endingTimes.includes(which)) return null;
  if (first !== null && at < first.at) return `it began ${utc(first.at)}`;
  return which === 'closed' ? null : after('closed');
}

/** `2026-11-22 14:07 UTC` */
export function utc(at: number): string {
  return `${formatMinute(at)} UTC`;
}

import type { Entry } from '../entry.ts';
import { readIncidentEvent } from '../incident/event.ts';
import { alertItems } from './alert-items.ts';
import { changeItems } from './change-items.ts';
import { correctedTimes } from './corrected.ts';
import { incidentItem } from './incident-items.ts';
import { otherItem } from './other-items.ts';
import { runItems } from './run-items.ts';
import { runsOf } from './runs-of.ts';
import type { Scope, TimelineItem } from './timeline-item.ts';

/** All that happened in a scope, by the time it happened. Entries are of the journal, in its order. */
export function timelineOf(entries: readonly Entry[], scope: Scope): readonly TimelineItem[] {
  const declared = new Map(
    entries.flatMap((entry) => {
      const recorded = readIncidentEvent(entry);
      return recorded?.event.event === 'start' ? [[recorded.key, recorded.event.at] as const] : [];
    }),
  );
  const corrected = correctedTimes(entries);
  const runs = runsOf(entries, scope);
  const changed = new Set(runs.flatMap((run) => run.changes.flatMap(({ seq }) => seq ?? [])));
  const wanted = scope.hosts === null ? null : new Set(scope.hosts);
  const concerns = (item: TimelineItem): boolean =>
    wanted === null || item.hosts.length === 0 || item.by === 'person' || item.hosts.some((host) => wanted.has(host));
  const items = [
    ...alertItems(entries, scope),
    ...runItems(entries, new Set(runs.map(({ id }) => id))),
    ...changeItems(entries).filter((item) => changed.has(item.evidence.seq) || concerns(item)),
    ...entries
      .flatMap((entry) => incidentItem(entry, scope.incident, declared))
      .map((item) => (corrected.has(item.evidence.seq) ? { ...item, significant: false } : item))
      .filter(concerns),
    ...entries.flatMap(otherItem).filter(concerns),
  ];
  return items
    .filter((item) => item.at <= scope.to && (lastsUntil(item) ?? item.at) >= scope.from)
    .toSorted((a, b) => a.at - b.at || a.evidence.seq - b.evidence.seq);
}

/** An alert that is not over lasts on, whenever it began. */
function lastsUntil({ source, outcome, endAt }: TimelineItem): number | null {
  const stands = source === 'alert' && endAt === null && outcome !== null && outcome !== 'ok';
  return stands ? Number.POSITIVE_INFINITY : endAt;
}

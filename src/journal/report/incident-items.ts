import type { Entry } from '../entry.ts';
import { isLate, readIncidentEvent } from '../incident/event.ts';
import { eventWords } from '../incident/event-words.ts';
import type { TimelineItem } from './timeline-item.ts';

/** What a person wrote into an incident's record; `key` null takes every incident's. `declared` tells when each was, by its key. */
export function incidentItem(entry: Entry, key: string | null, declared: ReadonlyMap<string, number>): TimelineItem[] {
  const recorded = readIncidentEvent(entry);
  if (recorded === null || (key !== null && recorded.key !== key)) return [];
  const { event, who, seq } = recorded;
  const source = event.event === 'note' || event.event === 'decision' || event.event === 'update' ? event.event : 'incident';
  const bookkeeping =
    event.event === 'analysis' ||
    event.event === 'follow-up' ||
    event.event === 'impact' ||
    event.event === 'visibility' ||
    event.event === 'title';
  const words = event.event === 'time' ? timeWords[event.which] : eventWords(event);
  const file = event.event === 'evidence' ? { file: event.file, sha256: event.sha256 } : { file: null, sha256: null };
  return [
    {
      at: event.at,
      endAt: null,
      source,
      by: 'person',
      who,
      text: event.event === 'start' ? `Incident ${words}` : toldWords(words, event),
      command: null,
      outcome: null,
      hosts: event.event === 'note' && event.source !== null ? [event.source.host] : [],
      significant: !bookkeeping,
      late: isLate(recorded, declared.get(recorded.key) ?? 0),
      evidence: { seq, ...file },
    },
  ];
}

/** What a note asks to be done stands among the action items too; here it reads as a part of the sentence. */
function toldWords(words: string, { event }: { readonly event: string }): string {
  if (event === 'role') return words;
  if (event !== 'note') return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return words.replace(/\s*(^|\s)TODO\b[\s:,-]*(\S(?:(?!\sTODO\b)[^\n])*)/gu, (_, before: string, what: string) =>
    before === '' ? `To do: ${what}` : ` (to do: ${what})`,
  );
}

const timeWords = {
  began: 'The trouble began',
  detected: 'Detected',
  acknowledged: 'Acknowledged',
  declared: 'Declared',
  mitigated: 'Mitigated: the effect on users is over',
  resolved: 'Resolved',
  closed: 'Closed',
} as const;

import type { AnalysisField } from './event.ts';
import type { Incident } from './incident.ts';

/** What no record can tell of an incident, in the order in which a report has it: `impact` is its numbers, the rest are texts. */
const asked: readonly (readonly [AnalysisField, string])[] = [
  ['impact', 'numbers of the impact'],
  ['contributing-factors', 'the contributing factors'],
  ['resolution-lasting', 'a lasting resolution'],
  ['went-well', 'what went well'],
  ['went-wrong', 'what went wrong'],
];

/** Which of it nobody has written yet, each with its words. */
export function unwritten(incident: Incident): readonly { readonly field: AnalysisField; readonly words: string }[] {
  const written = (field: AnalysisField): boolean =>
    (incident.analysis[field] ?? '') !== '' || (field === 'impact' && incident.impact.length > 0);
  return asked.flatMap(([field, words]) => (written(field) ? [] : [{ field, words }]));
}

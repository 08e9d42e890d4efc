import type { AnalysisField, IncidentTime } from '../incident/event.ts';
import type { Report } from './report.ts';

export const timeLabels: readonly (readonly [IncidentTime, string])[] = [
  ['began', 'Began'],
  ['detected', 'Detected'],
  ['acknowledged', 'Acknowledged'],
  ['declared', 'Declared'],
  ['mitigated', 'Mitigated'],
  ['resolved', 'Resolved'],
  ['closed', 'Closed'],
];

/** Title of a field that shares its section with another; `null` where the section's own title says it. */
export const analysisTitles: Readonly<Record<AnalysisField, string | null>> = {
  overview: null,
  'what-happened': null,
  'contributing-factors': null,
  'own-actions-that-made-it-worse': 'Our own actions that did not help',
  'resolution-temporary': 'What was done',
  'resolution-lasting': 'Lasting',
  impact: null,
  'went-well': null,
  'went-wrong': null,
  'messages-internal': 'Internal',
  'messages-external': 'External',
};

/** `2026-11-22 14:07:31` */
export function stamp(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** The line under every report. */
export function noteWords(report: Report): string {
  const marks =
    report.variant === 'internal'
      ? ' "entered": typed by a person; every other line was recorded as it happened. "journal n": number of the entry in the journal.'
      : '';
  return `Times are UTC. Made ${stamp(report.madeAt)} by quarterdeck from its journal.${marks}`;
}

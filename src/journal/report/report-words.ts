import type { AnalysisField, IncidentTime } from '../incident/event.ts';
import type { Report } from './report.ts';
import { runEnd } from './run-items.ts';

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

/** `SEV-3`, and what it was at its worst where that was worse. */
export function severityWords({ severity, worstSeverity }: Report): string | null {
  return severity === null || worstSeverity === null || worstSeverity === severity
    ? severity
    : `${severity} (${worstSeverity} at its worst)`;
}

/** Whether a title is an alert's own words, its host before them; a person who wrote another chose the words. */
export function hasAlertsWords({ title, timeline }: Report): boolean {
  const words = title.replace(/^[^\s:]+: /, '');
  return timeline.some((item) => item.source === 'alert' && item.text.includes(words));
}

/** The line under every report. */
export function noteWords(report: Report): string {
  const marks =
    report.variant === 'internal'
      ? ' "entered": typed by a person; every other line was recorded as it happened. "journal n": number of the entry in the journal.'
      : '';
  return `Times are UTC. Made ${stamp(report.madeAt)} by quarterdeck from its journal.${marks}`;
}

const writable: readonly (readonly [AnalysisField, string])[] = [
  ['contributing-factors', 'the contributing factors'],
  ['resolution-lasting', 'a lasting resolution'],
  ['went-well', 'what went well'],
  ['went-wrong', 'what went wrong'],
];

/** What only people can count, where nobody has; outside it is not asked for. */
export function uncountedWords(report: Report): string | null {
  const asked =
    report.id !== null && report.variant === 'internal' && report.impact.length === 0 && report.analysis.impact?.by !== 'person';
  return asked ? 'Not counted when this was made: users, requests and tickets.' : null;
}

/** One sentence about what nobody wrote down and no record can tell; `null` when there is nothing, and outside, where it is not asked for. */
export function missingWords(report: Report): string | null {
  if (report.id === null || report.variant === 'external') return null;
  const missing = writable.filter(([field]) => report.analysis[field] === null).map(([, words]) => words);
  if (missing.length === 0) return null;
  const last = missing.at(-1) ?? '';
  return `Not written down when this was made: ${missing.length === 1 ? last : `${missing.slice(0, -1).join(', ')} and ${last}`}.`;
}

/** `users affected: 1200`, the unit where the name does not hold it. */
export function impactWords({ name, value, unit }: Report['impact'][number]): string {
  const said = unit === null || name.toLowerCase().includes(unit.toLowerCase()) ? '' : ` ${unit}`;
  return `${name}: ${value}${said}`;
}

/** What a run did, in one line and one more a change and a skipped step. */
export function runWords(run: Report['playbooks'][number]): { readonly head: string; readonly lines: readonly string[] } {
  const until = run.to === null ? '' : ` to ${stamp(run.to).slice(11)}`;
  const closedAt = run.to === null ? null : Date.parse(run.to);
  const end = runEnd({ result: run.result, message: run.message, openedAt: Date.parse(run.from), closedAt });
  const on = run.hosts.length === 0 ? '' : ` on ${run.hosts.join(', ')}`;
  return {
    head: `${run.playbook} (${run.title})${on}, by ${run.operator}, ${stamp(run.from)}${until}: ${end}`,
    lines: [
      ...(run.looked === 0 ? [] : [`${run.looked} ${run.looked === 1 ? 'step' : 'steps'} looked and found what was expected`]),
      ...run.changes.map(({ at, text, outcome }) => `${stamp(at).slice(11)} ${text}: ${outcome ?? 'no outcome recorded'}`),
      ...run.skipped.map(({ step, why }) => `skipped ${step}${why === '' ? '' : `: ${why}`}`),
    ],
  };
}

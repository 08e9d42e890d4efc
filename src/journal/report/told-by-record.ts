import { formatDuration, formatMinute } from '../../fleet/duration.ts';
import type { AnalysisField } from '../incident/event.ts';
import { sev } from '../incident/event-words.ts';
import { type Incident, worstOf } from '../incident/incident.ts';
import type { RunTold } from './run-items.ts';
import type { Scope, TimelineItem } from './timeline-item.ts';

export interface Facts {
  readonly incident: Incident | null;
  readonly scope: Scope;
  readonly items: readonly TimelineItem[];
  readonly runs: readonly RunTold[];
  readonly fleetTitle: string;
  readonly ended: boolean;
}

/**
 * What the record itself can say where nobody wrote a text, so that a report can be sent as it is. It says only what is in the journal;
 * what only a person can know stays `null`.
 */
export function wordsFor(field: AnalysisField, facts: Facts): string | null {
  switch (field) {
    case 'overview':
      return overview(facts);
    case 'what-happened':
      return happened(facts);
    case 'contributing-factors':
      return list(rootAlerts(facts).map(rootWords));
    case 'own-actions-that-made-it-worse':
      return list(
        changes(facts)
          .filter((item) => item.outcome !== 'ok')
          .map((item) => `${clock(item.at)} ${item.text}`),
      );
    case 'resolution-temporary':
      return list(
        changes(facts)
          .filter((item) => item.outcome === 'ok')
          .map((item) => `${clock(item.at)} ${item.text}`),
      );
    case 'impact':
      return howLong(facts);
    default:
      return null;
  }
}

/** The one exact number that every record holds. */
function howLong({ incident, scope, ended }: Facts): string | null {
  if (incident === null) return null;
  const { mitigated } = incident.times;
  const until = Math.min(mitigated?.at ?? scope.to, scope.to);
  const what = mitigated !== null ? 'until the effect on users was over' : ended ? 'until the trouble was over' : 'so far; it goes on';
  return `- ${formatDuration(Math.max(0, until - scope.from))} from the beginning ${what}`;
}

function overview({ incident, scope, items, runs, fleetTitle, ended }: Facts): string {
  const length = formatDuration(scope.to - scope.from);
  const hosts = incident?.hosts ?? [];
  const on = hosts.length === 0 ? '' : `, on ${listed(hosts)}`;
  const alerts = items.filter((item) => item.source === 'alert' && item.outcome !== null && item.outcome !== 'ok').length;
  const changed = items.filter((item) => item.source === 'change').length;
  const walked = runs.length === 0 ? '' : `, ${plural(runs.length, 'playbook run')}`;
  const counted = `${plural(alerts, 'alert')}, ${plural(changed, 'change')}${walked} recorded`;
  const when = `${fromTo(scope)} UTC (${length})`;
  if (incident === null) return `${fleetTitle}, ${when}: ${counted}.`;
  const state = ended
    ? `It lasted ${length}, ${fromTo(scope)} UTC.`
    : `It began ${formatMinute(scope.from)} UTC and goes on after ${length}.`;
  const title = /[.!?]$/.test(incident.title) ? incident.title : `${incident.title}.`;
  const severity = worstOf(incident) === incident.severity ? sev(incident.severity) : `${sev(worstOf(incident))} at its worst`;
  return `${title} ${severity}, ${fleetTitle}${on}. ${state} ${upper(counted)}.`;
}

/** `2026-11-22 14:07 to 14:17`, the second date only where it is another. */
function fromTo({ from, to }: Scope): string {
  const [first, last] = [formatMinute(from), formatMinute(to)];
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
}

function happened({ items, runs, incident }: Facts): string | null {
  // What a run changed stands with the resolution.
  const ofRuns = new Set(runs.flatMap((run) => run.changes.map((change) => change.seq ?? -1)));
  const told = items.filter(
    (item) =>
      item.significant &&
      (item.source === 'alert' || item.source === 'run' || (item.source === 'change' && !ofRuns.has(item.evidence.seq))),
  );
  if (told.length === 0 && incident === null) return null;
  if (told.length === 0) return 'No alert and no change was recorded in this time.';
  const shown = told.slice(0, 12).map((item) => `${clock(item.at)} ${item.text}`);
  const rest = told.length - shown.length;
  return list(rest > 0 ? [...shown, `and ${rest} more, in the timeline below`] : shown);
}

/** What the console judged, said as a judgement: an alert is not yet a cause. */
function rootWords({ text }: TimelineItem): string {
  const [, what = text, explains] = /^\w+: (.*?)(?:; explains (\d+) more.*)?$/s.exec(text) ?? [];
  const [name = what] = what.split(': ', 1);
  return explains === undefined ? `seen first: ${name}` : `${name}, judged to be the root of ${Number(explains) + 1} alerts`;
}

function rootAlerts({ items }: Facts): readonly TimelineItem[] {
  return items.filter((item) => item.source === 'alert' && item.significant && item.outcome !== null && item.outcome !== 'ok');
}

function changes({ items }: Facts): readonly TimelineItem[] {
  return items.filter((item) => item.source === 'change');
}

/** One line each, begun with a dash; `null` for none. */
function list(lines: readonly string[]): string | null {
  const unique = [...new Set(lines)];
  return unique.length === 0 ? null : unique.map((line) => `- ${line.replaceAll('\n', ' ')}`).join('\n');
}

function listed(names: readonly string[]): string {
  return names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

function plural(count: number, word: string): string {
  return count === 0 ? `no ${word}` : count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

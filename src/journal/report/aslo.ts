import { formatDuration, formatMinute } from '../../fleet/duration.ts';
import { sanitizeText } from '../../remote/sanitize.ts';
import type { Report } from './report.ts';
import { hasAlertsWords } from './report-words.ts';

/*
 * Two forms of Sugar Labs, whose mails are plain text: the report of an outage as their systems list has it (2016-01, message 004674) and
 * the announcement of one (wiki page Sysadmin/Announcing_downtime): `!sugarlabsstatus {services} machine state` for the status feed, and a
 * mail whose subject ends with the time in UTC, which says what is affected and how long it may take at best and at worst.
 */

/** Timeline, root cause, what went wrong, what worked. */
export function asloReport(report: Report): string {
  const significant = report.timeline.filter((item) => item.significant);
  const timeline = significant.map((item) => `${formatMinute(item.at)}  ${line(item.text)}${item.late ? ' (entered late)' : ''}`);
  const todo = report.followUps.map(
    ({ text, owner, due, done }) =>
      `* ${done ? '[done] ' : ''}${line(text)} (${owner ?? 'nobody yet'}${due === null ? '' : `, due ${due}`})`,
  );
  const owed = report.debts.map((debt) => `* put back: ${line(debt)}`);
  return [
    `Subject: ${subject(report, 'outage report', report.title)}`,
    '',
    text(report.title, report, 'overview'),
    '',
    '== Timeline (UTC) ==',
    '',
    timeline.length === 0 ? 'Nothing was recorded.' : timeline.join('\n'),
    '',
    '== Root cause ==',
    '',
    text('It was not established when this was written.', report, 'contributing-factors'),
    '',
    '== What went wrong ==',
    '',
    text('Nobody has written it down yet.', report, 'went-wrong', 'own-actions-that-made-it-worse'),
    '',
    '== What worked ==',
    '',
    text('Nobody has written it down yet.', report, 'went-well', 'resolution-temporary', 'resolution-lasting'),
    '',
    '== Action items ==',
    '',
    [...todo, ...owed].join('\n') || 'None.',
    '',
  ].join('\n');
}

/** The status line for the feed and the mail to the people who are hit. */
export function asloAnnouncement(report: Report): string {
  const what = report.services.length > 0 ? report.services : report.hosts;
  const affected = what.length === 0 ? 'our services' : what.join(', ');
  const machine = report.hosts.join(', ');
  const brackets = report.services.length === 0 ? '' : `{${report.services.join(',')}} `;
  const state = report.ongoing ? 'is down, we are working on it' : 'back up';
  const length = formatDuration(Date.parse(report.to) - Date.parse(report.from));
  const since = `since ${formatMinute(report.from)} UTC`;
  const body = report.ongoing
    ? [`Affected ${since}: ${affected}.`, 'We do not know yet how long it will last; the next message follows within 30 minutes.']
    : [`Affected from ${formatMinute(report.from)} to ${formatMinute(report.to)} UTC (${length}): ${affected}.`, 'Everything is back up.'];
  const resolved = report.times?.resolved ?? report.times?.closed ?? null;
  // An update of the time before the end is no news after it.
  const last = report.updates.findLast((update) => report.ongoing || (resolved !== null && update.at >= resolved.at));
  return [
    line(`!sugarlabsstatus ${brackets}${machine === '' ? '' : `${machine} `}${state}`),
    '',
    // Readers of this mail know what is affected, not what an alert is called.
    `Subject: ${subject(report, report.ongoing ? 'outage' : 'back up', hasAlertsWords(report) ? affected : report.title)}`,
    '',
    ...body.map(line),
    ...(last === undefined ? [] : ['', sanitizeText(last.text)]),
    '',
    'Apologies for any inconvenience.',
    '',
  ].join('\n');
}

function subject(report: Report, kind: string, what: string): string {
  return line(`${kind}: ${what}, ${formatMinute(report.from)} UTC`);
}

/** The fields that hold something, one after the other. */
function text(otherwise: string, report: Report, ...fields: readonly (keyof Report['analysis'])[]): string {
  const found = fields.flatMap((field) => report.analysis[field]?.text ?? []);
  return found.length === 0 ? otherwise : sanitizeText(found.join('\n'));
}

/** One line of a mail: a break in it could begin a header or a heading of its own. */
function line(value: string): string {
  return sanitizeText(value).replace(/\s*\n\s*/g, ' ');
}

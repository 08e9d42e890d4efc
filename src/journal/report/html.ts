import { formatDuration } from '../../fleet/duration.ts';
import { escapeHtml } from './escape.ts';
import {
  analysisTitles,
  impactWords,
  missingWords,
  noteWords,
  runWords,
  severityWords,
  stamp,
  timeLabels,
  uncountedWords,
} from './report-words.ts';
import type { Report, ReportItem } from './report.ts';
import { svgChart } from './svg.ts';

const style = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #8886}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #8884}td:first-child{white-space:nowrap}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}.mark{opacity:.7;font-size:.85em}.entered{border-left:3px solid #0072B2}
figure{margin:1rem 0;background:#fff;color:#222;padding:.5rem}figure svg{width:100%;height:auto;font:11px system-ui,sans-serif}figure text{fill:#444}
figcaption{font-weight:600}.key{margin-right:1rem;font-size:.85em}.key svg{width:28px;height:8px}details{margin-top:1rem}td{overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}h2,h3{break-after:avoid}tr,li,figure{break-inside:avoid}thead{display:table-header-group}figure{padding:0}}`;

/** A report as one page that needs nothing else: no script, no font, no picture from outside. A policy in the page forbids them too. */
export function reportHtml(report: Report): string {
  const title = report.id === null ? report.title : `${report.id}: ${report.title}`;
  const lesser = report.timeline.filter((item) => !item.significant);
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    head(report),
    section('Overview', prose(report, 'overview')),
    section('What happened', prose(report, 'what-happened')),
    report.variant === 'external' ? '' : section('The period in charts', charts(report)),
    section('Contributing factors', prose(report, 'contributing-factors') + prose(report, 'own-actions-that-made-it-worse')),
    section('Resolution', prose(report, 'resolution-temporary') + prose(report, 'resolution-lasting')),
    section('Impact', impact(report) + prose(report, 'impact') + uncounted(report)),
    section('Responders', responders(report)),
    section('Timeline', timeline(report.timeline.filter((item) => item.significant))),
    lesser.length === 0 ? '' : `<details><summary>${lesser.length} lesser events</summary>${timeline(lesser)}</details>`,
    section('Decisions', decisions(report)),
    section('Playbooks', playbooks(report)),
    section('What went well', prose(report, 'went-well')),
    section('What went wrong', prose(report, 'went-wrong')),
    section('Action items', actionItems(report)),
    section('Messages', messages(report) + prose(report, 'messages-internal') + prose(report, 'messages-external')),
    ...[missingWords(report), noteWords(report)].flatMap((words) => (words === null ? [] : [`<p class="mark">${escapeHtml(words)}</p>`])),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body>
${body.filter((part) => part !== '').join('\n')}
</body></html>
`;
}

/** What is empty is left out; a sentence at the end says what nobody wrote down. */
function section(title: string, body: string): string {
  return body === '' ? '' : `<h2>${title}</h2>\n${body}`;
}

function head(report: Report): string {
  const rows: (readonly [string, string])[] = [];
  const severity = severityWords(report);
  if (severity !== null) rows.push(['Severity', severity]);
  if (report.status !== null) rows.push(['Status', report.status]);
  for (const [which, label] of timeLabels) {
    const time = report.times?.[which] ?? null;
    if (time !== null) rows.push([label, `${stamp(time.at)} UTC${time.late ? ' (entered late)' : ''}`]);
  }
  rows.push(['Duration', `${formatDuration(Date.parse(report.to) - Date.parse(report.from))}${report.ongoing ? ' so far' : ''}`]);
  for (const { severity, ms } of report.severities.length > 1 ? report.timeAtSeverity : [])
    rows.push([`Time at ${severity}`, formatDuration(ms)]);
  if (report.services.length > 0) rows.push(['Services', report.services.join(', ')]);
  if (report.hosts.length > 0) rows.push(['Hosts', report.hosts.join(', ')]);
  if (report.fleet !== null) rows.push(['Fleet', report.fleet]);
  return table(
    null,
    rows.map((row) => row.map(escapeHtml)),
  );
}

/** Paragraphs and dashed lists of a text; empty when the field is. */
function prose(report: Report, field: keyof Report['analysis']): string {
  const found = report.analysis[field];
  if (found === null) return '';
  const title = analysisTitles[field];
  const parts = found.text.split('\n').filter((line) => line.trim() !== '');
  const html = parts.map((line) => {
    const item = /^\s*[-*+]\s+(.*)$/.exec(line)?.[1];
    return item === undefined ? `<p>${escapeHtml(line)}</p>` : `<li>${escapeHtml(item)}</li>`;
  });
  const lists = html.join('\n').replace(/(?:<li>.*<\/li>\n?)+/g, (items) => `<ul>${items}</ul>`);
  return `${title === null ? '' : `<h3>${escapeHtml(title)}</h3>`}${lists}`;
}

function charts(report: Report): string {
  if (report.charts.length === 0) return '<p>No console kept measurements in this time.</p>';
  // What was measured a while before and after is drawn too: only beside it can be seen what was wrong.
  const times = report.charts.flatMap((chart) => chart.lines.flatMap((line) => line.points.map(([at]) => at)));
  const from = times.reduce((least, at) => Math.min(least, at), Date.parse(report.from));
  const to = times.reduce((most, at) => Math.max(most, at), Date.parse(report.to));
  const span = report.id === null ? null : ([Date.parse(report.from), Date.parse(report.to)] as const);
  const said = span === null || (span[0] <= from && span[1] >= to) ? '' : '<p class="mark">Shaded: from its beginning to its end.</p>';
  return `${said}${report.charts.map((chart) => svgChart(chart, from, to, span)).join('\n')}`;
}

function impact(report: Report): string {
  if (report.impact.length === 0) return '';
  return `<ul>${report.impact.map((each) => `<li>${escapeHtml(impactWords(each))}</li>`).join('')}</ul>`;
}

function uncounted(report: Report): string {
  const words = uncountedWords(report);
  return words === null ? '' : `<p>${escapeHtml(words)}</p>`;
}

function playbooks(report: Report): string {
  const items = report.playbooks.map((run) => {
    const { head: first, lines } = runWords(run);
    const more = lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
    return `<li>${escapeHtml(first)}${more}</li>`;
  });
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
}

function responders(report: Report): string {
  const rows = report.responders.map(({ role, person, from, until }) =>
    [role, person, stamp(from), until === null ? '' : stamp(until)].map(escapeHtml),
  );
  return rows.length === 0 ? '' : table(['Role', 'Person', 'From (UTC)', 'Until (UTC)'], rows);
}

function timeline(items: readonly ReportItem[]): string {
  if (items.length === 0) return '';
  const rows = items.map((item) => {
    const marks = [item.who, item.by === 'person' ? 'entered' : null, item.late ? 'late' : null].filter((mark) => mark !== null).join(', ');
    const command = item.command === null ? '' : ` <code>${escapeHtml(item.command)}</code>`;
    const event = `${escapeHtml(item.text)}${command}${marks === '' ? '' : ` <span class="mark">(${escapeHtml(marks)})</span>`}`;
    const { journal, file, sha256 } = item.evidence;
    const link = [file === null ? null : `${file} sha256 ${sha256 ?? ''}`, journal === null ? null : `journal\u00a0${journal}`].filter(
      (part) => part !== null,
    );
    return `<tr${item.by === 'person' ? ' class="entered"' : ''}><td>${escapeHtml(stamp(item.at))}</td><td>${event}</td><td>${escapeHtml(link.join(', '))}</td></tr>`;
  });
  return `<table><thead><tr><th>Time (UTC)</th><th>Event</th><th>Data\u00a0Link</th></tr></thead>${rows.join('\n')}</table>`;
}

function decisions(report: Report): string {
  const rows = report.decisions.map(({ at, question, options, outcome, executes }) =>
    [stamp(at), question, options.join(' / '), outcome, executes ?? ''].map(escapeHtml),
  );
  return rows.length === 0 ? '' : table(['Time (UTC)', 'Question', 'Options', 'Outcome', 'Executes'], rows);
}

function actionItems(report: Report): string {
  const rows = report.followUps.map(({ text, owner, ticket, due, done }) =>
    [done ? 'done' : 'open', text, owner ?? 'nobody yet', ticket ?? '', due ?? ''].map(escapeHtml),
  );
  const owed = report.debts.map((debt) => ['open', `put back: ${debt}`, '', '', ''].map(escapeHtml));
  if (report.variant === 'external') return '';
  return rows.length + owed.length === 0
    ? '<p>None were noted.</p>'
    : table(['State', 'What', 'Owner', 'Ticket', 'Due'], [...rows, ...owed]);
}

function messages(report: Report): string {
  const rows = report.updates.map(({ at, to, text }) => [stamp(at), to.join(', '), text].map(escapeHtml));
  return rows.length === 0 ? '' : table(['Time (UTC)', 'To', 'Text'], rows);
}

function table(header: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], cell: 'td' | 'th'): string =>
    `<tr>${cells.map((text) => `<${cell}>${text}</${cell}>`).join('')}</tr>`;
  return `<table>${header === null ? '' : `<thead>${line(header, 'th')}</thead>`}${rows.map((row) => line(row, 'td')).join('\n')}</table>`;
}

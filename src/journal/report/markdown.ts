import { formatDuration } from '../../fleet/duration.ts';
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
import { escapeMarkdown, escapeMarkdownBlock, markdownCode } from './escape.ts';
import type { Report, ReportItem } from './report.ts';

/** A report as Markdown, in the order of PagerDuty's post-mortem template. Everything that came from outside is escaped. */
export function reportMarkdown(report: Report): string {
  const heading = report.id === null ? escapeMarkdown(report.title) : `${report.id}: ${escapeMarkdown(report.title)}`;
  const blocks = [
    `# ${heading}`,
    head(report),
    section('Overview', block(report, 'overview')),
    section('What happened', block(report, 'what-happened')),
    section('Contributing factors', joined(block(report, 'contributing-factors'), block(report, 'own-actions-that-made-it-worse'))),
    section('Resolution', joined(block(report, 'resolution-temporary'), block(report, 'resolution-lasting'))),
    section('Impact', impact(report)),
    section('Responders', responders(report)),
    section('Timeline', timeline(report)),
    section('Decisions', decisions(report)),
    section('Playbooks', playbooks(report)),
    section('What went well', block(report, 'went-well')),
    section('What went wrong', block(report, 'went-wrong')),
    section('Action items', actionItems(report)),
    section('Messages', messages(report)),
    `---\n\n${[missingWords(report), noteWords(report)].flatMap((words) => (words === null ? [] : [escapeMarkdown(words)])).join('\n\n')}`,
  ];
  return `${blocks.filter((part) => part !== null).join('\n\n')}\n`;
}

function section(title: string, body: string | null): string | null {
  return body === null ? null : `## ${title}\n\n${body}`;
}

function joined(...parts: readonly (string | null)[]): string | null {
  const there = parts.filter((part) => part !== null && part !== '');
  return there.length === 0 ? null : there.join('\n\n');
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
  const length = formatDuration(Date.parse(report.to) - Date.parse(report.from));
  rows.push(['Duration', `${length}${report.ongoing ? ' so far' : ''}`]);
  if (report.severities.length > 1)
    rows.push(['Time at severity', report.timeAtSeverity.map(({ severity, ms }) => `${severity} ${formatDuration(ms)}`).join(', ')]);
  if (report.services.length > 0) rows.push(['Services', report.services.join(', ')]);
  if (report.hosts.length > 0) rows.push(['Hosts', report.hosts.join(', ')]);
  if (report.fleet !== null) rows.push(['Fleet', report.fleet]);
  return table(
    ['', ''],
    rows.map(([label, value]) => [escapeMarkdown(label), escapeMarkdown(value)]),
  );
}

/** The text of a field under its title where it has one of its own; `null` when the field is empty: it is left out, and said at the end. */
function block(report: Report, field: keyof Report['analysis']): string | null {
  const found = report.analysis[field];
  if (found === null) return null;
  const title = analysisTitles[field];
  return `${title === null ? '' : `**${title}**\n\n`}${escapeMarkdownBlock(found.text)}`;
}

function impact(report: Report): string | null {
  const numbers = report.impact.map((each) => `- ${escapeMarkdown(impactWords(each))}`).join('\n');
  const said = block(report, 'impact');
  // What the record tells is a number more of the same list.
  const isNumber = report.analysis.impact?.by === 'machine';
  const both = isNumber ? [numbers, said].filter((part) => part !== '' && part !== null).join('\n') : joined(numbers, said);
  return joined(both, uncountedWords(report));
}

function responders(report: Report): string | null {
  if (report.responders.length === 0) {
    const who = [
      ...new Set(report.timeline.filter((item) => item.by === 'person' || item.source === 'change').flatMap((item) => item.who ?? [])),
    ];
    return who.length === 0 ? null : `No roles were taken. In the record: ${who.map(escapeMarkdown).join(', ')}.`;
  }
  const rows = report.responders.map(({ role, person, from, until }) => [
    role,
    escapeMarkdown(person),
    stamp(from),
    until === null ? '' : stamp(until),
  ]);
  return table(['Role', 'Person', 'From (UTC)', 'Until (UTC)'], rows);
}

function timeline(report: Report): string {
  const shown = report.timeline.filter((item) => item.significant);
  if (shown.length === 0) return 'Nothing was recorded in this time.';
  // Outside there is no proof to link to, and everything is told by us.
  if (report.variant === 'external')
    return table(
      ['Time (UTC)', 'Event'],
      shown.map((item) => [stamp(item.at), escapeMarkdown(item.text)]),
    );
  const rows = shown.map((item) => [stamp(item.at), eventCell(item), linkCell(item)]);
  return table(['Time (UTC)', 'Event', 'Data Link'], rows);
}

function eventCell(item: ReportItem): string {
  const marks = [item.by === 'person' ? 'entered' : null, item.late ? 'late' : null].filter((mark) => mark !== null);
  const who = item.by === 'person' || item.source === 'change' || item.source === 'run' ? item.who : null;
  const tail = [who === null ? null : escapeMarkdown(who), ...marks].filter((part) => part !== null);
  const command = item.command === null ? '' : ` ${markdownCode(item.command)}`;
  return `${escapeMarkdown(item.text)}${command}${tail.length === 0 ? '' : ` *(${tail.join(', ')})*`}`;
}

function linkCell({ evidence }: ReportItem): string {
  const journal = evidence.journal === null ? null : `journal ${evidence.journal}`;
  const file = evidence.file === null ? null : `${markdownCode(evidence.file)} sha256 ${evidence.sha256 ?? 'not known'}`;
  return [file, journal].filter((part) => part !== null).join(', ');
}

function decisions(report: Report): string | null {
  if (report.decisions.length === 0) return null;
  const rows = report.decisions.map(({ at, question, options, outcome, executes }) => [
    stamp(at),
    escapeMarkdown(question),
    escapeMarkdown(options.join(' / ')),
    escapeMarkdown(outcome),
    escapeMarkdown(executes ?? ''),
  ]);
  return table(['Time (UTC)', 'Question', 'Options', 'Outcome', 'Executes'], rows);
}

function playbooks(report: Report): string | null {
  if (report.playbooks.length === 0) return null;
  return report.playbooks
    .map((run) => {
      const { head: first, lines } = runWords(run);
      return [`- ${escapeMarkdown(first)}`, ...lines.map((line) => `  - ${escapeMarkdown(line)}`)].join('\n');
    })
    .join('\n');
}

function actionItems(report: Report): string | null {
  const rows = report.followUps.map(({ text, owner, ticket, due, done }) => [
    done ? 'done' : 'open',
    escapeMarkdown(text),
    escapeMarkdown(owner ?? 'nobody yet'),
    escapeMarkdown(ticket ?? ''),
    escapeMarkdown(due ?? ''),
  ]);
  const owed = report.debts.map((debt) => ['open', escapeMarkdown(`put back: ${debt}`), '', '', '']);
  const all = [...rows, ...owed];
  if (report.variant === 'external') return null;
  if (all.length === 0) return 'None were noted.';
  return table(['State', 'What', 'Owner', 'Ticket', 'Due'], all);
}

function messages(report: Report): string | null {
  const sent = report.updates.map(
    ({ at, to, text }) => `- ${stamp(at)}${to.length === 0 ? '' : ` to ${escapeMarkdown(to.join(', '))}`}: ${escapeMarkdown(text)}`,
  );
  return joined(sent.length === 0 ? null : sent.join('\n'), block(report, 'messages-internal'), block(report, 'messages-external'));
}

/** Cells are escaped already; a row never spans lines. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

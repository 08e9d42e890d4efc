import { formatDuration } from '../../fleet/duration.ts';
import { analysisTitles, noteWords, stamp, timeLabels } from './report-words.ts';
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
    section('Contributing factors', joined(block(report, 'contributing-factors'), block(report, 'own-actions-that-made-it-worse', true))),
    section(
      'Resolution',
      joined(block(report, 'resolution-temporary', true), block(report, 'resolution-lasting', true)) ?? 'Nothing was recorded.',
    ),
    section('Impact', impact(report)),
    section('Responders', responders(report)),
    section('Timeline', timeline(report)),
    section('Decisions', decisions(report)),
    section('Playbooks', playbooks(report)),
    section('What went well', block(report, 'went-well')),
    section('What went wrong', block(report, 'went-wrong')),
    section('Action items', actionItems(report)),
    section('Messages', messages(report)),
    `---\n\n${escapeMarkdown(noteWords(report))}`,
  ];
  // People outside need not read what we did not write down.
  const shown = blocks.filter((part) => part !== null && !(report.variant === 'external' && emptySection.test(part)));
  return `${shown.join('\n\n')}\n`;
}

const emptySection = /^## .*\n\n(Nothing was recorded|No numbers were recorded|Nobody took a role|None were recorded|None)\.$/;

function section(title: string, body: string | null): string | null {
  return body === null ? null : `## ${title}\n\n${body}`;
}

function joined(...parts: readonly (string | null)[]): string | null {
  const there = parts.filter((part) => part !== null && part !== '');
  return there.length === 0 ? null : there.join('\n\n');
}

function head(report: Report): string {
  const rows: (readonly [string, string])[] = [];
  if (report.severity !== null) rows.push(['Severity', report.severity]);
  if (report.status !== null) rows.push(['Status', report.status]);
  for (const [which, label] of timeLabels) {
    const time = report.times?.[which] ?? null;
    if (time !== null) rows.push([label, `${stamp(time.at)}${time.late ? ' (entered late)' : ''}`]);
  }
  const length = formatDuration(Date.parse(report.to) - Date.parse(report.from));
  rows.push(['Duration', `${length}${report.ongoing ? ' so far' : ''}`]);
  if (report.severities.length > 1)
    rows.push(['Time at severity', report.timeAtSeverity.map(({ severity, ms }) => `${severity} ${formatDuration(ms)}`).join(', ')]);
  if (report.services.length > 0) rows.push(['Services', report.services.join(', ')]);
  if (report.hosts.length > 0) rows.push(['Hosts', report.hosts.join(', ')]);
  if (report.fleet !== null) rows.push(['Fleet', report.fleet]);
  return table(
    ['', 'UTC'],
    rows.map(([label, value]) => [escapeMarkdown(label), escapeMarkdown(value)]),
  );
}

/** The text of a field under its title where it has one of its own; `null` when the field is empty and may be left out. */
function block(report: Report, field: keyof Report['analysis'], optional = false): string | null {
  const found = report.analysis[field];
  if (found === null) return optional ? null : 'Nothing was recorded.';
  const title = analysisTitles[field];
  return `${title === null ? '' : `**${title}**\n\n`}${escapeMarkdownBlock(found.text)}`;
}

function impact(report: Report): string {
  const numbers = report.impact.map(
    ({ name, value, unit }) => `- ${escapeMarkdown(name)}: ${value}${unit === null ? '' : ` ${escapeMarkdown(unit)}`}`,
  );
  return joined(numbers.length === 0 ? null : numbers.join('\n'), block(report, 'impact', true)) ?? 'No numbers were recorded.';
}

function responders(report: Report): string {
  if (report.responders.length === 0) {
    const who = [
      ...new Set(report.timeline.filter((item) => item.by === 'person' || item.source === 'change').flatMap((item) => item.who ?? [])),
    ];
    return who.length === 0 ? 'Nobody took a role.' : `No roles were taken. In the record: ${who.map(escapeMarkdown).join(', ')}.`;
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
  const file = evidence.file === null ? null : `${markdownCode(evidence.file)} sha256 ${(evidence.sha256 ?? '').slice(0, 12)}`;
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
    .map(({ playbook, title, result, sha256, skipped }) => {
      const left = skipped.map(({ step, why }) => `  - skipped ${escapeMarkdown(step)}: ${escapeMarkdown(why)}`);
      const version = sha256 === null ? '' : ` (sha256 ${sha256.slice(0, 12)})`;
      return [`- ${escapeMarkdown(playbook)}: ${escapeMarkdown(title)}: ${escapeMarkdown(result ?? 'not ended')}${version}`, ...left].join(
        '\n',
      );
    })
    .join('\n');
}

function actionItems(report: Report): string {
  const rows = report.followUps.map(({ text, owner, ticket, due, done }) => [
    done ? 'done' : 'open',
    escapeMarkdown(text),
    escapeMarkdown(owner ?? 'nobody yet'),
    escapeMarkdown(ticket ?? ''),
    escapeMarkdown(due ?? ''),
  ]);
  const owed = report.debts.map((debt) => ['open', escapeMarkdown(`put back: ${debt}`), '', '', '']);
  const all = [...rows, ...owed];
  return all.length === 0 ? 'None.' : table(['State', 'What', 'Owner', 'Ticket', 'Due'], all);
}

function messages(report: Report): string {
  const sent = report.updates.map(
    ({ at, to, text }) => `- ${stamp(at)} to ${escapeMarkdown(to.length === 0 ? 'everyone' : to.join(', '))}: ${escapeMarkdown(text)}`,
  );
  const all = joined(
    sent.length === 0 ? null : sent.join('\n'),
    block(report, 'messages-internal', true),
    block(report, 'messages-external', true),
  );
  return all ?? 'None were recorded.';
}

/** Cells are escaped already; a row never spans lines. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

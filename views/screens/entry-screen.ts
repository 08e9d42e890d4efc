import type { Entry, JsonValue } from '../../src/journal/entry.ts';
import { duration } from '../format.ts';
import { allRows, lookBack } from '../journal-flow.ts';
import type { JournalRow } from '../journal-rows.ts';
import { listUnder, numberUnder, textUnder, under } from '../json-read.ts';
import type { Scene } from '../scene.ts';
import { blank, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { field } from './card-field.ts';
import { heading } from './host-words.ts';

/** One line of the command log in full: the plan, the exact commands, exit and output, the evidence, the entries themselves. */
export function entryScreen(scene: Scene, seq: number, scroll: number, height: number): string[] {
  const { columns, theme, viewport, console } = scene;
  const row = allRows(console.journal.tail(lookBack)).find((one) => one.key === seq) ?? null;
  const lines =
    row === null
      ? [line('This entry is further back than the command log looks; quarterdeck journal tail shows it.')]
      : entryLines(row, columns - 2);
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = height;
  viewport.shown = lines.slice(viewport.top, viewport.top + height).map(plainText);
  return lines.slice(viewport.top, viewport.top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

function entryLines(row: JournalRow, width: number): Line[] {
  const first = row.entries[0];
  const outcome = row.entries.findLast((entry) => entry.kind === 'outcome');
  const items = row.entries.filter((entry) => entry.kind === 'bulk-item' || entry.kind === 'bulk-end');
  const plan = under(first?.detail, 'plan');
  // Of a run's steps the line itself is the title: their entries hold events, not words.
  const title = first?.kind === 'run' ? row.what : (textUnder(first?.detail, 'title') ?? row.kind);
  return [
    ...wrap(title, width).map((part) => line(part, 'strong')),
    [span(`${glyphOf(row.health)} ${row.outcome}`, row.health)],
    ...field('when', `${new Date(row.at).toISOString()}${row.tookMs === null ? '' : `, took ${duration(row.tookMs)}`}`, width),
    ...field('who', row.who, width),
    ...field('env', row.env ?? '–', width),
    ...field('on', row.targets === '' ? '–' : row.targets, width, 'strong'),
    ...(row.command === null ? [] : field('runs', row.command, width, 'accent')),
    ...texts(first, ['reason', 'approvedBy', 'brokeLockOf', 'message', 'text', 'why'], width),
    ...(outcome === undefined ? [] : texts(outcome, ['summary', 'message'], width)),
    ...listUnder(outcome?.detail, 'evidence').flatMap((item) => (typeof item === 'string' ? field('evidence', `· ${item}`, width) : [])),
    ...listUnder(outcome?.detail, 'commands').flatMap((command) => commandLines(command, width)),
    ...(first?.kind === 'run' ? runLines(row, width) : []),
    ...(plan === null ? [] : planLines(plan, width)),
    ...items.flatMap((entry) => itemLines(entry, width)),
    blank,
    heading(row.entries.length === 1 ? 'entry' : 'entries'),
    ...row.entries.flatMap((entry) => [
      ...field(String(entry.seq), `${entry.at}  ${entry.kind}${entry.outcome === null ? '' : ` ${entry.outcome}`}`, width),
      ...field('', `hash ${entry.hash}`, width, 'dim'),
    ]),
  ];
}

/** What a step of a run saw. */
function runLines(row: JournalRow, width: number): Line[] {
  const run = row.entries[0]?.actionId ?? null;
  const seen = row.entries.flatMap((entry) => listUnder(under(entry.detail, 'event'), 'evidence'));
  return [
    ...(run === null ? [] : field('run', run, width)),
    ...seen.flatMap((text, index) => (typeof text === 'string' ? field(index === 0 ? 'seen' : '', text, width) : [])),
  ];
}

const labels: Readonly<Record<string, string>> = { approvedBy: 'approved', brokeLockOf: 'lock of' };

function texts(entry: Entry | undefined, names: readonly string[], width: number): Line[] {
  return names.flatMap((name) => {
    const found = textUnder(entry?.detail, name);
    return found === null ? [] : field(labels[name] ?? name, found, width);
  });
}

function commandLines(command: JsonValue, width: number): Line[] {
  const exit = numberUnder(command, 'exit');
  const ms = numberUnder(command, 'ms');
  const end = textUnder(command, 'end');
  const token: Token = exit === 0 ? 'ok' : 'crit';
  const how = `${exit === null ? (end ?? 'no end was seen') : `exit ${exit}`}${ms === null ? '' : ` after ${duration(ms)}`}`;
  return [
    ...field('ended', how, width, token),
    ...outputLines('output', textUnder(command, 'stdout'), width),
    ...outputLines('errors', textUnder(command, 'stderr'), width),
  ];
}

function outputLines(label: string, text: string | null, width: number): Line[] {
  if (text === null || text.trim() === '') return [];
  return text
    .trimEnd()
    .split('\n')
    .flatMap((part, index) => field(index === 0 ? label : '', part, width));
}

function planLines(plan: JsonValue, width: number): Line[] {
  const commands = listUnder(plan, 'commands').flatMap((command) => {
    const text = textUnder(command, 'command');
    return text === null ? [] : field(textUnder(command, 'purpose') === 'precheck' ? 'first' : 'runs', text, width, 'accent');
  });
  const told = (name: string, label: string): Line[] =>
    listUnder(plan, name).flatMap((item, index) => {
      const text = typeof item === 'string' ? item : textUnder(item, 'text');
      return text === null ? [] : field(index === 0 ? label : '', text, width);
    });
  const undo = textUnder(plan, 'undo');
  return [
    blank,
    heading('plan'),
    ...commands,
    ...told('now', 'before'),
    ...told('proofs', 'proof'),
    ...told('warnings', 'beware'),
    ...told('others', 'also here'),
    ...(undo === null ? [] : field('undo', undo, width)),
  ];
}

function itemLines(entry: Entry, width: number): Line[] {
  const text = textUnder(entry.detail, 'text') ?? textUnder(entry.detail, 'why') ?? '';
  const name = entry.kind === 'bulk-end' ? 'the run' : entry.targets.join(' ');
  return wrap(`${name}: ${entry.outcome ?? ''} ${text}`.trim(), width).map((part) => line(part));
}

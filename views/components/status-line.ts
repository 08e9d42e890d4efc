import { isOver } from '../bulk-flow.ts';
import { chipText, parseFilter } from '../filter.ts';
import { marked } from '../bindings/binding.ts';
import { plural } from '../format.ts';
import { noticeWords } from '../notice-words.ts';
import { clip } from '../terminal/width.ts';
import { liveWords } from '../live-words.ts';
import { sortColumns } from '../order.ts';
import type { Scene } from '../scene.ts';
import { join, justify, type Line, span, type Span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { screenOf } from '../state.ts';
import { drawField } from './text-field.ts';

/** A note stays this long unless a key takes it away, ms. */
const noteMs = 10_000;

/** The line above the footer: the field being typed in, or what was just said, and what is in force (filter, sort, marks, changes under way). */
export function statusLine(scene: Scene): Line {
  const { ui } = scene;
  const right = [...position(scene), span(' ')];
  if (ui.input !== null) {
    const sign = ui.input.kind === 'filter' ? '/' : ':';
    return justify([span(` ${sign}`, 'accent'), ...drawField(ui.input.field)], right, scene.columns);
  }
  if (ui.chord === 'sort') {
    const offers = sortColumns.flatMap((column) => [span(column.letter, 'key'), span(`${column.short.slice(1)}  `, 'dim')]);
    return justify([span(' sort  ', 'accent'), ...offers], [], scene.columns);
  }
  return justify([span(' '), ...join([noteOf(scene), running(scene), chips(scene), notSent(scene)], '  ')], right, scene.columns);
}

function noteOf({ ui, now }: Scene): Line {
  if (ui.note === null || now - ui.note.at > noteMs) return [];
  const { health, text } = ui.note;
  return health === null ? [span(text)] : [span(`${glyphOf(health)} ${text}`, health)];
}

/** People are not told: a word here, the whole on the screen of the sources. */
function notSent({ console, columns }: Scene): Line {
  const words = noticeWords(console.notices());
  return words === null ? [] : [span(`▲ ${clip(words, Math.max(20, Math.floor(columns / 3)))}`, 'warn')];
}

function running({ ui, fleet, now }: Scene): Line {
  const run = ui.runs.findLast((one) => !isOver(one));
  if (run !== undefined && ui.dialog === null && screenOf(ui).kind !== 'run') {
    const { items, phase } = run.state;
    const ended = items.filter((item) => item.state !== 'waiting' && item.state !== 'running').length;
    return [span(` ${run.plan.title}: ${phase}, ${ended} of ${items.length}, v shows it `, 'armed')];
  }
  // The header says what waits for a signature.
  const waiting = new Set(ui.waits.map(({ hash }) => hash));
  const [change, ...others] = ui.changes.filter((one) => one.outcome === null && !waiting.has(one.plan.hash));
  if (change === undefined || ui.dialog !== null) return [];
  const live = liveWords(fleet, change, now);
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return [span(` ${change.plan.title} ${live === null ? 'is running' : `· ${live}`}${more} `, 'armed')];
}

function chips(scene: Scene): Line {
  const { ui } = scene;
  const { kind } = screenOf(ui);
  if (!marked.includes(kind)) return [];
  const out: Span[] = [];
  const chip = (text: string): void => {
    if (out.length > 0) out.push(span(' '));
    out.push(span(` ${text} `, 'chip'));
  };
  if (kind === 'fleet') {
    for (const term of parseFilter(ui.filter)) chip(chipText(term));
    if (ui.onlyWrong) chip('only wrong');
  }
  if (kind === 'fleet' && (ui.sort.column !== 'worst' || ui.sort.reversed)) {
    const words = sortColumns.find((column) => column.id === ui.sort.column)?.words ?? ui.sort.column;
    chip(`by ${words}${ui.sort.reversed ? ', reversed' : ''}`);
  }
  if (ui.marked.size > 0) chip(`${plural(ui.marked.size, 'host')} marked`);
  return out;
}

function position(scene: Scene): Line {
  const { viewport, fleet, rows, ui } = scene;
  if (screenOf(ui).kind === 'fleet') {
    if (rows.length === 0) return [];
    const first = viewport.top + 1;
    const last = Math.min(rows.length, viewport.top + viewport.bodyRows);
    const of = rows.length === fleet.hosts.length ? plural(rows.length, 'host') : `${rows.length} of ${plural(fleet.hosts.length, 'host')}`;
    return [span(rows.length > viewport.bodyRows ? `${first}–${last} of ${of}` : of, 'dim')];
  }
  if (viewport.maxTop === 0 || screenOf(ui).kind === 'help') return [];
  if (viewport.top === 0) return [span('more below ↓', 'dim')];
  return [span(viewport.top >= viewport.maxTop ? 'end ↑' : `${Math.round((viewport.top / viewport.maxTop) * 100)}% ↑↓`, 'dim')];
}

import type { RoutineState } from '../../src/journal/routines.ts';
import { duration, plural, shortTime } from '../format.ts';
import { routineIndex } from '../routine-flow.ts';
import type { Scene } from '../scene.ts';
import { fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { widthOf, wrap } from '../terminal/width.ts';

/** The daily and weekly duties of the fleet file: who did what when, and what is due. */
export function routinesScreen(scene: Scene, cursor: string | null, height: number): string[] {
  const { columns, theme, viewport, console, now } = scene;
  const rows = console.routines.list();
  const at = routineIndex(rows, cursor);
  const room = Math.max(1, height - 1);
  viewport.maxTop = Math.max(0, rows.length - room);
  viewport.top = Math.max(Math.min(viewport.top, viewport.maxTop, at), at - room + 1, 0);
  viewport.bodyRows = room;
  const due = rows.filter((row) => row.due).length;
  const title: Line = [
    span('routines  ', 'strong'),
    span(due === 0 ? 'nothing is due' : `${due} of ${plural(rows.length, 'duty', 'duties')} due`, due === 0 ? 'dim' : 'warn'),
  ];
  if (rows.length === 0)
    return [
      title,
      ...wrap('The fleet file names no duties: its section "routines" lists daily and weekly ones.', columns - 2).map((part) =>
        line(part, 'dim'),
      ),
    ].map((spans) => paint(theme, [span(' '), ...spans], columns));
  const label = Math.min(Math.max(44, columns - 70), Math.max(...rows.map((row) => widthOf(row.text))));
  return [
    paint(theme, [span(' '), ...title], columns),
    ...rows.slice(viewport.top, viewport.top + room).flatMap((row, index) => {
      const spans = rowLine(row, label, now);
      const isCursor = viewport.top + index === at;
      const drawn = paint(
        theme,
        [span(' '), ...(isCursor ? [span(plainText(fitLine(spans, columns - 2)))] : spans)],
        columns,
        isCursor ? 'cursor' : null,
      );
      // Where the line is cut, what the cursor is on is told whole.
      const cut = isCursor && widthOf(plainText(spans)) > columns - 2 ? wrap(`${row.text}: ${lastWords(row, now)}`, columns - 6) : [];
      return [drawn, ...cut.map((part) => paint(theme, [span('     '), span(part, 'dim')], columns))];
    }),
  ].slice(0, height);
}

function rowLine(row: RoutineState, label: number, now: number): Line {
  const { done, due, period, text } = row;
  const sign = due ? '[ ]' : done?.state === 'skipped' ? '[–]' : '[x]';
  return [
    span(`${sign} `, due ? 'warn' : 'ok'),
    span(period.padEnd(8), 'dim'),
    ...fitLine(line(text, due ? 'strong' : 'text'), label),
    span('  '),
    span(lastWords(row, now), 'dim'),
  ];
}

/** Who did it when, and by when it is due. */
function lastWords({ done, due, until }: RoutineState, now: number): string {
  const last =
    done === null ? 'never done' : `${done.state} ${shortTime(done.at, now)} by ${done.who}${done.note === null ? '' : `: ${done.note}`}`;
  return due ? `${last}; due within ${duration(until - now)}` : last;
}

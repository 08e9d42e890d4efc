import { followLines } from '../list-rows.ts';
import type { Scene } from '../scene.ts';
import type { Line } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { wrap } from '../terminal/width.ts';
import { span } from '../terminal/line.ts';
import type { Token } from '../theme.ts';

/** A line of a list whose rows may take several; those of one row carry its key, and the first of them is the cursor's. */
export interface ListedLine {
  /** Or how it is drawn, where a list is long: only lines in sight are. */
  readonly spans: Line | (() => Line);
  readonly key: string | null;
  /** Belongs to the row that follows: in sight with it. */
  readonly heads: boolean;
}

export const headLine = (spans: Line): ListedLine => ({ spans, key: null, heads: true });

export const rowLine = (key: string, spans: ListedLine['spans']): ListedLine => ({ spans, key, heads: false });

/** A sentence under its row, wrapped. */
export function noteLines(text: string, indent: number, width: number, token: Token): Line[] {
  return wrap(text, width - indent).map((part) => [span(' '.repeat(indent)), span(part, token)]);
}

/** `height` painted lines, scrolled so that the row with the cursor and what is said under it can be seen. */
export function drawListed(scene: Scene, lines: readonly ListedLine[], cursor: string | null, height: number): string[] {
  const { columns, theme, viewport } = scene;
  const at = cursor === null ? -1 : lines.findIndex((one) => one.key === cursor);
  const end = lines.findLastIndex((one) => one.key === cursor && cursor !== null);
  let from = Math.max(0, at);
  while (from > 0 && lines[from - 1]?.heads === true) from -= 1;
  // Heads of a long block give way to the row itself.
  const shownFrom = at - from < height - 1 ? from : Math.max(0, at);
  viewport.top = followLines(viewport.top, shownFrom, Math.max(0, end), height, lines.length);
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.bodyRows = height;
  return lines
    .slice(viewport.top, viewport.top + height)
    .map(({ spans }, index) =>
      paint(theme, typeof spans === 'function' ? spans() : spans, columns, viewport.top + index === at ? 'cursor' : null),
    );
}

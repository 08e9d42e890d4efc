import type { Series } from '../../src/fleet/series.ts';
import type { HostView } from '../../src/fleet/view.ts';
import type { Scene } from '../scene.ts';
import { line, type Line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';

const seriesShown = 20;

/** The host as JSON, series as their newest values. */
export function hostJson(view: HostView): string {
  const tail = (series: Series): (number | null)[] =>
    series.tail(seriesShown).map((value) => (value === null ? null : Math.round(value * 100) / 100));
  const { series, ...rest } = view;
  const tails = Object.fromEntries(Object.entries(series).map(([name, values]: [string, Series]) => [name, tail(values)]));
  return JSON.stringify({ ...rest, series: tails }, null, 2);
}

const texts = new WeakMap<HostView, readonly string[]>();

function jsonLines(view: HostView): readonly string[] {
  const known = texts.get(view);
  if (known !== undefined) return known;
  // A list of plain numbers reads better on one line.
  const made = hostJson(view)
    .replace(/\[\s+((?:-?[\d.]+|null)(?:,\s+(?:-?[\d.]+|null))*)\s+\]/g, (_, inner: string) => `[${inner.replace(/\s+/g, ' ')}]`)
    .split('\n');
  texts.set(view, made);
  return made;
}

export function rawScreen(scene: Scene, view: HostView | null, scroll: number, height: number): string[] {
  const { viewport, columns, theme } = scene;
  const lines = view === null ? ['This host is not known any more.'] : jsonLines(view);
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = height;
  viewport.shown = lines.slice(viewport.top, viewport.top + height);
  return lines.slice(viewport.top, viewport.top + height).map((text) => paint(theme, [span(' '), ...jsonSpans(text)], columns));
}

function jsonSpans(text: string): Line {
  const found = /^(\s*)("(?:[^"\\]|\\.)*":)(.*)$/.exec(text);
  if (found === null) return line(text);
  return [span(found[1] ?? ''), span(found[2] ?? '', 'key'), span(found[3] ?? '')];
}

import type { CheckSample } from '../../src/fleet/sample.ts';
import { healthRank } from '../../src/fleet/health.ts';
import type { HostView, ServiceView } from '../../src/fleet/view.ts';
import { duration } from '../format.ts';
import { serviceWords, servicesWorstFirst } from '../host-figures.ts';
import type { Scene } from '../scene.ts';
import { blank, join, type Line, span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { chartGrid, chartsAcross, hostFigures } from './host-charts.ts';
import { heading, hostTitle, hostWords } from './host-words.ts';

/** A pane lower than this names what is well in one line, so that there is room for a chart. */
const roomyHeight = 24;
const leastChartHeight = 3;

/** The selected host beside or below the table: words first, then services, then checks, then as many charts as there is room for. */
export function detailPane(scene: Scene, view: HostView, width: number, height: number): Line[] {
  const tight = height < roomyHeight;
  const out: Line[] = [hostTitle(scene, view, width), ...hostWords(scene, view, width)];
  const gap = (): void => {
    if (!tight) out.push(blank);
  };
  gap();
  const said = new Set(view.verdict.reasons.map((reason) => reason.text));
  const services = servicesWorstFirst(view);
  out.push(...listed('services', services, tight, (service) => serviceLine(service, said)));
  gap();
  out.push(...listed('checks', worstFirst(view.checks), tight, checkLine));
  gap();

  const left = height - out.length;
  const figures = hostFigures(view, scene.console.limits);
  const across = chartsAcross(width, figures.length);
  const rows = Math.ceil(figures.length / across);
  const each = Math.max(leastChartHeight, Math.min(5, Math.floor(left / rows) - 1));
  const fitting = Math.floor(left / (each + 1)) * across;
  if (fitting > 0) out.push(...chartGrid(figures.slice(0, fitting), width, each));
  return out.slice(0, height);
}

/** What is wrong has a line each; so has what is well, where there is room, else all of it together has one. */
function listed<Item extends ServiceView | CheckSample>(
  title: string,
  items: readonly Item[],
  tight: boolean,
  draw: (item: Item) => Line,
): Line[] {
  if (items.length === 0) return [];
  if (!tight) return [heading(title), ...items.slice(0, 10).map(draw)];
  const poor = items.filter((item) => healthRank(item.health) > 0);
  const well = items.filter((item) => healthRank(item.health) === 0);
  const names = well.map((item): Line => [span(`${glyphOf(item.health)} `, item.health), span(item.name)]);
  const rest: Line = names.length === 0 ? [] : [span(title.padEnd(9), 'dim'), ...join(names, '  ')];
  return [...poor.slice(0, 4).map((item): Line => [span(title.padEnd(9), 'dim'), ...draw(item)]), ...(rest.length === 0 ? [] : [rest])];
}

function serviceLine(service: ServiceView, said: ReadonlySet<string>): Line {
  const words = [
    serviceWords(service) || service.state,
    service.sinceMs === null ? null : `for ${duration(service.sinceMs)}`,
    ...service.reasons.filter((reason) => !said.has(reason)),
  ].filter((word) => word !== null);
  return [
    span(`${glyphOf(service.health)} `, service.health),
    span(`${service.name}  `),
    span(words.join(' · '), service.health === 'ok' ? 'dim' : service.health),
  ];
}

function checkLine(check: CheckSample): Line {
  return [span(`${glyphOf(check.health)} `, check.health), span(`${check.name}  `), span(check.detail, 'dim')];
}

function worstFirst(checks: readonly CheckSample[]): CheckSample[] {
  return [...checks].sort((a, b) => healthRank(b.health) - healthRank(a.health));
}

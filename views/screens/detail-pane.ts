import type { HostView } from '../../src/fleet/view.ts';
import { clockTime, duration } from '../format.ts';
import { serviceWords, servicesWorstFirst } from '../host-figures.ts';
import type { Scene } from '../scene.ts';
import { blank, clipLine, type Line, span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { chartGrid, hostFigures } from './host-charts.ts';
import { heading, hostTitle, hostWords } from './host-words.ts';

/** The selected host beside the table on wide terminals: words first, then services, then as many charts as there is room for. */
export function detailPane(scene: Scene, view: HostView, width: number, height: number): Line[] {
  const out: Line[] = [clipLine(hostTitle(scene, view), width), ...hostWords(scene, view, width), blank];
  if (view.services.length > 0) {
    out.push(heading('services'));
    for (const service of servicesWorstFirst(view).slice(0, Math.max(3, Math.floor(height / 3)))) {
      const words = [
        serviceWords(service) || service.state,
        service.sinceMs === null ? null : `for ${duration(service.sinceMs)}`,
        ...service.reasons,
      ];
      out.push([
        span(`${glyphOf(service.health)} `, service.health),
        span(`${service.name}  `),
        span(words.filter((word) => word !== null).join(' · '), service.health === 'ok' ? 'dim' : service.health),
      ]);
    }
    out.push(blank);
  }
  if (view.checks.length > 0) {
    out.push(heading('checks'));
    for (const check of view.checks.slice(0, 6)) {
      out.push([
        span(`${glyphOf(check.health)} `, check.health),
        span(`${check.name}  `),
        span(`${check.detail}  ${clockTime(check.at)}`, 'dim'),
      ]);
    }
    out.push(blank);
  }
  const left = height - out.length;
  const across = Math.max(1, Math.floor((width + 2) / 38));
  const figures = hostFigures(view, scene.console.limits);
  const rows = Math.ceil(figures.length / across);
  const each = Math.max(2, Math.min(5, Math.floor(left / rows) - 1));
  const fitting = Math.floor(left / (each + 1)) * across;
  if (fitting > 0) out.push(...chartGrid(figures.slice(0, fitting), width, each));
  return out.slice(0, height);
}

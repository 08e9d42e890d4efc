import type { HostView, ServiceView } from '../../src/fleet/view.ts';
import type { Column } from '../components/table.ts';
import { duration, withoutHost } from '../format.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { clipMiddle, widthOf, wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { heading } from './host-words.ts';
import { drawTable, longest, numberColumn, textColumn } from './small-table.ts';

/** Services in the order of the fleet file. The first service stands on line `servicesAt` of the section. */
export const servicesAt = 2;

export function serviceTable(view: HostView, width: number): Line[] {
  if (view.services.length === 0) return [heading('services', 'the fleet file names none here'), blank];
  const name = longest(
    view.services.map((one) => one.name),
    8,
    24,
  );
  const columns: Column<ServiceView>[] = [
    {
      id: 'name',
      title: () => '  SERVICE',
      min: name + 2,
      ideal: name + 2,
      max: name + 2,
      priority: 100,
      align: 'left',
      cell: (one, room) => [span(`${glyphOf(one.health)} `, one.health), span(clipMiddle(one.name, room - 2), 'strong')],
    },
    textColumn(
      'state',
      'STATE',
      10,
      10,
      90,
      (one) => one.state,
      (one) => (one.health === 'ok' ? 'text' : one.health),
    ),
    textColumn(
      'sub',
      'MANAGER SAYS',
      14,
      26,
      30,
      (one) => one.sub ?? '–',
      () => 'dim',
    ),
    numberColumn('since', 'SINCE', 6, 80, (one) => duration(one.sinceMs)),
    numberColumn(
      'restarts',
      'RESTARTS',
      8,
      70,
      (one) => (one.restarts === null ? '–' : String(one.restarts)),
      (one) => ((one.restarts ?? 0) > 0 ? 'warn' : 'text'),
    ),
    numberColumn(
      'pid',
      'PID',
      7,
      20,
      (one) => (one.pid === null ? '–' : String(one.pid)),
      () => 'dim',
    ),
    {
      id: 'why',
      title: () => 'WHY',
      min: 12,
      ideal: 30,
      max: 200,
      priority: 85,
      align: 'left',
      cell: (one) => [span(serviceWhy(one), one.health === 'ok' ? 'dim' : one.health)],
    },
  ];
  return drawTable(heading('services'), columns, view.services, width);
}

/** Every reason once; what a longer one contains already is left out. */
function serviceWhy(one: ServiceView): string {
  const result = one.result !== null && one.result !== 'success' ? one.result : null;
  const words = [...new Set([...one.reasons, one.detail, result].filter((text) => text !== null))].filter((text) => text !== '');
  const own = words.filter((text) => !words.some((other) => other !== text && other.includes(text)));
  return own.map((text) => withoutHost(text, one.name)).join(' · ');
}

/** All that is to be said of the chosen service, where the table had no room for it. */
export function chosenServiceWords(view: HostView, chosen: number, width: number): Line[] {
  const service = view.services[chosen];
  if (service === undefined) return [];
  const words = serviceWhy(service);
  const said = view.verdict.reasons.some((reason) => withoutHost(reason.text, service.name) === words) || words === view.reach.why;
  if (words === '' || said || widthOf(words) < width - 70) return [];
  const lines = wrap(`${service.name}: ${words}`, width - 2).map((text) =>
    line(`  ${text}`, service.health === 'ok' ? 'dim' : service.health),
  );
  return [...lines, blank];
}

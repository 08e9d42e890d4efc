import type { Limit } from '../../src/fleet/definition.ts';
import type { ServiceView } from '../../src/fleet/view.ts';
import { serviceWords } from '../host-figures.ts';
import { span, type Span } from '../terminal/line.ts';
import { glyphOf, type Token } from '../theme.ts';

/** Token of a number against its limit: plain below `warn`. */
export function limitToken(value: number | null, limit: Limit | null | undefined): Token {
  if (value === null) return 'dim';
  if (limit?.crit != null && value >= limit.crit) return 'crit';
  if (limit?.warn != null && value >= limit.warn) return 'warn';
  return 'text';
}

/** `nginx ●`, `pencils ▲ 3 restarts` */
export function serviceSpans(service: ServiceView, quiet: boolean): Span[] {
  const words = serviceWords(service);
  const token: Token = quiet ? 'dim' : service.health;
  return [
    span(`${service.name} `, quiet || service.health === 'stopped' ? 'dim' : 'text'),
    span(words === '' ? glyphOf(service.health) : `${glyphOf(service.health)} ${words}`, token),
  ];
}

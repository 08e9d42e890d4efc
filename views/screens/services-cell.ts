import { healthRank, type Reason } from '../../src/fleet/health.ts';
import type { HostView, ServiceView } from '../../src/fleet/view.ts';
import { duration, withoutHost } from '../format.ts';
import { servicesWorstFirst } from '../host-figures.ts';
import { type Line, lineWidth, span, type Span } from '../terminal/line.ts';
import { clip } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { serviceSpans } from './figure-spans.ts';

/** Fewer columns of a reason say nothing. */
const leastReason = 12;

/**
 * What is wrong with a host and what runs there: services that are poorly, then what else is wrong, then the services that are well.
 * For a host that does not answer, why it does not. `quiet` is for figures that are not fresh.
 */
export function servicesCell(view: HostView, quiet: boolean, now: number, width: number): Line {
  const away = awayWords(view, now);
  if (away !== null) return away;
  const services = servicesWorstFirst(view);
  const worst = worstReason(view);
  if (worst === null) return services.length === 0 ? [span('–', 'dim')] : servicesLine(services, quiet, width);

  const poorly = services.filter((service) => healthRank(service.health) > 0);
  const well = services.slice(poorly.length);
  const out: Span[] = poorly.length === 0 ? [] : [...servicesLine(poorly, quiet, width)];
  const reserve = well.length === 0 ? 0 : `  +${well.length} ●`.length;
  const room = width - lineWidth(out) - reserve - (out.length === 0 ? 0 : 2);
  if (room >= leastReason || out.length === 0) {
    if (out.length > 0) out.push(span('  '));
    out.push(span(clip(worst.text, Math.max(leastReason, room)), quiet ? 'dim' : worst.health));
  }
  if (well.length === 0) return out;
  const left = width - lineWidth(out);
  const named = servicesLine(well, quiet, left - 2);
  return lineWidth(named) + 2 <= left ? [...out, span('  '), ...named] : [...out, ...others(well, left)];
}

/** Why nothing can be said of a host as it is now; `null` when something can. */
function awayWords({ host, reach, goneSince, sample, verdict }: HostView, now: number): Line | null {
  if (goneSince !== null) return [span(`gone ${duration(now - goneSince)}  no longer in the inventory`, 'unknown')];
  if (verdict.health === 'stopped') return [span(`${host.cloudState ?? 'stopped'}, as its cloud says`, 'dim')];
  if (reach.reach === 'connecting' && sample === null) return [span('connecting', 'dim')];
  if (reach.reach === 'unknown') return [span(reach.why ?? 'not asked yet', 'dim')];
  if (reach.reach === 'ok') return null;
  const why = reach.why === null ? [] : [span(`  ${withoutHost(reach.why, host.name)}`, 'dim')];
  const cloud = host.cloudState === 'running' ? ' (cloud: running)' : '';
  return [span(`${reach.reach} ${duration(now - reach.since)}${cloud}`, 'unknown'), ...why];
}

/** The worst thing that is not about a service, which speaks for itself. */
function worstReason({ verdict }: HostView): Reason | null {
  let worst: Reason | null = null;
  for (const reason of verdict.reasons) {
    if (reason.subject.kind === 'service') continue;
    if (worst === null || healthRank(reason.health) > healthRank(worst.health)) worst = reason;
  }
  return worst;
}

/** Services as far as they fit, the rest counted; the first is always named. */
function servicesLine(services: readonly ServiceView[], quiet: boolean, width: number): Line {
  const out: Span[] = [];
  for (const [index, service] of services.entries()) {
    const drawn = serviceSpans(service, quiet);
    const gap = index === 0 ? 0 : 2;
    const rest = services.length - index - 1;
    const reserve = rest === 0 ? 0 : `  +${rest} ●`.length;
    const left = width - lineWidth(out);
    if (index > 0 && gap + lineWidth(drawn) + reserve > left) return [...out, ...others(services.slice(index), left)];
    if (gap > 0) out.push(span('  '));
    out.push(...drawn);
  }
  return out;
}

/** `  +2 ●`: how many more there are and the worst of them, which is the first; what does not fit into `columns` is left out. */
function others(services: readonly ServiceView[], columns: number): Line {
  const worst = services[0]?.health ?? 'ok';
  const amount = span(`  +${services.length}`, 'dim');
  if (columns < amount.text.length) return [];
  return columns < amount.text.length + 2 ? [amount] : [amount, span(` ${glyphOf(worst)}`, worst === 'ok' ? 'dim' : worst)];
}

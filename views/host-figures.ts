import { healthRank } from '../src/fleet/health.ts';
import type { Series } from '../src/fleet/series.ts';
import type { HostView, ServiceView } from '../src/fleet/view.ts';

/** The newest value of a series, `null` when it was not measured. */
export function latest(series: Series): number | null {
  return series.tail(1)[0] ?? null;
}

/** The fullest local filesystem, per cent. */
export function worstDiskPct(view: HostView): number | null {
  let worst: number | null = null;
  for (const disk of view.sample?.disks ?? []) {
    if (disk.usedPct !== null && (worst === null || disk.usedPct > worst)) worst = disk.usedPct;
  }
  return worst;
}

export function loadOf(view: HostView): number | null {
  return view.sample?.cpu?.load1 ?? null;
}

export function usesNfs(view: HostView): boolean {
  return view.sample?.nfsServer != null || (view.sample?.nfsMounts?.length ?? 0) > 0;
}

/** What is wrong with the worst mount, in a word for a narrow column; `null` when all of them answer. */
export function mountTrouble(view: HostView): 'hung' | 'error' | null {
  const states = (view.sample?.nfsMounts ?? []).map((mount) => mount.state);
  return states.includes('hung') ? 'hung' : states.includes('refused') ? 'error' : null;
}

/** Worst first, else in the order of the fleet file. */
export function servicesWorstFirst(view: HostView): ServiceView[] {
  return [...view.services].sort((a, b) => healthRank(b.health) - healthRank(a.health));
}

/** Index of the service the host screen's cursor is on: the worst one until the person has moved. */
export function chosenService(view: HostView, moved: number | null): number {
  if (moved !== null) return Math.max(0, Math.min(moved, view.services.length - 1));
  const [worst] = servicesWorstFirst(view);
  return worst === undefined ? 0 : view.services.indexOf(worst);
}

/** What a service that is not simply running is doing, in a word or two; empty when all is well. */
export function serviceWords(service: ServiceView): string {
  if (service.state !== 'running') return service.state;
  if (service.health === 'ok' || service.health === 'maintenance') return '';
  if (service.listening === false) return 'not listening';
  if (service.restarts !== null && service.restarts > 0) return `${service.restarts} restart${service.restarts === 1 ? '' : 's'}`;
  return service.health;
}

/** Age of what is known of the host, ms; `null` before the first round. */
export function ageOf(view: HostView, now: number): number | null {
  return view.sample === null ? null : Math.max(0, now - view.sample.at);
}

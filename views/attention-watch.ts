import type { FleetState } from '../src/fleet/view.ts';
import { debtOwed } from '../src/health/alert-kind.ts';
import { escalateAfterMs, wedged } from '../src/health/out-of-band.ts';
import type { FleetStore } from '../src/live/store.ts';
import type { Attention } from '../src/notify/attention.ts';

/** An alert that comes back within this time is no news, ms. */
const forgottenAfterMs = 10 * 60_000;
/** A host that gives no shell for so long is wedged for good, ms; told again when somebody is to be called. */
const wedgedAfterMs = 60_000;

interface Told {
  /** When it was last there, epoch ms. */
  at: number;
}

/** Hears from the fleet what needs a person's eyes: new critical root causes, debts whose time has come, wedged hosts. Returns how to stop. */
export function watchAttention(store: FleetStore, attend: (what: Attention) => void): () => void {
  const told = new Map<string, Told>();
  const isNews = (key: string, at: number): boolean => {
    const before = told.get(key);
    told.set(key, { at });
    return before === undefined;
  };
  const look = (state: FleetState): void => {
    const crit = state.alerts.filter(isCritRoot).filter(({ id }) => isNews(`crit ${id}`, state.at)).length;
    if (crit > 0) attend({ kind: 'alerts', crit, warn: 0 });
    const debts = state.alerts.filter(({ name, labels }) => name === debtOwed && labels['debt'] !== undefined);
    if (debts.filter(({ id }) => isNews(`debt ${id}`, state.at)).length > 0) attend({ kind: 'debt', count: debts.length });
    for (const [key, forMs] of wedgedHosts(state)) {
      if (isNews(key, state.at)) attend({ kind: 'wedged', minutes: forMs / 60_000 });
    }
    for (const [key, { at }] of told) if (state.at - at > forgottenAfterMs) told.delete(key);
  };
  return store.subscribe((state) => {
    try {
      look(state);
    } catch {
      // Who publishes is not to fail by a listener; what is wrong with the state is said where it is drawn.
    }
  });
}

function isCritRoot({ severity, cause, suppressedBy, ackedBy }: FleetState['alerts'][number]): boolean {
  return severity === 'crit' && cause === null && suppressedBy === null && ackedBy === null;
}

function wedgedHosts({ hosts, at }: FleetState): readonly (readonly [string, number])[] {
  return hosts.flatMap((view) => {
    const forMs = at - view.reach.since;
    if (forMs < wedgedAfterMs || wedged(view) === null) return [];
    return [[`${forMs < escalateAfterMs ? 'wedged' : 'call'} ${view.host.id}`, forMs] as const];
  });
}

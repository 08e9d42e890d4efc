import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FleetState } from '../fleet/view.ts';

/** The one external store: screens read it by selectors; only the live fleet writes it, at most 4 times a second. */
export type FleetStore = StoreApi<FleetState>;

/** An empty fleet under its name, before anything was heard. */
export function createFleetStore(initial: { fleetName: string; title: string; demo: boolean; at: number }): FleetStore {
  return createStore<FleetState>()(() => ({
    ...initial,
    hosts: [],
    byId: new Map(),
    alerts: [],
    sources: [],
    counts: { ok: 0, warn: 0, crit: 0, unknown: 0 },
    checksHere: [],
    pools: [],
    backups: [],
    debts: [],
  }));
}

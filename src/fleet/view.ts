import type { Alert } from './alert.ts';
import type { BackupState } from './backup.ts';
import type { Debt } from './debt.ts';
import type { Health, Verdict } from './health.ts';
import type { Host, HostId } from './host.ts';
import type { Membership, PoolState } from './pool.ts';
import type { ReachState } from './reach.ts';
import type { CheckSample, Sample, ServiceSample } from './sample.ts';
import type { Series } from './series.ts';

/** A service with its verdict. */
export interface ServiceView extends ServiceSample {
  readonly health: Health;
  readonly reasons: readonly string[];
}

/** Membership of one host in one pool: `unknown` until the balancer has been read. */
export interface PoolView {
  readonly name: string;
  readonly state: Membership;
  /** Health as the balancer sees it. */
  readonly health: 'up' | 'down' | 'unknown';
  /** Connections left while draining. */
  readonly connections: number | null;
}

export interface BackupView {
  readonly name: string;
  readonly ageMs: number | null;
  readonly sizeBytes: number | null;
  readonly ok: boolean | null;
  readonly sameHost: boolean;
}

/** History of one host, one value a poll. */
export interface HostSeries {
  readonly cpuPct: Series;
  readonly iowaitPct: Series;
  readonly memoryPct: Series;
  readonly nfsIops: Series;
  readonly nfsMs: Series;
  readonly diskPct: Series;
  readonly ioIops: Series;
}

/** All the console knows of one host. A new object at every change, so that identity says whether anything changed. */
export interface HostView {
  readonly host: Host;
  readonly reach: ReachState;
  /** `null` until the first round came back; kept (and growing old) when the host stops answering. */
  readonly sample: Sample | null;
  readonly verdict: Verdict;
  readonly services: readonly ServiceView[];
  readonly checks: readonly CheckSample[];
  readonly pools: readonly PoolView[];
  readonly backups: readonly BackupView[];
  readonly series: HostSeries;
  readonly version: string | null;
  /** The inventory no longer lists it; it stays visible. Epoch ms, `null` while listed. */
  readonly goneSince: number | null;
}

/** One inventory source as it stands. */
export interface SourceView {
  readonly name: string;
  readonly ok: boolean;
  /** Epoch ms of the last good listing. */
  readonly listedAt: number | null;
  readonly hosts: number;
  readonly error: string | null;
  /** Zones or groups the source could not see. */
  readonly missing: readonly string[];
}

/** Everything the screens and the headless commands read. Replaced, never mutated; published at most 4 times a second. */
export interface FleetState {
  readonly fleetName: string;
  readonly title: string;
  readonly demo: boolean;
  /** Epoch ms of this publication. */
  readonly at: number;
  readonly hosts: readonly HostView[];
  readonly byId: ReadonlyMap<HostId, HostView>;
  readonly alerts: readonly Alert[];
  readonly sources: readonly SourceView[];
  readonly counts: { readonly ok: number; readonly warn: number; readonly crit: number; readonly unknown: number };
  /** Checks asked by this console itself. */
  readonly checksHere: readonly CheckSample[];
  /** Every pool of the fleet file. */
  readonly pools: readonly PoolState[];
  /** Every backup of the fleet file, one a host of its roles. */
  readonly backups: readonly BackupState[];
  /** What is owed back, oldest first, as this console's journal knows. */
  readonly debts: readonly Debt[];
}

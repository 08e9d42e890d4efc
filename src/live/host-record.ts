import type { Fleet } from '../fleet/definition.ts';
import { mostOf, sumOf } from '../fleet/figures.ts';
import { healthRank } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import { Series } from '../fleet/series.ts';
import type { HostSeries, HostView, PoolView } from '../fleet/view.ts';
import type { JudgedHost } from '../health/alert-source.ts';
import { judgeHost } from '../health/judge-host.ts';
import { emptyMemory, type JudgeMemory } from '../health/judge-input.ts';

/** Twenty minutes of a five-second poll. */
const seriesLength = 240;

/** What the console keeps of one host between publications; `view` is its newest picture. */
export class HostRecord {
  readonly #fleet: Fleet;
  #memory: JudgeMemory = emptyMemory;
  #notJudged: readonly string[] = [];
  readonly #checks = new Map<string, CheckSample>();
  #goodRounds = 0;
  view: HostView;

  constructor(fleet: Fleet, host: Host, nowMs: number) {
    this.#fleet = fleet;
    this.view = {
      host,
      reach: { reach: 'unknown', since: nowMs, why: null },
      sample: null,
      verdict: { health: 'unknown', reasons: [] },
      services: [],
      checks: [],
      pools: poolsOf(fleet, host, []),
      backups: [],
      series: emptySeries(),
      version: null,
      goneSince: null,
    };
    this.#judge(nowMs, {});
  }

  /** The verdict with its evidence, for alerting. */
  judged(): JudgedHost {
    const { host, reach, sample, checks, verdict } = this.view;
    return { host, reach, sample, checks, verdict, notJudged: this.#notJudged };
  }

  /** The inventory lists it (again), perhaps with another role or address. */
  listed(host: Host, nowMs: number): boolean {
    if (this.view.goneSince === null && sameHost(host, this.view.host)) return false;
    this.#judge(nowMs, { host, goneSince: null, pools: poolsOf(this.#fleet, host, []) });
    return true;
  }

  gone(nowMs: number): boolean {
    if (this.view.goneSince !== null) return false;
    this.#judge(nowMs, { goneSince: nowMs });
    return true;
  }

  reached(reach: ReachState, nowMs: number): void {
    this.#judge(nowMs, { reach });
  }

  sampled(sample: Sample, nowMs: number): void {
    pushSeries(this.view.series, sample);
    this.#judge(nowMs, { sample });
    if (isWell(this.view)) this.#goodRounds += 1;
  }

  /** What the balancers say now. Says whether that is news. */
  pooled(pools: readonly PoolState[]): boolean {
    const next = poolsOf(this.#fleet, this.view.host, pools);
    if (JSON.stringify(next) === JSON.stringify(this.view.pools)) return false;
    this.view = { ...this.view, pools: next };
    return true;
  }

  /** Rounds in a row, the newest included, that found it well. */
  goodRounds(): number {
    return this.#goodRounds;
  }

  checked(check: CheckSample, nowMs: number): void {
    this.#checks.set(check.name, check);
    const version = check.kind === 'version' && check.text !== null ? check.text : this.view.version;
    this.#judge(nowMs, { checks: [...this.#checks.values()], version });
  }

  /** Time has passed: a sample may have grown stale. Says whether the verdict changed. */
  aged(nowMs: number): boolean {
    const before = this.view.verdict;
    const staleAt = this.view.sample === null ? null : this.view.sample.at + this.#fleet.poll.staleMs;
    if (staleAt === null || nowMs < staleAt) return false;
    this.#judge(nowMs, {});
    return this.view.verdict !== before;
  }

  #judge(nowMs: number, changed: Partial<HostView>): void {
    const next = { ...this.view, ...changed };
    const judged = judgeHost({
      fleet: this.#fleet,
      host: next.host,
      reach: next.reach,
      sample: next.sample,
      checks: next.checks,
      now: nowMs,
      memory: this.#memory,
    });
    this.#memory = judged.memory;
    this.#notJudged = judged.notJudged;
    this.view = { ...next, verdict: judged.verdict, services: judged.services };
    if (!isWell(this.view)) this.#goodRounds = 0;
  }
}

function emptySeries(): HostSeries {
  const make = (): Series => new Series(seriesLength);
  return { cpuPct: make(), iowaitPct: make(), memoryPct: make(), nfsIops: make(), nfsMs: make(), diskPct: make(), ioIops: make() };
}

/** One value a poll: a server's own operations, else the sum over its mounts; the worst latency; the fullest disk. */
function pushSeries(series: HostSeries, sample: Sample): void {
  series.cpuPct.push(sample.cpu?.usedPct ?? null);
  series.iowaitPct.push(sample.cpu?.iowaitPct ?? null);
  series.memoryPct.push(sample.memory?.usedPct ?? null);
  const mounts = sample.nfsMounts ?? [];
  series.nfsIops.push(sample.nfsServer?.iops ?? sumOf(mounts.map((mount) => mount.iops)));
  series.nfsMs.push(mostOf(mounts.map((mount) => mount.exeMs)));
  series.diskPct.push(mostOf((sample.disks ?? []).map((disk) => disk.usedPct)));
  series.ioIops.push(sample.io?.iops ?? null);
}

function poolsOf(fleet: Fleet, host: Host, read: readonly PoolState[]): PoolView[] {
  return fleet.pools
    .filter((pool) => host.role !== null && pool.memberRoles.includes(host.role))
    .map(({ name }) => {
      const member = read.find((pool) => pool.name === name)?.members.find((each) => each.hostId === host.id);
      if (member === undefined) return { name, state: 'unknown', health: 'unknown', connections: null };
      return { name, state: member.state, health: member.health, connections: member.connections };
    });
}

/** Well enough to take requests: reached, and nothing critical or unknown. */
function isWell({ reach, verdict, goneSince }: HostView): boolean {
  const { health } = verdict;
  return (
    goneSince === null &&
    reach.reach === 'ok' &&
    healthRank(health) < healthRank('unknown') &&
    health !== 'maintenance' &&
    health !== 'stopped'
  );
}

function sameHost(a: Host, b: Host): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

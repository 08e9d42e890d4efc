/** Judged state of a host, service or check. `maintenance` and `stopped` count as ok for exit codes. */
export type Health = 'ok' | 'warn' | 'crit' | 'unknown' | 'maintenance' | 'stopped';

/** What a reason is about, so that views and alerts can point at it. */
export type ReasonSubject =
  | { readonly kind: 'host' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'check'; readonly check: string }
  | { readonly kind: 'mount'; readonly mount: string };

/** Why a verdict is what it is. */
export interface Reason {
  /** Alert name this reason raises when it holds long enough: `pencils-down`, `nfs-slow`, `disk-full`, … */
  readonly name: string;
  readonly health: 'warn' | 'crit' | 'unknown';
  readonly subject: ReasonSubject;
  /** One plain phrase with the number and its limit: `NFS latency 48 ms (limit 20) on /mnt/data`. */
  readonly text: string;
  /** How long it must hold before it is an alert, ms. */
  readonly forMs: number;
}

/** Reasons that say how much a host has to do, not that it fails at it. */
const busyNames: ReadonlySet<string> = new Set(['cpu-high', 'iowait-high', 'steal-high', 'load-high']);

/** Why a host cannot serve, worst first: what is critical or unknown about it, but for being busy, which is no failure. */
export function failures(verdict: Verdict): readonly Reason[] {
  const busy = ({ health, name, subject }: Reason): boolean => health === 'crit' && subject.kind === 'host' && busyNames.has(name);
  return verdict.reasons.filter((reason) => reason.health !== 'warn' && !busy(reason));
}

export interface Verdict {
  readonly health: Health;
  readonly reasons: readonly Reason[];
}

const rank: Readonly<Record<Health, number>> = { ok: 0, maintenance: 0, stopped: 0, warn: 1, unknown: 2, crit: 3 };

/** The worse of two, in the order of the command-line contract: crit, unknown, warn, ok. */
export function worse(a: Health, b: Health): Health {
  return rank[b] > rank[a] ? b : a;
}

/** Sort key: higher is worse. */
export function healthRank(health: Health): number {
  return rank[health];
}

import type { HostId } from './host.ts';

/** A verdict that held long enough. */
export interface Alert {
  /** `<name>@<host id>[#<subject>]`: the same episode keeps its id. */
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: 'warn' | 'crit' | 'unknown';
  readonly host: HostId | null;
  readonly hostName: string | null;
  readonly what: string;
  /** Epoch ms of the first bad sample of this episode. */
  readonly since: number;
  /** Id of the alert that explains this one, `null` when it is a root. */
  readonly cause: string | null;
  /** What joins it to its cause, one clause: `web1 mounts /mnt/data from nfs1`. Missing on a root, and once the cause has ended. */
  readonly because?: string;
  readonly suppressedBy: string | null;
  readonly ackedBy: string | null;
  readonly playbooks: readonly string[];
}

/** Stable identity of a host: `<source name>/<id in that source>`. Names are for people and may repeat across sources. */
export type HostId = string;

/** What the inventory source says of the machine itself; `null` where the source has no such notion (static, local). */
export type CloudState = 'provisioning' | 'running' | 'stopping' | 'stopped' | 'unknown';

/** Where one host's SSH settings differ from the fleet's; `null` means "as the fleet file says". */
export interface HostSshOverride {
  readonly user: string | null;
  readonly port: number | null;
}

/** One machine of the fleet. */
export interface Host {
  readonly id: HostId;
  readonly name: string;
  /** Role of the fleet file, `null` when no rule gave one. */
  readonly role: string | null;
  /** Environment name; `default` when no rule matched. */
  readonly env: string;
  readonly zone: string | null;
  /** Name or IP address that SSH dials; `null` when the source gave none (a stopped VM without address). */
  readonly address: string | null;
  readonly ssh: HostSshOverride;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: 'gce' | 'azure' | 'static' | 'local';
  /** Name of the inventory source that listed it. */
  readonly source: string;
  readonly cloudState: CloudState | null;
}

import type { Host } from '../fleet/host.ts';

/** What one listing of a source returned. */
export interface SourceListing {
  readonly hosts: readonly Host[];
  /** Zones, regions or groups that could not be listed: their hosts are kept from before and marked. */
  readonly missing: readonly string[];
}

/** The last good listing, as it was kept on disk. */
export interface Remembered {
  readonly hosts: readonly Host[];
  /** Epoch ms of the listing. */
  readonly at: number;
}

/** One inventory source. `list` must honour the signal and reject with one plain sentence. */
export interface Provider {
  readonly name: string;
  readonly kind: 'gce' | 'azure' | 'static' | 'local';
  readonly refreshMs: number;
  readonly deadlineMs: number;
  list(signal: AbortSignal): Promise<SourceListing>;
  /** What was listed before this start; never rejects, `null` when nothing is kept. Sources that are asked over a network have it. */
  remembered?(): Promise<Remembered | null>;
}

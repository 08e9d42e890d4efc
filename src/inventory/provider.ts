import type { Host } from '../fleet/host.ts';

/** What one listing of a source returned. */
export interface SourceListing {
  readonly hosts: readonly Host[];
  /** Zones, regions or groups that could not be listed: their hosts are kept from before and marked. */
  readonly missing: readonly string[];
}

/** One inventory source. `list` must honour the signal and reject with one plain sentence. */
export interface Provider {
  readonly name: string;
  readonly kind: 'gce' | 'azure' | 'static' | 'local';
  readonly refreshMs: number;
  readonly deadlineMs: number;
  list(signal: AbortSignal): Promise<SourceListing>;
}

import type { HostId } from './host.ts';

/** One copy that is there. */
export interface BackupArtifact {
  /** File, folder or snapshot name. */
  readonly name: string;
  /** When it was complete, epoch ms. */
  readonly at: number;
  readonly bytes: number | null;
  readonly tookMs: number | null;
  /** `true` after a verification of its own kind; `null` when nothing says. */
  readonly verified: boolean | null;
}

/** A backup under way, whoever started it. */
export interface BackupProgress {
  /** Epoch ms. */
  readonly startedAt: number | null;
  readonly bytes: number | null;
  readonly pct: number | null;
  readonly bytesPerS: number | null;
  readonly leftMs: number | null;
  /** What it says of itself, sanitized. */
  readonly text: string | null;
}

/** One backup of the fleet file on one host, as last read. */
export interface BackupState {
  readonly name: string;
  readonly kind: string;
  readonly hostId: HostId;
  /** Epoch ms of the last good reading; `null` before the first. */
  readonly readAt: number | null;
  /** Why the last reading failed, one sentence. */
  readonly error: string | null;
  /** The newest good copies, newest first, at most five. */
  readonly artifacts: readonly BackupArtifact[];
  readonly running: BackupProgress | null;
  /** The newest attempt that failed after the newest good copy. */
  readonly failed: { readonly at: number; readonly why: string } | null;
  readonly maxAgeMs: number;
  readonly sameHost: boolean;
  /** Made by somebody else and only watched. */
  readonly watched: boolean;
}

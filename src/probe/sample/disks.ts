import type { DiskSample } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import type { Measured } from '../measured.ts';
import type { DfRow } from '../parse/df.ts';

/** As df's own column: of what users may fill, so that root's reserve does not hide a full disk. */
function usedPct(row: DfRow | undefined): number | null {
  if (row === undefined || row.total <= 0 || row.used + row.available <= 0) return null;
  return (100 * row.used) / (row.used + row.available);
}

/** Local filesystems as the last slow round told them; `null` when df did not answer then. Filesystems without inodes have no share of them. */
export function diskSamples(now: Measured): readonly DiskSample[] | null {
  const filesystems = now.slow?.filesystems ?? null;
  if (filesystems === null || filesystems.failure !== null) return null;
  const inodes = new Map(now.slow?.inodes?.value.map((row) => [row.mount, row]));
  return filesystems.value.map((row) => ({
    mount: shown(row.mount),
    device: shown(row.device),
    fstype: shown(now.slow?.fstypes.get(row.mount) ?? 'unknown', 40),
    sizeBytes: row.total * 1024,
    usedPct: usedPct(row),
    availableBytes: row.available * 1024,
    inodesUsedPct: usedPct(inodes.get(row.mount)),
  }));
}

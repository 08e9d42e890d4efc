/** One mounted filesystem as `df` sees it. Sizes in KiB. */
export interface Filesystem {
  readonly device: string;
  readonly mount: string;
  readonly fstype: string;
  readonly sizeKb: number;
  /** Kept for root (`tune2fs -m`); counted neither as used nor as available. */
  readonly reservedKb: number;
  usedKb: number;
  readonly inodes: number;
  inodesUsed: number;
}

/** Per cent used as `df` computes it: of what is used and available, rounded up. */
export function usedPct(filesystem: Filesystem): number {
  const available = availableKb(filesystem);
  return filesystem.usedKb + available === 0 ? 0 : Math.ceil((filesystem.usedKb / (filesystem.usedKb + available)) * 100);
}

export function availableKb(filesystem: Filesystem): number {
  return Math.max(0, filesystem.sizeKb - filesystem.reservedKb - filesystem.usedKb);
}

/** Fills it to `pct` per cent as `df` would print it. */
export function fillTo(filesystem: Filesystem, pct: number): void {
  filesystem.usedKb = Math.floor(((filesystem.sizeKb - filesystem.reservedKb) * pct) / 100);
}

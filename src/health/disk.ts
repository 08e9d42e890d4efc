import type { Limits } from '../fleet/definition.ts';
import { formatBytes, formatNumber } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Sample } from '../fleet/sample.ts';
import type { Finding } from './judge-input.ts';
import { judgeLimit, type Levels } from './limit.ts';

/** Disks are measured in slow rounds; a measurement older than this says nothing of now. */
export const disksStaleMs = 10 * 60_000;

/** Space and inodes of each local filesystem. */
export function judgeDisks(sample: Sample, limits: Limits, levels: Levels): Finding {
  if (sample.disks === null || sample.disksAt === null || sample.at - sample.disksAt > disksStaleMs) {
    return { reasons: [], notJudged: ['disk-full', 'inodes-full'] };
  }
  const reasons: (Reason | null)[] = [];
  const notJudged: string[] = [];
  for (const disk of sample.disks) {
    const subject = { kind: 'mount', mount: disk.mount } as const;
    const { usedPct, inodesUsedPct } = disk;
    if (usedPct === null) notJudged.push(`disk-full#${disk.mount}`);
    else {
      const left = disk.availableBytes === null ? '' : `, ${formatBytes(disk.availableBytes)} left`;
      const say = (text: string) => `disk ${disk.mount} ${formatNumber(usedPct)} % full (${text})${left}`;
      reasons.push(judgeLimit(levels, { name: 'disk-full', subject }, usedPct, limits.disk, say));
    }
    // Filesystems without a fixed number of inodes (btrfs, vfat) have none to measure.
    if (inodesUsedPct === null) notJudged.push(`inodes-full#${disk.mount}`);
    else {
      const say = (text: string) => `inodes of ${disk.mount} ${formatNumber(inodesUsedPct)} % used (${text})`;
      reasons.push(judgeLimit(levels, { name: 'inodes-full', subject }, inodesUsedPct, limits.inodes, say));
    }
  }
  return { reasons: reasons.filter((reason) => reason !== null), notJudged };
}

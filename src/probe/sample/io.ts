import type { IoSample } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import { increase, intervalS, rate } from '../interval.ts';
import type { Measured } from '../measured.ts';
import type { DiskCounters } from '../parse/diskstats.ts';

const sectorBytes = 512;

function deviceSample(before: DiskCounters | undefined, after: DiskCounters, seconds: number | null): IoSample['devices'][number] {
  const reads = increase(before?.reads, after.reads);
  const writes = increase(before?.writes, after.writes);
  const operations = reads === null || writes === null ? null : reads + writes;
  const spent = increase(before === undefined ? null : before.readMs + before.writeMs, after.readMs + after.writeMs);
  const busyMs = increase(before?.busyMs, after.busyMs);
  const bytes = (from: number | undefined, to: number): number | null => {
    const sectors = rate(from, to, seconds);
    return sectors === null ? null : sectors * sectorBytes;
  };
  return {
    name: shown(after.name, 60),
    iops: operations === null || seconds === null ? null : operations / seconds,
    readBytes: bytes(before?.readSectors, after.readSectors),
    writeBytes: bytes(before?.writtenSectors, after.writtenSectors),
    // The kernel adds whole ticks, so that a busy disk may come out a little over its interval.
    utilPct: busyMs === null || seconds === null ? null : Math.min(100, busyMs / (seconds * 10)),
    awaitMs: operations === null || operations === 0 || spent === null || seconds === null ? null : spent / operations,
  };
}

/** Whole disks and stacked devices that ever worked; the totals are over whole disks only. */
export function ioSample(previous: Measured | null, now: Measured): IoSample | null {
  if (now.disks === null) return null;
  const seconds = intervalS(previous, now);
  const before = new Map(seconds === null ? [] : previous?.disks?.map((disk) => [disk.name, disk]));
  const rows = now.disks
    .filter((disk) => disk.whole || disk.reads + disk.writes > 0)
    .map((disk) => ({ whole: disk.whole, sample: deviceSample(before.get(disk.name), disk, seconds) }));
  const whole = rows.filter((row) => row.whole).map((row) => row.sample);
  const iops = whole.map((disk) => disk.iops).filter((value) => value !== null);
  const utils = whole.map((disk) => disk.utilPct).filter((value) => value !== null);
  return {
    iops: iops.length > 0 ? iops.reduce((sum, value) => sum + value, 0) : null,
    utilPct: utils.length > 0 ? Math.max(...utils) : null,
    devices: rows.map((row) => row.sample),
  };
}

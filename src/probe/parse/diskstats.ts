import { unsigned, words } from './numbers.ts';

/** Counters of one block device since boot. Sectors are 512 bytes whatever the disk's own are. */
export interface DiskCounters {
  readonly name: string;
  /** A whole disk; false for stacked devices (device mapper, md), which count what their disks count too. */
  readonly whole: boolean;
  readonly reads: number;
  readonly readSectors: number;
  readonly readMs: number;
  readonly writes: number;
  readonly writtenSectors: number;
  readonly writeMs: number;
  /** Time with at least one request in flight, ms. */
  readonly busyMs: number;
}

const wholeDisk =
  /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|dasd[a-z]+|ubd[a-z]|nvme\d+n\d+|mmcblk\d+|nbd\d+|rbd\d+|pmem\d+|zd\d+|cciss!c\d+d\d+)$/;
const stackedDevice = /^(dm-\d+|md\d+|md_\w+|drbd\d+|bcache\d+)$/;
const partition = /^((?:sd|vd|xvd|hd|dasd)[a-z]+|ubd[a-z])\d+$|^((?:nvme\d+n|mmcblk|nbd|rbd|pmem|zd|cciss!c\d+d)\d+)p\d+$/;

/** `sdb` of `/dev/sdb1`, `nvme0n1` of `nvme0n1p2`; any other name comes back without `/dev/`. */
export function diskOf(device: string): string {
  const name = device.replace(/^\/dev\//, '');
  const match = partition.exec(name);
  return match?.[1] ?? match?.[2] ?? name;
}

/**
 * /proc/diskstats: disks and stacked devices; loop, RAM and optical devices are left out, and partitions too unless their disk is
 * not shown (some virtual machines have only `xvda1`).
 * @see Documentation/admin-guide/iostats.rst
 */
export function parseDiskstats(text: string): readonly DiskCounters[] | null {
  const rows: (readonly string[])[] = [];
  for (const line of text.split('\n')) {
    const fields = words(line);
    if (fields.length >= 14) rows.push(fields);
  }
  if (rows.length === 0 && text.trim() !== '') return null;
  const names = new Set(rows.map((row) => row[2]));
  return rows.flatMap((row) => {
    const name = row[2] ?? '';
    const whole = wholeDisk.test(name) || (partition.test(name) && !names.has(diskOf(name)));
    if (!whole && !stackedDevice.test(name)) return [];
    const [reads, , readSectors, readMs, writes, , writtenSectors, writeMs, , busyMs] = row.slice(3, 13).map((field) => unsigned(field));
    if (reads == null || readSectors == null || readMs == null || writes == null) return [];
    if (writtenSectors == null || writeMs == null || busyMs == null) return [];
    return [{ name, whole, reads, readSectors, readMs, writes, writtenSectors, writeMs, busyMs }];
  });
}

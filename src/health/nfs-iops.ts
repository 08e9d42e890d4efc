import type { IopsLimit, Limit, Limits } from '../fleet/definition.ts';
import { formatCount, formatNumber } from '../fleet/duration.ts';
import type { Host } from '../fleet/host.ts';
import type { Reason } from '../fleet/health.ts';
import type { Sample } from '../fleet/sample.ts';
import type { Finding } from './judge-input.ts';
import { judgeLimit, type Levels } from './limit.ts';

const name = 'nfs-iops';

/** Operations of the export's block device against the ceiling its cloud disk has. */
export function judgeNfsIops(host: Host, sample: Sample, limits: Limits, levels: Levels): Finding {
  const wanted = limits.nfsIops.filter((limit) => host.role !== null && limit.on.includes(host.role));
  const findings = wanted.map((limit) => judgeOne(limit, sample, levels));
  return { reasons: findings.flatMap((one) => one.reasons), notJudged: findings.flatMap((one) => one.notJudged) };
}

function judgeOne(limit: IopsLimit, sample: Sample, levels: Levels): Finding {
  const subject = limit.disk === null ? ({ kind: 'host' } as const) : ({ kind: 'mount', mount: limit.disk } as const);
  const key = limit.disk === null ? name : `${name}#${limit.disk}`;
  const measured = iopsOf(limit, sample);
  if (measured.why !== null) {
    const reason: Reason = { name: `${name}-unknown`, health: 'unknown', subject, text: measured.why, forMs: 60_000 };
    return { reasons: [reason], notJudged: [key] };
  }
  const iops = measured.iops;
  if (iops === null) return { reasons: [], notJudged: [key] };
  const usedPct = (iops / limit.ceiling) * 100;
  const asLimit: Limit = { warn: limit.warnPct, crit: limit.critPct, leave: limit.warnPct - 5, forMs: limit.forMs };
  const where = limit.disk === null ? 'on all disks' : `on ${limit.disk}`;
  const reason = judgeLimit(levels, { name, subject }, usedPct, asLimit, (text) => {
    const ofCeiling = `${formatNumber(usedPct)} % of the ceiling ${formatCount(limit.ceiling)}`;
    return `${formatCount(iops)} disk operations/s ${where}, ${ofCeiling} (${text})`;
  });
  return { reasons: reason === null ? [] : [reason], notJudged: [] };
}

/** The rate, or why it can never be told; both `null` while it is only not measured yet. */
function iopsOf(limit: IopsLimit, sample: Sample): { iops: number | null; why: string | null } {
  if (limit.disk === null) return { iops: sample.io?.iops ?? null, why: null };
  if (sample.disks === null || sample.io === null) return { iops: null, why: null };
  const disk = sample.disks.find((each) => each.mount === limit.disk);
  if (disk === undefined) return { iops: null, why: `no filesystem is mounted on ${limit.disk}, its IOPS limit cannot be watched` };
  if (sample.io.devices.length === 0) return { iops: null, why: null };
  const names = blockDeviceNames(disk.device);
  const device = sample.io.devices.find((each) => names.includes(each.name));
  if (device === undefined)
    return { iops: null, why: `no I/O is measured for ${disk.device} of ${limit.disk}, its IOPS limit cannot be watched` };
  return { iops: device.iops, why: null };
}

/** `/dev/sdb1` → `sdb1`, `sdb`; `/dev/nvme0n1p2` → `nvme0n1p2`, `nvme0n1`: names of /proc/diskstats, the device itself first. */
export function blockDeviceNames(device: string): readonly string[] {
  const own = device.slice(device.lastIndexOf('/') + 1);
  const whole = /^((?:nvme\d+n|mmcblk|loop|md|nbd)\d+)p\d+$/.exec(own)?.[1] ?? /^((?:sd|vd|xvd|hd)[a-z]+)\d+$/.exec(own)?.[1];
  return whole === undefined ? [own] : [own, whole];
}

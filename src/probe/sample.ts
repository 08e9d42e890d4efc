import type { Sample, SampleGap } from '../fleet/sample.ts';
import { shown } from './shown.ts';
import type { CollectorSpec } from './collector-script.ts';
import { increase, intervalS } from './interval.ts';
import type { Measured } from './measured.ts';
import { cpuSample } from './sample/cpu.ts';
import { diskSamples } from './sample/disks.ts';
import { ioSample } from './sample/io.ts';
import { memorySample } from './sample/memory.ts';
import { netSample } from './sample/net.ts';
import { nfsMountSamples } from './sample/nfs-mounts.ts';
import { nfsServerSample } from './sample/nfs-server.ts';
import { serviceSamples } from './services/service-samples.ts';

/** Parts that hold services, and the managers that need them. */
const serviceParts = [
  { part: 'units', of: (now: Measured) => now.units, managers: ['systemd', 'sysv'] },
  { part: 'userunits', of: (now: Measured) => now.userUnits, managers: ['systemd-user'] },
  { part: 'docker', of: (now: Measured) => now.docker, managers: ['docker', 'docker-compose'] },
  { part: 'supervisor', of: (now: Measured) => now.supervisor, managers: ['supervisor'] },
] as const;

function partGaps(now: Measured, spec: CollectorSpec): readonly SampleGap[] {
  const gaps: SampleGap[] = [];
  for (const { part, of, managers } of serviceParts) {
    const needed = spec.services.some((service) => managers.some((manager) => manager === service.manager));
    const answer = of(now);
    if (answer?.failure != null) gaps.push({ part, why: answer.failure });
    else if (needed && answer === null && !(part === 'units' && now.sysv !== null)) gaps.push({ part, why: 'the host sent no such part' });
  }
  if (now.listening?.failure != null) gaps.push({ part: 'listen', why: now.listening.failure });
  if (now.slow?.filesystems?.failure != null) gaps.push({ part: 'df', why: now.slow.filesystems.failure });
  if (now.slow?.inodes?.failure != null) gaps.push({ part: 'dfi', why: now.slow.inodes.failure });
  const kernel = now.identity?.kernel ?? 'Linux';
  if (kernel !== 'Linux') gaps.push({ part: 'host', why: `it runs ${shown(kernel, 40)}, and only Linux can be measured` });
  return gaps;
}

/**
 * One poll's sample: rates are between `previous` and `now`, over the host's own uptime. Whatever has no honest number (first
 * round, reset, reboot, a part that hung) is `null` and, where that is no normal state, named in `gaps`.
 */
export function toSample(previous: Measured | null, now: Measured, spec: CollectorSpec): Sample {
  const before = intervalS(previous, now) === null ? null : previous;
  return {
    at: now.receivedAt.wallMs,
    roundMs: now.receivedAt.roundMs,
    bootId: now.bootId === null ? null : shown(now.bootId),
    uptimeS: now.uptimeS,
    os: now.identity?.os == null ? null : shown(now.identity.os, 100),
    cpu: cpuSample(previous, now),
    memory: memorySample(previous, now),
    disks: diskSamples(now),
    disksAt: now.slow?.at ?? null,
    io: ioSample(previous, now),
    psi: now.pressure,
    net: netSample(previous, now),
    nfsMounts: nfsMountSamples(previous, now),
    nfsServer: nfsServerSample(previous, now),
    oomKills: increase(before?.vmstat?.oomKills, now.vmstat?.oomKills),
    dState: now.slow?.dState ?? null,
    services: serviceSamples(now, spec.services),
    gaps: [...now.gaps, ...partGaps(now, spec)],
  };
}

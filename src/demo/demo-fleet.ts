import { haproxyOf } from './answers/haproxy-state.ts';
import type { DemoClock } from './clock.ts';
import { calmClouds, type CloudLevers } from './clouds/cloud-levers.ts';
import { DiskCounters } from './machine/disk.ts';
import type { Filesystem } from './machine/filesystem.ts';
import { Machine } from './machine/machine.ts';
import { NfsClient } from './machine/nfs-client.ts';
import { NfsServer } from './machine/nfs-server.ts';
import type { MachineRole } from './machine/units.ts';
import { Random } from './random.ts';
import { checkSize } from './size.ts';

/** The simulated machines, by what they are. */
export interface DemoFleet {
  readonly clock: DemoClock;
  readonly cloudLevers: CloudLevers;
  readonly machines: readonly Machine[];
  readonly webs: readonly Machine[];
  readonly servers: readonly Machine[];
  /** The named machine, or of that role the one that stands in for it in a smaller fleet. */
  find(name: string): Machine | null;
}

/** Webs that share one NFS server. */
const websPerServer = 49;

/** Calls a second all webs of one server make together on average: well under what its disk can do. */
const opsPerServer = 1500;

/**
 * One load balancer, one NFS server for every 49 webs, webs for the rest.
 * @throws RangeError in plain words when `hosts` is not a whole number the demo can make.
 */
export function makeFleet(hosts: number, seed: number, clock: DemoClock): DemoFleet {
  checkSize(hosts);
  const random = new Random(seed);
  const serverCount = Math.max(1, Math.ceil((hosts - 1) / (websPerServer + 1)));
  const webCount = hosts - 1 - serverCount;
  const now = clock.now();
  let index = 0;
  const make = (
    name: string,
    role: MachineRole,
    parts: { mount: ((bootedAt: number) => NfsClient) | null; nfsServer: NfsServer | null },
    nfsOpsPerS: number,
  ): Machine => {
    const bootedAt = now - uptimeMs(random);
    index += 1;
    const spec = {
      name,
      role,
      seed: (seed * 7919 + index * 104_729) >>> 0,
      cores: 2,
      memoryKb: role === 'lb' ? 2_014_840 : 7_629_020,
      address: `10.128.${Math.floor(index / 250)}.${(index % 250) + 2}`,
      bootedAt,
      nfsOpsPerS,
    };
    const nfsMount = parts.mount === null ? null : parts.mount(bootedAt);
    return new Machine(spec, clock, { nfsMount, nfsServer: parts.nfsServer, ...storageOf(role, random) });
  };
  const balancer = make('lb1', 'lb', { mount: null, nfsServer: null }, 0);
  const daemons = Array.from({ length: serverCount }, () => new NfsServer());
  const webs = Array.from({ length: webCount }, (_, web) => {
    const server = daemons[web % serverCount] ?? null;
    const serverName = serverCount === 1 ? 'nfs' : `nfs${(web % serverCount) + 1}`;
    const mates = Math.ceil(webCount / serverCount);
    const mount =
      server === null
        ? null
        : (bootedAt: number): NfsClient =>
            new NfsClient({
              server,
              source: `${serverName}:/data`,
              mount: '/mnt/datadisk',
              serverAddress: `10.128.200.${(web % serverCount) + 2}`,
              mountedAt: bootedAt + 41_000,
            });
    return make(`web${web + 1}`, 'web', { mount, nfsServer: null }, Math.min(330, opsPerServer / mates) * random.between(0.92, 1.08));
  });
  const servers = daemons.map((nfsServer, at) => make(`nfs${at + 1}`, 'nfs', { mount: null, nfsServer }, 0));
  balancer.backends.push(...webs);
  const haproxy = balancer.unit('haproxy');
  if (haproxy !== null) haproxy.forgets = () => haproxyOf(balancer).reload();
  for (const web of webs) web.traffic = () => haproxyOf(balancer).share(web);
  servers.forEach((server, at) => server.backends.push(...webs.filter((_, web) => web % serverCount === at)));
  const machines = [...webs, ...servers, balancer];
  return {
    clock,
    cloudLevers: calmClouds(),
    machines,
    webs,
    servers,
    find(name) {
      const exact = machines.find((machine) => machine.name === name);
      if (exact !== undefined) return exact;
      const role = name.replace(/\d+$/, '');
      return machines.findLast((machine) => machine.spec.role === role) ?? null;
    },
  };
}

function uptimeMs(random: Random): number {
  return random.whole(6, 40) * 86_400_000 + random.whole(0, 86_399) * 1000;
}

function storageOf(role: MachineRole, random: Random): { filesystems: readonly Filesystem[]; disks: readonly DiskCounters[] } {
  const disks = [new DiskCounters({ major: 8, minor: 0, name: 'sda' })];
  const filesystems = [ext4('/dev/sda1', '/', 10_218_772, random.between(0.31, 0.46), 655_360, 0.16)];
  if (role === 'nfs') {
    disks.push(new DiskCounters({ major: 8, minor: 16, name: 'sdb' }), new DiskCounters({ major: 8, minor: 32, name: 'sdc' }));
    filesystems.push(
      ext4('/dev/sdb1', '/data', 102_687_672, 0.62, 10_000_000, 0.57),
      ext4('/dev/sdc1', '/backup', 205_375_464, 0.71, 20_000_000, 0.66),
    );
  }
  if (role === 'web') {
    disks.push(new DiskCounters({ major: 8, minor: 16, name: 'sdb' }));
    filesystems.push(ext4('/dev/sdb1', '/var/log', 20_511_312, random.between(0.3, 0.55), 1_310_720, 0.02));
  }
  return { disks, filesystems };
}

function ext4(device: string, mount: string, sizeKb: number, used: number, inodes: number, inodesUsed: number): Filesystem {
  const reservedKb = Math.floor(sizeKb * 0.05);
  return {
    device,
    mount,
    fstype: 'ext4',
    sizeKb,
    reservedKb,
    usedKb: Math.floor((sizeKb - reservedKb) * used),
    inodes,
    inodesUsed: Math.floor(inodes * inodesUsed),
  };
}

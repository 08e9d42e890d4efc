import type { Machine } from '../machine/machine.ts';
import type { NfsClient } from '../machine/nfs-client.ts';
import { nfs3Ops, opIndex } from '../machine/nfs-ops.ts';

const common = [
  'sysfs mounted on /sys with fstype sysfs',
  'proc mounted on /proc with fstype proc',
  'udev mounted on /dev with fstype devtmpfs',
  'devpts mounted on /dev/pts with fstype devpts',
  'tmpfs mounted on /run with fstype tmpfs',
  '/dev/sda1 mounted on / with fstype ext4',
  'securityfs mounted on /sys/kernel/security with fstype securityfs',
  'tmpfs mounted on /dev/shm with fstype tmpfs',
  'tmpfs mounted on /run/lock with fstype tmpfs',
  'cgroup2 mounted on /sys/fs/cgroup with fstype cgroup2',
  'pstore mounted on /sys/fs/pstore with fstype pstore',
  'bpf mounted on /sys/fs/bpf with fstype bpf',
  'systemd-1 mounted on /proc/sys/fs/binfmt_misc with fstype autofs',
  'hugetlbfs mounted on /dev/hugepages with fstype hugetlbfs',
  'mqueue mounted on /dev/mqueue with fstype mqueue',
  'debugfs mounted on /sys/kernel/debug with fstype debugfs',
  'tracefs mounted on /sys/kernel/tracing with fstype tracefs',
];

/** /proc/self/mountstats, statvers 1.1 (fs/nfs/super.c, net/sunrpc/stats.c). */
export function procMountstats(machine: Machine): string {
  const own = machine.mounted
    .filter(({ mount, fstype }) => mount !== '/' && fstype === 'ext4')
    .map(({ device, mount }) => `${device} mounted on ${mount} with fstype ext4`);
  const server = machine.nfsServer === null ? [] : ['nfsd mounted on /proc/fs/nfsd with fstype nfsd'];
  const client = ['sunrpc mounted on /run/rpc_pipefs with fstype rpc_pipefs'];
  const plain = [...common, ...own, ...server, ...(machine.spec.role === 'lb' ? [] : client)].map((text) => `device ${text}\n`).join('');
  return machine.nfsMount === null || machine.mountLost ? plain : plain + nfsMountText(machine, machine.nfsMount);
}

function nfsMountText(machine: Machine, mount: NfsClient): string {
  const ageS = Math.floor((machine.clock.now() - mount.mountedAt) / 1000);
  return (
    `device ${mount.source} mounted on ${mount.mount} with fstype nfs statvers=1.1\n` +
    `\topts:\trw,sync,vers=3,rsize=1048576,wsize=1048576,namlen=255,acregmin=3,acregmax=60,acdirmin=30,acdirmax=60,hard,proto=tcp,timeo=600,retrans=2,sec=sys,mountaddr=${mount.serverAddress},mountvers=3,mountport=20048,mountproto=udp,local_lock=none\n` +
    `\tage:\t${ageS}\n` +
    '\tcaps:\tcaps=0x3fc7,wtmult=4096,dtsize=1048576,bsize=0,namlen=255\n' +
    '\tsec:\tflavor=1,pseudoflavor=1\n' +
    `\tevents:\t${events(mount).join(' ')} \n` +
    `\tbytes:\t${payload(mount).join(' ')} \n` +
    '\tRPC iostats version: 1.1  p/v: 100003/3 (nfs)\n' +
    `\txprt:\ttcp ${transport(mount).join(' ')}\n` +
    '\tper-op statistics\n' +
    `${perOp(mount)}\n`
  );
}

/** The 27 numbers of nfs_iostat.h `enum nfs_stat_eventcounters`, derived from the calls that would have caused them. */
function events(mount: NfsClient): number[] {
  const calls = (name: string): number => mount.completed(opIndex(name));
  return [
    calls('GETATTR'),
    calls('LOOKUP') * 3,
    0,
    calls('SETATTR'),
    calls('READDIRPLUS') * 2,
    calls('GETATTR') >> 3,
    calls('ACCESS') * 4,
    calls('WRITE') * 2,
    0,
    calls('READ'),
    0,
    calls('READ') * 4,
    calls('WRITE'),
    calls('CREATE'),
    calls('READDIRPLUS'),
    calls('SETATTR'),
    0,
    calls('COMMIT'),
    0,
    0,
    calls('WRITE') * 2,
    0,
    0,
    0,
    0,
    0,
    0,
  ].map((count) => Math.max(0, Math.floor(count)));
}

function payload(mount: NfsClient): number[] {
  const read = Math.floor(mount.receivedBytes(opIndex('READ')));
  const written = Math.floor(mount.sentBytes(opIndex('WRITE')));
  return [read, written, 0, 0, read, written, Math.floor(read / 4096), Math.floor(written / 4096)];
}

/** Source port, binds, connects, connect time, idle s, sends, receives, bad xids, requests × in flight, backlog, slots, sending, pending. */
function transport(mount: NfsClient): number[] {
  const received = mount.totalCompleted();
  const sent = received + Math.floor(mount.outstanding);
  return [
    865,
    1,
    2,
    0,
    mount.stuckSeconds,
    sent,
    received,
    0,
    sent * 2,
    0,
    2 + Math.ceil(mount.outstanding),
    Math.floor(sent * 0.3),
    Math.floor(sent * 2.1),
  ];
}

function perOp(mount: NfsClient): string {
  return nfs3Ops
    .map((profile, index) => {
      const counters = mount.counters()[index];
      if (counters === undefined) return '';
      const calls = Math.floor(counters.ops);
      const numbers = [
        calls,
        calls,
        0,
        counters.sentBytes,
        counters.receivedBytes,
        counters.queueMs,
        counters.rttMs,
        counters.exeMs,
        counters.errors,
      ];
      return `\t${profile.name.padStart(12)}: ${numbers.map(Math.floor).join(' ')}\n`;
    })
    .join('');
}

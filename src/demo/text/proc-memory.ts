import type { Machine } from '../machine/machine.ts';

/** /proc/meminfo of a machine without swap (fs/proc/meminfo.c gives order and widths). */
export function procMeminfo(machine: Machine): string {
  const total = machine.spec.memoryKb;
  const available = total * (1 - machine.now.memoryUsed);
  const free = available * 0.42;
  const cached = available * 0.52;
  const buffers = available * 0.03;
  const slab = total * 0.038;
  const anon = total * machine.now.memoryUsed * 0.82;
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', available],
    ['Buffers', buffers],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', anon * 0.5 + cached * 0.4],
    ['Inactive', anon * 0.5 + cached * 0.6],
    ['Active(anon)', anon * 0.02],
    ['Inactive(anon)', anon * 0.98],
    ['Active(file)', cached * 0.4],
    ['Inactive(file)', cached * 0.6],
    ['Unevictable', 1024],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Zswap', 0],
    ['Zswapped', 0],
    ['Dirty', 1380],
    ['Writeback', 0],
    ['AnonPages', anon],
    ['Mapped', anon * 0.2],
    ['Shmem', 4212],
    ['KReclaimable', slab * 0.7],
    ['Slab', slab],
    ['SReclaimable', slab * 0.7],
    ['SUnreclaim', slab * 0.3],
    ['KernelStack', 2896],
    ['PageTables', anon * 0.006],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', total / 2],
    ['Committed_AS', anon * 1.3],
    ['VmallocTotal', 34359738367],
    ['VmallocUsed', 12868],
    ['VmallocChunk', 0],
    ['Percpu', 1120],
    ['HardwareCorrupted', 0],
    ['AnonHugePages', 0],
    ['ShmemHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FileHugePages', 0],
    ['FilePmdMapped', 0],
  ];
  const pages: readonly (readonly [string, number])[] = [
    ['HugePages_Total', 0],
    ['HugePages_Free', 0],
    ['HugePages_Rsvd', 0],
    ['HugePages_Surp', 0],
  ];
  const last: readonly (readonly [string, number])[] = [
    ['Hugepagesize', 2048],
    ['Hugetlb', 0],
    ['DirectMap4k', 71_528],
    ['DirectMap2M', total - 71_528],
    ['DirectMap1G', 0],
  ];
  const kb = ([name, value]: readonly [string, number]): string => `${`${name}:`.padEnd(16)}${String(Math.floor(value)).padStart(8)} kB\n`;
  return (
    rows.map(kb).join('') +
    pages.map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}\n`).join('') +
    last.map(kb).join('')
  );
}

/** /proc/vmstat: the counters a watcher reads, among their neighbours and in the kernel's order (mm/vmstat.c). */
export function procVmstat(machine: Machine): string {
  const pages = (kb: number): number => Math.floor(kb / 4);
  const total = machine.spec.memoryKb;
  const available = total * (1 - machine.now.memoryUsed);
  const read = machine.disks.reduce((sum, disk) => sum + disk.readSectors, 0) / 2;
  const written = machine.disks.reduce((sum, disk) => sum + disk.writeSectors, 0) / 2;
  const faults = Math.floor(machine.switches * 0.8 + machine.forks * 900);
  const rows: readonly (readonly [string, number])[] = [
    ['nr_free_pages', pages(available * 0.42)],
    ['nr_zone_inactive_anon', pages(total * machine.now.memoryUsed * 0.8)],
    ['nr_zone_active_anon', pages(total * 0.008)],
    ['nr_zone_inactive_file', pages(available * 0.31)],
    ['nr_zone_active_file', pages(available * 0.21)],
    ['nr_zone_unevictable', 256],
    ['nr_mlock', 0],
    ['nr_slab_reclaimable', pages(total * 0.027)],
    ['nr_slab_unreclaimable', pages(total * 0.011)],
    ['workingset_refault_anon', 0],
    ['workingset_refault_file', Math.floor(read / 90)],
    ['nr_dirty', 345],
    ['nr_writeback', 0],
    ['nr_dirtied', Math.floor(written / 3.6)],
    ['nr_written', Math.floor(written / 4)],
    ['pgpgin', Math.floor(read)],
    ['pgpgout', Math.floor(written)],
    ['pswpin', 0],
    ['pswpout', 0],
    ['pgalloc_normal', faults * 2],
    ['allocstall_normal', 0],
    ['pgfree', faults * 2 + pages(available * 0.42)],
    ['pgactivate', Math.floor(faults * 0.07)],
    ['pgdeactivate', 0],
    ['pgfault', faults],
    ['pgmajfault', Math.floor(faults / 9000)],
    ['pgsteal_kswapd', Math.floor(read / 12)],
    ['pgsteal_direct', 0],
    ['pgscan_kswapd', Math.floor(read / 11)],
    ['pgscan_direct', 0],
    ['oom_kill', 0],
    ['thp_fault_alloc', 0],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

/** /proc/pressure/{cpu,io,memory}. */
export function procPressure(machine: Machine, of: 'cpu' | 'io' | 'memory'): string {
  const { some, full } = machine.pressure[of];
  const line = (kind: string, stall: typeof some): string =>
    `${kind} avg10=${stall.avg10.toFixed(2)} avg60=${stall.avg60.toFixed(2)} avg300=${stall.avg300.toFixed(2)} total=${Math.floor(stall.totalUs)}\n`;
  return line('some', some) + line('full', full);
}

import type { DiskCounters } from '../machine/disk.ts';
import type { Machine } from '../machine/machine.ts';
import type { InterfaceCounters } from '../machine/network.ts';

/** /proc/diskstats: the whole disks and their first partition (Documentation/admin-guide/iostats.rst). */
export function procDiskstats(machine: Machine): string {
  return machine.disks.map((disk) => diskLine(disk, 0, disk.spec.name) + diskLine(disk, 1, `${disk.spec.name}1`)).join('');
}

function diskLine(disk: DiskCounters, partition: number, name: string): string {
  const numbers = [
    disk.reads,
    disk.readMerges,
    disk.readSectors,
    disk.readMs,
    disk.writes,
    disk.writeMerges,
    disk.writeSectors,
    disk.writeMs,
    disk.inFlight,
    disk.busyMs,
    disk.weightedMs,
    disk.discards,
    0,
    0,
    0,
    partition === 0 ? disk.flushes : 0,
    partition === 0 ? disk.flushMs : 0,
  ].map(Math.floor);
  return `${String(disk.spec.major).padStart(4)} ${String(disk.spec.minor + partition).padStart(7)} ${name} ${numbers.join(' ')}\n`;
}

/** /proc/net/dev (net/core/net-procfs.c gives the widths). */
export function procNetDev(machine: Machine): string {
  return (
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    interfaceLine(machine.loopback) +
    interfaceLine(machine.ethernet)
  );
}

function interfaceLine(counters: InterfaceCounters): string {
  const cell = (value: number, width: number): string => String(Math.floor(value)).padStart(width);
  const receive = [
    cell(counters.rxBytes, 7),
    cell(counters.rxPackets, 7),
    cell(0, 4),
    cell(0, 4),
    cell(0, 4),
    cell(0, 5),
    cell(0, 10),
    cell(0, 9),
  ];
  const transmit = [
    cell(counters.txBytes, 8),
    cell(counters.txPackets, 7),
    cell(0, 4),
    cell(0, 4),
    cell(0, 4),
    cell(0, 5),
    cell(0, 7),
    cell(0, 10),
  ];
  return `${counters.name.padStart(6)}: ${receive.join(' ')} ${transmit.join(' ')}\n`;
}

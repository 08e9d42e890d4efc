import { ticksPerSecond } from '../machine/cpu.ts';
import type { Machine } from '../machine/machine.ts';

/** /proc/stat (man 5 proc). */
export function procStat(machine: Machine): string {
  const rows = machine.cpu.cores.map((core) =>
    [core.user, core.nice, core.system, core.idle, core.iowait, 0, core.softirq, core.steal, 0, 0].map(Math.floor),
  );
  const total = (rows[0] ?? []).map((_, column) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0));
  const { spec, now } = machine;
  const interrupts = Math.floor(machine.switches * 0.6);
  const perLine = [
    interrupts,
    0,
    9,
    0,
    0,
    6,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    3,
    0,
    0,
    0,
    ...Array<number>(12).fill(0),
    Math.floor(interrupts * 0.31),
    0,
    11,
    0,
    9,
  ];
  const soft = [0.21, 0, 0.29, 0.002, 0.06, 0.11, 0, 0.0001, 0.16, 0, 0.17].map((share) => Math.floor(machine.switches * share));
  return lines([
    `cpu  ${total.join(' ')}`,
    ...rows.map((row, index) => `cpu${index} ${row.join(' ')}`),
    `intr ${perLine.join(' ')}`,
    `ctxt ${Math.floor(machine.switches)}`,
    `btime ${Math.floor(spec.bootedAt / 1000)}`,
    `processes ${Math.floor(1200 + machine.forks)}`,
    `procs_running ${1 + Math.round(now.running)}`,
    `procs_blocked ${Math.round(now.blocked)}`,
    `softirq ${soft.reduce((sum, count) => sum + count, 0)} ${soft.slice(1).join(' ')}`,
  ]);
}

/** /proc/uptime: seconds since boot and seconds all cores were idle. */
export function procUptime(machine: Machine): string {
  const upS = (machine.clock.now() - machine.spec.bootedAt) / 1000;
  return `${hundredths(upS)} ${hundredths(machine.cpu.idleSeconds())}\n`;
}

/** /proc/loadavg; the last two numbers are runnable/existing tasks and the newest pid. */
export function procLoadavg(machine: Machine): string {
  const { load, now } = machine;
  const tasks = 118 + Math.round(now.blocked);
  return `${load.one.toFixed(2)} ${load.five.toFixed(2)} ${load.fifteen.toFixed(2)} ${1 + Math.round(now.running)}/${tasks} ${Math.floor(900 + (machine.forks % 4_000_000))}\n`;
}

/** Seconds as ticks would count them, cut and not rounded. */
function hundredths(seconds: number): string {
  const ticks = Math.floor(seconds * ticksPerSecond);
  return `${Math.floor(ticks / 100)}.${String(ticks % 100).padStart(2, '0')}`;
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}

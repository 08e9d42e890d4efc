import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Cost } from './client/measured.ts';

/** USER_HZ, which Linux fixes at 100 for what it shows to programs. */
const tickMs = 10;

/** User and system time of this process's ended children, with all they had waited for, ms. @see proc(5), cutime and cstime */
function reapedMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * tickMs;
}

/** Runs a tool to its end and tells what it and its own children cost. `ok` is false when it ended with another status than 0. */
export async function runTool(program: string, args: readonly string[], input = ''): Promise<Cost & { readonly ok: boolean }> {
  const before = reapedMs();
  const began = performance.now();
  const child = spawn(program, args, { stdio: [input === '' ? 'ignore' : 'pipe', 'ignore', 'inherit'] });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const [code]: unknown[] = await once(child, 'exit');
  return {
    cpuMs: reapedMs() - before,
    wallMs: performance.now() - began,
    rssMb: Number.NaN,
    blockedMs: Number.NaN,
    count: 1,
    ok: code === 0,
  };
}

/** Time on a CPU of running processes so far, ms, to the nanosecond. @see Documentation/scheduler/sched-stats.rst */
export function onCpuMs(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) total += Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6;
  return total;
}

/** Proportional memory of running processes, MB. */
export function memoryMb(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  return kilobytes / 1000;
}

/** Whether a program is on the PATH. */
export async function installed(program: string): Promise<boolean> {
  return (await runTool('sh', ['-c', 'command -v "$1"', 'sh', program])).ok;
}

import { readFileSync } from 'node:fs';

/** A process that will not be confused with a later one of the same number. */
export interface KnownProcess {
  readonly pid: number;
  /** Clock ticks from boot to its start; field 22 of /proc/PID/stat, proc(5). */
  readonly startTicks: string;
}

/** Remembers a running process; throws when it is gone already. */
export function knownProcess(pid: number): KnownProcess {
  const startTicks = startTicksOf(pid);
  if (startTicks === null) throw new Error(`process ${pid} ended at once`);
  return { pid, startTicks };
}

/** True while that very process runs. */
export function isRunning(known: KnownProcess): boolean {
  return startTicksOf(known.pid) === known.startTicks;
}

/** Kills that very process, or nothing. */
export function kill(known: KnownProcess): void {
  signal(known, 'SIGKILL');
}

/** Signals that very process, or nothing. */
export function signal(known: KnownProcess, name: NodeJS.Signals): void {
  if (isRunning(known)) process.kill(known.pid, name);
}

function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks; the third field follows it. A zombie no longer runs.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

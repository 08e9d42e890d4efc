import { readFileSync } from 'node:fs';

/** Which running console wrote an intent; pid and start time together, because pids are used again. */
export interface ConsoleIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc_pid_stat(5), field 22); `null` where there is no /proc. */
  readonly started: string | null;
}

export function consoleIdentity(): ConsoleIdentity {
  return { pid: process.pid, started: startedOf(process.pid) };
}

/** Whether the console that wrote this is still running, so that its intents are its own business. */
export function isRunning(identity: ConsoleIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return identity.started === null || startedOf(identity.pid) === identity.started;
}

function startedOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

import { readFileSync, readlinkSync } from 'node:fs';
import * as z from 'zod';
import type { JsonValue } from '../journal/entry.ts';
import type { LockConsole } from '../remote/host-lock.ts';

/** Which running console wrote an intent; pid and start time together, because pids are used again. */
export interface ConsoleIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc_pid_stat(5), field 22); `null` where there is no /proc. */
  readonly started: string | null;
  /** Boot and process namespace, in which alone the pid means something; `null` where it cannot be told. Earlier versions did not keep it. */
  readonly machine: string | null;
}

export function consoleIdentity(): ConsoleIdentity {
  return { pid: process.pid, started: startedOf(process.pid), machine: machineOf() };
}

export function isThisConsole(identity: ConsoleIdentity): boolean {
  const own = consoleIdentity();
  return identity.pid === own.pid && identity.started === own.started && identity.machine === own.machine;
}

const identitySchema = z.object({ pid: z.number(), started: z.string().nullable(), machine: z.string().nullable().default(null) });

/** An identity as the journal holds it; `null` when it is none. */
export function readIdentity(value: JsonValue | undefined): ConsoleIdentity | null {
  const read = identitySchema.safeParse(value);
  return read.success ? read.data : null;
}

/**
 * Whether the console that wrote this is seen to run still, so that its intents are its own business. One elsewhere (another container over
 * the same state) is not seen: its locks on the hosts tell.
 */
export function isRunning(identity: ConsoleIdentity): boolean {
  const here = machineOf();
  if (identity.machine !== null && here !== null && identity.machine !== here) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return identity.started === null || startedOf(identity.pid) === identity.started;
}

/** This console as a lock on a host names it; `null` where there is no /proc to tell. */
export function lockConsole(): LockConsole | null {
  const machine = machineOf();
  const started = startedOf(process.pid);
  return machine === null || started === null ? null : { machine, pid: process.pid, started };
}

/** Whether a lock's console ran on this machine, since its last boot and among the same processes, and does not any more. */
export function hasEnded(console: LockConsole | undefined): boolean {
  return console !== undefined && console.machine === machineOf() && !isRunning(console);
}

/** Two containers of one machine share its boot id, and their pids mean different processes. */
function machineOf(): string | null {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
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

import type { Machine } from '../machine/machine.ts';

/** One run of a simulated program. */
export interface ProgramCall {
  readonly machine: Machine;
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly stdin: string;
  readonly user: string;
  out(text: string): void;
  err(text: string): void;
  /** The caller is gone or its deadline has passed. */
  readonly stopped: AbortSignal;
}

/** Returns its exit status. */
export type Program = (call: ProgramCall) => number | Promise<number>;

/** Waits on the machine's clock; ends at once when the call is stopped. */
export function pause(call: ProgramCall, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (call.stopped.aborted) {
      resolve();
      return;
    }
    const callOff = call.machine.clock.after(ms, () => {
      call.stopped.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      callOff();
      resolve();
    };
    call.stopped.addEventListener('abort', stop, { once: true });
  });
}

/** Waits while the machine's NFS mount, or the disk that it exports itself, does not answer, as every process that touches it does. */
export async function touchMount(call: ProgramCall, path: string): Promise<void> {
  const { nfsServer } = call.machine;
  while (nfsServer?.mode === 'stuck' && path.startsWith('/data') && !call.stopped.aborted) await pause(call, 250);
  const mount = call.machine.nfsMount;
  if (mount === null || call.machine.mountLost || !path.startsWith(mount.mount)) return;
  while (mount.server.mode === 'stuck' && !call.stopped.aborted) await pause(call, 250);
  if (mount.server.mode === 'slow') await pause(call, 50);
}

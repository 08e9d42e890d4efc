import type { NfsClient } from './nfs-client.ts';
import { nfs3Ops, opIndex } from './nfs-ops.ts';

/** `slow`: its disk is at its limit. `stuck`: nfsd threads wait for a disk that does not answer, so no call ends. */
export type NfsServerMode = 'ok' | 'slow' | 'stuck';

/** The nfsd of one machine. Its counters are those of its clients added up, so that both sides always agree. */
export class NfsServer {
  readonly threads = 8;
  readonly clients: NfsClient[] = [];
  mode: NfsServerMode = 'ok';
  /** Epoch ms since which it has been stuck, `null` while it answers. */
  stuckSince: number | null = null;

  setMode(mode: NfsServerMode, now: number): void {
    this.mode = mode;
    this.stuckSince = mode === 'stuck' ? now : null;
  }

  /** Calls answered so far, in the order of `nfs3Ops`. */
  calls(): number[] {
    return nfs3Ops.map((_, index) => this.clients.reduce((sum, client) => sum + client.completed(index), 0));
  }

  /** Payload read from and written to the export, bytes. */
  payload(): { readonly read: number; readonly written: number } {
    const read = opIndex('READ');
    const write = opIndex('WRITE');
    return {
      read: Math.floor(this.clients.reduce((sum, client) => sum + client.receivedBytes(read), 0)),
      written: Math.floor(this.clients.reduce((sum, client) => sum + client.sentBytes(write), 0)),
    };
  }

  /** What its clients get done now, calls a second. */
  opsPerS(): number {
    return this.clients.reduce((sum, client) => sum + client.opsPerS, 0);
  }
}

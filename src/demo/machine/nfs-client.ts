import { calmRttMs, nfs3Ops, opIndex } from './nfs-ops.ts';
import type { NfsServer } from './nfs-server.ts';

/** Cumulative per-procedure counters of /proc/self/mountstats, in its order. */
interface OpCounters {
  ops: number;
  sentBytes: number;
  receivedBytes: number;
  queueMs: number;
  rttMs: number;
  exeMs: number;
  errors: number;
}

/** Requests one TCP transport may have out: `sunrpc.tcp_max_slot_table_entries` would allow more, the webs never need them. */
const mostOutstanding = 64;

/** Threads of a web that have a call on its way at any moment. */
const busyWorkers = 24;

/** One NFS version 3 mount of a machine. */
export class NfsClient {
  readonly server: NfsServer;
  readonly source: string;
  readonly mount: string;
  readonly serverAddress: string;
  readonly mountedAt: number;
  /** What is got done now, calls a second. */
  opsPerS = 0;
  /** Requests out and not answered. */
  outstanding = 0;
  queuedMs = 0;
  readonly #ops: OpCounters[];
  #stuckSeconds = 0;

  constructor(options: { server: NfsServer; source: string; mount: string; serverAddress: string; mountedAt: number }) {
    this.server = options.server;
    this.source = options.source;
    this.mount = options.mount;
    this.serverAddress = options.serverAddress;
    this.mountedAt = options.mountedAt;
    this.#ops = nfs3Ops.map(() => ({ ops: 0, sentBytes: 0, receivedBytes: 0, queueMs: 0, rttMs: 0, exeMs: 0, errors: 0 }));
    for (const [name, calls] of [
      ['NULL', 1],
      ['FSINFO', 2],
      ['PATHCONF', 1],
    ] as const) {
      this.#complete(opIndex(name), calls, 1, 0);
    }
    options.server.clients.push(this);
  }

  /** Lets `seconds` pass in which programs want `wantedPerS` calls answered in `rttMs` on average. */
  advance(seconds: number, wantedPerS: number, rttMs: number): void {
    if (this.server.mode === 'stuck') {
      this.opsPerS = 0;
      this.#stuckSeconds += seconds;
      // Every worker sends one call and waits; after that only newcomers add to the pile.
      this.outstanding = this.outstanding === 0 ? busyWorkers : Math.min(mostOutstanding, this.outstanding + seconds * 0.2);
      return;
    }
    this.#release();
    this.opsPerS = wantedPerS;
    const factor = rttMs / calmRttMs;
    const queueMs = factor > 4 ? rttMs * 0.04 : 0.02;
    nfs3Ops.forEach((profile, index) => {
      this.#complete(index, profile.share * wantedPerS * seconds, factor, queueMs);
    });
    this.queuedMs += wantedPerS * seconds * rttMs;
  }

  /** Whole seconds since the server stopped answering, 0 while it does. */
  get stuckSeconds(): number {
    return Math.floor(this.#stuckSeconds);
  }

  completed(index: number): number {
    return Math.floor(this.#ops[index]?.ops ?? 0);
  }

  sentBytes(index: number): number {
    return this.#ops[index]?.sentBytes ?? 0;
  }

  receivedBytes(index: number): number {
    return this.#ops[index]?.receivedBytes ?? 0;
  }

  counters(): readonly Readonly<OpCounters>[] {
    return this.#ops;
  }

  totalCompleted(): number {
    return nfs3Ops.reduce((sum, _, index) => sum + this.completed(index), 0);
  }

  #complete(index: number, calls: number, factor: number, queueMs: number): void {
    const profile = nfs3Ops[index];
    const counters = this.#ops[index];
    if (profile === undefined || counters === undefined) return;
    counters.ops += calls;
    counters.sentBytes += calls * profile.sentBytes;
    counters.receivedBytes += calls * profile.receivedBytes;
    counters.queueMs += calls * queueMs;
    counters.rttMs += calls * profile.rttMs * factor;
    counters.exeMs += calls * (profile.rttMs * factor + queueMs + 0.03);
    if (profile.name === 'LOOKUP') counters.errors += calls * 0.18;
  }

  /** A hard mount forgets nothing: what was out is answered late when the server is back. */
  #release(): void {
    if (this.outstanding === 0) return;
    const lateMs = this.#stuckSeconds * 1000;
    const counters = this.#ops[opIndex('GETATTR')];
    const calls = Math.floor(this.outstanding);
    if (counters !== undefined) {
      counters.ops += calls;
      counters.sentBytes += calls * 128;
      counters.receivedBytes += calls * 112;
      counters.rttMs += calls * lateMs;
      counters.exeMs += calls * lateMs;
    }
    this.outstanding = 0;
    this.#stuckSeconds = 0;
  }
}

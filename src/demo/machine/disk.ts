/** What a block device does in one second. */
export interface DiskLoad {
  readonly readsPerS: number;
  readonly writesPerS: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Mean time of one request, ms. */
  readonly awaitMs: number;
  /** Share of the time with a request in flight, 0–1. */
  readonly busy: number;
}

export interface DiskSpec {
  readonly major: number;
  readonly minor: number;
  readonly name: string;
}

/** The counters of one line of /proc/diskstats (Documentation/admin-guide/iostats.rst). */
export class DiskCounters {
  readonly spec: DiskSpec;
  reads = 0;
  readMerges = 0;
  readSectors = 0;
  readMs = 0;
  writes = 0;
  writeMerges = 0;
  writeSectors = 0;
  writeMs = 0;
  inFlight = 0;
  busyMs = 0;
  weightedMs = 0;
  discards = 0;
  flushes = 0;
  flushMs = 0;

  constructor(spec: DiskSpec) {
    this.spec = spec;
  }

  advance(seconds: number, load: DiskLoad): void {
    const reads = load.readsPerS * seconds;
    const writes = load.writesPerS * seconds;
    this.reads += reads;
    this.readMerges += reads * 0.04;
    this.readSectors += (load.readBytes * seconds) / 512;
    this.readMs += reads * load.awaitMs;
    this.writes += writes;
    this.writeMerges += writes * 0.35;
    this.writeSectors += (load.writeBytes * seconds) / 512;
    this.writeMs += writes * load.awaitMs;
    this.busyMs += seconds * 1000 * load.busy;
    this.weightedMs += (reads + writes) * load.awaitMs + this.inFlight * seconds * 1000;
    this.flushes += writes * 0.1;
    this.flushMs += writes * 0.1 * load.awaitMs;
  }
}

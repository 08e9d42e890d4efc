import type { Alert } from '../fleet/alert.ts';
import type { CheckSample, NfsMountSample, Sample } from '../fleet/sample.ts';
import type { FleetState, HostView, ServiceView, SourceView } from '../fleet/view.ts';

/** The object that `status --json` prints: the contract of the command line. Times ISO 8601 UTC, absent measurements null. */
export function statusJson(state: FleetState, env: string | null, nowMs: number): Record<string, unknown> {
  return {
    fleet: state.fleetName,
    env,
    at: iso(nowMs),
    hosts: state.hosts.map((view) => hostJson(view, nowMs)),
    alerts: state.alerts.map(alertJson),
    sources: state.sources.map((source) => sourceJson(source, nowMs)),
    checks: state.checksHere.map(checkJson),
  };
}

export function hostJson(view: HostView, nowMs: number): Record<string, unknown> {
  const { host, sample } = view;
  return {
    id: host.id,
    name: host.name,
    role: host.role,
    env: host.env,
    zone: host.zone,
    address: host.address,
    source: host.source,
    reach: view.reach.reach,
    reachWhy: view.reach.why,
    health: view.verdict.health,
    reasons: view.verdict.reasons.map((reason) => reason.text),
    ageMs: sample === null ? null : Math.max(0, nowMs - sample.at),
    ...measurements(sample),
    services: view.services.map(serviceJson),
    checks: view.checks.map(checkJson),
    pools: view.pools.map(({ name, state, health, connections }) => ({ name, state, health, connections })),
    backups: view.backups.map((backup) => ({ ...backup })),
    version: view.version,
  };
}

function measurements(sample: Sample | null): Record<string, unknown> {
  if (sample === null) return { cpu: null, memory: null, disks: null, nfs: { mounts: null, server: null }, io: null, psi: null };
  const { cpu, memory, disks, io, psi, nfsMounts, nfsServer } = sample;
  return {
    cpu:
      cpu === null
        ? null
        : {
            usedPct: tenth(cpu.usedPct),
            iowaitPct: tenth(cpu.iowaitPct),
            stealPct: tenth(cpu.stealPct),
            load1: cpu.load1,
            cores: cpu.cores,
          },
    memory:
      memory === null
        ? null
        : { usedPct: tenth(memory.usedPct), availableBytes: memory.availableBytes, swapUsedPct: tenth(memory.swapUsedPct) },
    disks:
      disks === null
        ? null
        : disks.map((disk) => ({ mount: disk.mount, usedPct: tenth(disk.usedPct), inodesUsedPct: tenth(disk.inodesUsedPct) })),
    nfs: {
      mounts: nfsMounts === null ? null : nfsMounts.map(mountJson),
      server:
        nfsServer === null
          ? null
          : {
              iops: tenth(nfsServer.iops),
              readOps: tenth(nfsServer.readOps),
              writeOps: tenth(nfsServer.writeOps),
              badCalls: nfsServer.badCalls,
              threads: nfsServer.threads,
            },
    },
    io: io === null ? null : { iops: tenth(io.iops), utilPct: tenth(io.utilPct) },
    psi,
  };
}

function mountJson(mount: NfsMountSample): Record<string, unknown> {
  return {
    mount: mount.mount,
    server: mount.server,
    iops: tenth(mount.iops),
    readOps: tenth(mount.readOps),
    writeOps: tenth(mount.writeOps),
    metaOps: tenth(mount.metaOps),
    readBytes: tenth(mount.readBytes),
    writeBytes: tenth(mount.writeBytes),
    rttMs: hundredth(mount.rttMs),
    exeMs: hundredth(mount.exeMs),
    timeouts: mount.timeouts,
    state: mount.state,
  };
}

function serviceJson(service: ServiceView): Record<string, unknown> {
  const { name, manager, state, sub, sinceMs, restarts, pid, result, health, reasons } = service;
  return { name, manager, state, sub, sinceMs, restarts, pid, result, health, reasons };
}

function checkJson(check: CheckSample): Record<string, unknown> {
  return { name: check.name, kind: check.kind, ok: check.ok, ms: tenth(check.ms), detail: check.detail };
}

export function alertJson(alert: Alert): Record<string, unknown> {
  return { ...alert, since: iso(alert.since), because: alert.because ?? null };
}

export function sourceJson(source: SourceView, nowMs: number): Record<string, unknown> {
  return {
    name: source.name,
    ok: source.ok,
    ageMs: source.listedAt === null ? null : Math.max(0, nowMs - source.listedAt),
    error: source.error,
    missing: source.missing,
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function tenth(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function hundredth(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}

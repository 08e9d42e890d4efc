import type { Fleet, Limit } from '../../src/fleet/definition.ts';
import type { LoopbackFleet } from '../loopback.ts';

const limit = (warn: number, crit: number): Limit => ({ warn, crit, leave: null, forMs: 60_000 });

/** A fleet of the loopback hosts with the usual limits and no services, so that both clients ask a host for the same files. */
export function loopbackDefinition(loopback: LoopbackFleet, everyMs: number): Fleet {
  return {
    name: 'bench',
    title: 'loopback hosts',
    file: 'bench.yaml',
    environments: [{ name: 'default', match: null, danger: false, color: 'gray' }],
    sources: [
      {
        kind: 'static',
        name: 'static',
        refreshMs: 600_000,
        deadlineMs: 5000,
        hosts: loopback.addresses.map((address, index) => ({
          name: `web${index + 1}`,
          address,
          port: loopback.port,
          user: loopback.user,
          role: 'web',
          env: 'default',
          zone: null,
          labels: {},
        })),
      },
    ],
    ssh: {
      user: loopback.user,
      port: loopback.port,
      identity: [loopback.identityFile],
      agent: false,
      config: null,
      knownHosts: [loopback.knownHostsFile],
      hostKeys: 'strict',
      jump: [],
      transport: 'ssh2',
      iap: 'auto',
      sudo: { kind: 'no' },
    },
    sshByRole: new Map(),
    poll: { everyMs, deadlineMs: 30_000, staleMs: Math.max(15_000, everyMs * 3), handshakes: 32 },
    services: [],
    checks: [],
    limits: {
      cpu: limit(85, 95),
      iowait: limit(25, 50),
      steal: null,
      memory: limit(90, 97),
      swap: null,
      disk: limit(85, 95),
      inodes: limit(85, 95),
      nfsMs: limit(20, 100),
      nfsIops: [],
      load: null,
    },
    depends: new Map(),
    approve: { over: null, danger: false },
    bulk: { canary: 1, batch: 1, healthy: 1, stopAfter: 1 },
    pools: [],
    backups: [],
    releases: [],
    drains: [],
    maintenanceMode: new Map(),
    actions: [],
    never: [],
    redact: [],
    playbooks: null,
    contacts: null,
    notify: { webhook: null, mail: null, bell: false },
    routines: { daily: [], weekly: [] },
  };
}

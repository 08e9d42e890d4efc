import type { Fleet, SshSettings } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { RunningSshd } from '../sshd/sshd.ts';

const noLimit = { warn: null, crit: null, leave: null, forMs: 0 };

/** SSH settings that read nothing of the person who runs the tests. */
export function settings(changes: Partial<SshSettings> = {}): SshSettings {
  return {
    user: null,
    port: null,
    identity: [],
    agent: false,
    config: null,
    knownHosts: ['/nonexistent/known_hosts'],
    hostKeys: 'strict',
    jump: [],
    transport: 'ssh2',
    iap: 'auto',
    sudo: { kind: 'no' },
    ...changes,
  };
}

/** Settings that log in to a test sshd whose keys are known. */
export function settingsFor(sshd: RunningSshd, changes: Partial<SshSettings> = {}): SshSettings {
  return settings({
    port: sshd.port,
    user: sshd.user,
    identity: [sshd.identityFile],
    knownHosts: changes.knownHosts ?? [sshd.writeKnownHosts()],
    ...changes,
  });
}

/** An otherwise empty fleet with these SSH settings. */
export function fleetWith(ssh: SshSettings, handshakes = 32, sshByRole: ReadonlyMap<string, SshSettings> = new Map()): Fleet {
  return {
    name: 'test',
    title: 'test',
    file: 'test.yaml',
    environments: [],
    sources: [],
    ssh,
    sshByRole,
    poll: { everyMs: 5_000, deadlineMs: 10_000, staleMs: 15_000, handshakes },
    services: [],
    checks: [],
    limits: {
      cpu: noLimit,
      iowait: null,
      steal: null,
      memory: noLimit,
      swap: null,
      disk: noLimit,
      inodes: noLimit,
      nfsMs: noLimit,
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

export function hostAt(address: string | null, changes: Partial<Host> = {}): Host {
  return {
    id: `static/${address}`,
    name: 'web1',
    role: null,
    env: 'default',
    zone: null,
    address,
    ssh: { user: null, port: null },
    labels: {},
    provider: 'static',
    source: 'static',
    cloudState: null,
    ...changes,
  };
}

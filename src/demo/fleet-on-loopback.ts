import type { Fleet, SshSettings, StaticHost } from '../fleet/definition.ts';
import type { Demo } from './start-demo.ts';

/** The embedded fleet's file with the addresses, ports and keys of this run; further machines take the labels of their role's first host. */
export function fleetOnLoopback(written: Fleet, demo: Pick<Demo, 'endpoints'>): Fleet {
  const templates = new Map<string | null, StaticHost>();
  for (const source of written.sources) {
    if (source.kind !== 'static') continue;
    for (const host of source.hosts) if (!templates.has(host.role)) templates.set(host.role, host);
  }
  const hosts = demo.endpoints.map((endpoint): StaticHost => {
    const template = templates.get(endpoint.role);
    return {
      name: endpoint.name,
      address: endpoint.address,
      port: endpoint.port,
      user: endpoint.user,
      role: endpoint.role,
      env: template?.env ?? null,
      zone: template?.zone ?? null,
      labels: template?.labels ?? {},
    };
  });
  return {
    ...written,
    ssh: closed(written.ssh),
    sshByRole: new Map([...written.sshByRole].map(([role, settings]) => [role, closed(settings)])),
    sources: [{ kind: 'static', name: 'static', refreshMs: 60_000, deadlineMs: 5000, hosts }],
  };
}

/** Nothing of the user's own SSH set-up takes part in the demo. */
function closed(settings: SshSettings): SshSettings {
  return { ...settings, agent: false, config: null, knownHosts: [], identity: [], hostKeys: 'strict', jump: [], transport: 'ssh2' };
}

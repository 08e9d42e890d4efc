import type { Environment, Source } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { environmentFor } from './assign.ts';
import type { Provider } from './provider.ts';

/** Hosts that the fleet file itself lists. */
export function createStaticProvider(source: Extract<Source, { kind: 'static' }>, environments: readonly Environment[]): Provider {
  const hosts = source.hosts.map(
    (host): Host => ({
      id: `${source.name}/${host.name}`,
      name: host.name,
      role: host.role,
      env: environmentFor(environments, host, host.env),
      zone: host.zone,
      address: host.address,
      ssh: { user: host.user, port: host.port },
      labels: host.labels,
      provider: 'static',
      source: source.name,
      cloudState: null,
    }),
  );
  const { name, refreshMs, deadlineMs } = source;
  return { name, kind: 'static', refreshMs, deadlineMs, list: async () => ({ hosts, missing: [] }) };
}

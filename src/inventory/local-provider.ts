import { hostname } from 'node:os';
import type { Environment, Source } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { environmentFor } from './assign.ts';
import { abortable } from '../remote/abortable.ts';
import type { Provider } from './provider.ts';

/** This machine, described by systeminformation (loaded at the first listing), reached without SSH. */
export function createLocalProvider(source: Extract<Source, { kind: 'local' }>, environments: readonly Environment[]): Provider {
  const { name, refreshMs, deadlineMs } = source;
  return {
    name,
    kind: 'local',
    refreshMs,
    deadlineMs,
    list: async (signal) => {
      // systeminformation cannot be stopped: at the signal its answer is no longer waited for.
      const { address, labels } = await abortable(describe(), signal, () => new Error('This machine did not describe itself in time.'));
      const host: Host = {
        id: `${name}/${source.hostName}`,
        name: source.hostName,
        role: source.role,
        env: environmentFor(environments, { name: source.hostName, labels }, source.env),
        zone: null,
        address,
        ssh: { user: null, port: null },
        labels,
        provider: 'local',
        source: name,
        cloudState: null,
      };
      return { hosts: [host], missing: [] };
    },
  };
}

async function describe(): Promise<{ address: string | null; labels: Record<string, string> }> {
  const { osInfo, networkInterfaces } = await import('systeminformation');
  const [os, found] = await Promise.all([osInfo(), networkInterfaces()]);
  const interfaces = (Array.isArray(found) ? found : [found]).filter((one) => !one.internal);
  const addresses = interfaces.flatMap((one) => [one.ip4, one.ip6]).filter((address) => address !== '');
  const first = interfaces.find((one) => one.default && one.ip4 !== '')?.ip4 ?? addresses[0] ?? null;
  const labels = {
    hostname: hostname(),
    addresses: addresses.join(' '),
    os: [os.distro, os.release].filter((part) => part !== '').join(' '),
    kernel: os.kernel,
    arch: os.arch,
  };
  return { address: first, labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')) };
}

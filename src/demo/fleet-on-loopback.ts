import type { Fleet, Setting, Source, SshSettings, StaticHost } from '../fleet/definition.ts';
import type { CloudEndpoint } from './clouds/demo-clouds.ts';
import type { Demo } from './start-demo.ts';

/** The embedded fleet's file with the clouds of this run as its sources: their addresses and the token that they take. */
export function fleetOnLoopback(written: Fleet, demo: Pick<Demo, 'clouds'>): Fleet {
  const sources = written.sources.map((source): Source => {
    if (source.kind === 'gce') return { ...source, ...accessTo(demo.clouds.gce) };
    return source.kind === 'azure' ? { ...source, ...accessTo(demo.clouds.azure) } : source;
  });
  return { ...closedFleet(written), sources };
}

/** The same hosts as one list, for what looks at no cloud: nothing is asked of an SDK. */
export function fleetListed(written: Fleet, demo: Pick<Demo, 'endpoints'>): Fleet {
  const hosts = demo.endpoints.map(
    ({ name, address, port, user, role }): StaticHost => ({ name, address, port, user, role, env: null, zone: null, labels: {} }),
  );
  return { ...closedFleet(written), sources: [{ kind: 'static', name: 'static', refreshMs: 60_000, deadlineMs: 5000, hosts }] };
}

function accessTo({ endpoint, token }: CloudEndpoint): { readonly endpoint: string; readonly token: Setting } {
  return { endpoint, token: { kind: 'literal', value: token } };
}

function closedFleet(written: Fleet): Fleet {
  return {
    ...written,
    ssh: closed(written.ssh),
    sshByRole: new Map([...written.sshByRole].map(([role, settings]) => [role, closed(settings)])),
  };
}

/** Nothing of the user's own SSH set-up takes part in the demo. */
function closed(settings: SshSettings): SshSettings {
  return { ...settings, agent: false, config: null, knownHosts: [], identity: [], hostKeys: 'strict', jump: [], transport: 'ssh2' };
}

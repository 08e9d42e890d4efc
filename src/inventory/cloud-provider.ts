import type { CloudAccess, CloudHost, CloudReadCall, CloudReader } from '../cloud/calls.ts';
import type { Environment } from '../fleet/definition.ts';
import { type CloudSource, hostOfCloud } from './cloud-host.ts';
import { type GoodList, goodListPath, readGoodList, writeGoodList } from './last-good-list.ts';
import type { Provider, SourceListing } from './provider.ts';
import { isIn } from './source-state.ts';

/** What the providers of clouds need of the console. */
export interface CloudWays {
  readonly cloud: CloudReader;
  /** Where the last good lists are kept; `null` keeps none. */
  readonly stateDir: string | null;
  /** Epoch ms; default the system's. */
  readonly now?: () => number;
}

type HostsCall = Extract<CloudReadCall, { readonly call: 'hosts' }>;

/**
 * A cloud as an inventory source: asked through its child process, its hosts put in order by the fleet file's rules, its last good list
 * kept on disk so that a console without a cloud still starts.
 * @param call what is asked; it may reject with one plain sentence
 */
export function createCloudProvider(
  source: CloudSource,
  environments: readonly Environment[],
  access: CloudAccess,
  call: () => Promise<HostsCall>,
  ways: CloudWays,
): Provider {
  const { name, kind, refreshMs, deadlineMs } = source;
  const now = ways.now ?? Date.now;
  const path = ways.stateDir === null ? null : goodListPath(ways.stateDir, name, JSON.stringify([access.scope, access.endpoint]));
  let last: GoodList | null = null;
  return {
    name,
    kind,
    refreshMs,
    deadlineMs,
    remembered: async () => {
      last = path === null ? null : await readGoodList(path, now());
      return last === null ? null : { at: last.at, hosts: last.hosts.map((host) => hostOfCloud(host, source, environments)) };
    },
    list: async (signal): Promise<SourceListing> => {
      const answer = await ways.cloud.read(access, await call(), { deadlineMs, signal });
      if (!answer.ok) throw new Error(answer.error.message);
      const { hosts, missing } = answer.value;
      last = { at: now(), hosts: withKept(hosts, missing, last) };
      // A full disk must not cost the listing itself.
      if (path !== null) await writeGoodList(path, name, last).catch(() => {});
      return { hosts: hosts.map((host) => hostOfCloud(host, source, environments)), missing };
    },
  };
}

/** A partial listing keeps the hosts of what it could not see: dropped from the file, they would be gone after the next start. */
function withKept(hosts: readonly CloudHost[], missing: readonly string[], before: GoodList | null): readonly CloudHost[] {
  const listed = new Set(hosts.map((host) => host.id));
  const kept = (before?.hosts ?? []).filter((host) => !listed.has(host.id) && missing.some((scope) => isIn(host, scope)));
  return [...hosts, ...kept.map((host): CloudHost => ({ ...host, state: 'unknown' }))];
}

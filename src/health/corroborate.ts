import type { Fleet } from '../fleet/definition.ts';
import type { Host, HostId } from '../fleet/host.ts';
import { networkDown, nfsServerHung } from './alert-kind.ts';
import type { JudgedHost } from './alert-source.ts';
import { causeWindowMs } from './cause.ts';
import type { Episode } from './episode.ts';
import { isHostSilence } from './evidence.ts';
import { Places } from './places.ts';
import { serverName } from './server-host.ts';

interface CorroborateInput {
  readonly fleet: Fleet;
  readonly hosts: readonly JudgedHost[];
  readonly now: number;
}

/** What several hosts say together: that no host answers, and that an NFS server hangs for its clients. */
export function corroborate(
  stepped: ReadonlyMap<string, Episode>,
  before: ReadonlyMap<string, Episode>,
  input: CorroborateInput,
): ReadonlyMap<string, Episode> {
  const episodes = new Map(stepped);
  const network = lostTogether(stepped, before.get(`${networkDown}@here`), input);
  if (network !== null) episodes.set(network.id, network);
  for (const server of hungServers(stepped, before, input)) episodes.set(server.id, server);
  return episodes;
}

const lostNames = new Set(['host-timeout', 'host-unreachable', 'host-stale']);

/** All hosts over the network lost within the window, which needs no second poll: each confirms the others. A refusal is an answer. */
function lostTogether(stepped: ReadonlyMap<string, Episode>, standing: Episode | undefined, input: CorroborateInput): Episode | null {
  const remote = input.hosts.filter(({ host, verdict }) => host.provider !== 'local' && verdict.health !== 'stopped');
  const lost = remote.flatMap(({ host, verdict }) => {
    const reason = verdict.reasons.find((each) => lostNames.has(each.name));
    const episode = reason === undefined ? undefined : stepped.get(`${reason.name}@${host.id}`);
    return episode === undefined ? [] : [episode.since];
  });
  if (remote.length < 2 || lost.length < remote.length) return null;
  if (standing !== undefined) return standing;
  const first = Math.min(...lost);
  if (Math.max(...lost) - first > causeWindowMs) return null;
  const text = `no host answers (${remote.length} lost together): this machine's network?`;
  return made(networkDown, 'here', null, {}, text, 'crit', first, input.now);
}

/** Servers that hang for two clients or more, and for every one that mounts them and can be heard, without an alert of their own. */
function hungServers(
  stepped: ReadonlyMap<string, Episode>,
  before: ReadonlyMap<string, Episode>,
  input: CorroborateInput,
): readonly Episode[] {
  const hung = [...stepped.values()].filter(
    (episode) => episode.name === 'nfs-hung' && episode.hard && episode.labels['server'] !== undefined,
  );
  if (hung.length === 0) return [];
  const places = new Places(
    input.fleet,
    input.hosts.map(({ host }) => host),
  );
  const byServer = Map.groupBy(hung, (episode) => serverKey(episode.labels['server'] ?? '', places));
  return [...byServer].flatMap(([key, clients]) => {
    const label = clients[0]?.labels['server'] ?? key;
    const server = places.server(label);
    const id = `${nfsServerHung}@${key}`;
    if (server !== null && hasOwnAlert(stepped, server.id, clients)) return [];
    const standing = before.get(id);
    if (standing !== undefined) return [standing];
    const names = new Set(clients.map((client) => client.hostName ?? ''));
    if (names.size < 2 || names.size < clientsOf(key, input.hosts, places)) return [];
    const text = `NFS server ${server?.name ?? serverName(label)} hangs for all its clients: ${[...names].toSorted().join(' ')}`;
    const since = Math.min(...clients.map((client) => client.since));
    const labels: Record<string, string> = { server: label, ...(server === null ? {} : { host: server.name, env: server.env }) };
    if (server !== null && server.role !== null) labels['role'] = server.role;
    return [made(nfsServerHung, key, server, labels, text, 'crit', since, input.now)];
  });
}

function serverKey(server: string, places: Places): string {
  return places.server(server)?.id ?? serverName(server);
}

function clientsOf(key: string, judged: readonly JudgedHost[], places: Places): number {
  return judged.filter(
    ({ sample, verdict }) =>
      !verdict.reasons.some((reason) => isHostSilence(reason.name, reason.subject)) &&
      (sample?.nfsMounts ?? []).some((mount) => serverKey(mount.server, places) === key),
  ).length;
}

/** An alert of the server's own that can carry the blame: it is silent, or in a crit state that is not the same hang seen from itself. */
function hasOwnAlert(stepped: ReadonlyMap<string, Episode>, server: HostId, clients: readonly Episode[]): boolean {
  return [...stepped.values()].some(
    (episode) =>
      episode.host === server &&
      episode.hard &&
      !clients.includes(episode) &&
      (episode.severity === 'crit' || isHostSilence(episode.name, episode.subject)),
  );
}

function made(
  name: string,
  source: string,
  host: Host | null,
  labels: Readonly<Record<string, string>>,
  text: string,
  severity: 'crit',
  since: number,
  now: number,
): Episode {
  return {
    id: `${name}@${source}`,
    source: name,
    name,
    subject: { kind: 'host' },
    host: host?.id ?? null,
    hostName: host?.name ?? null,
    labels,
    severity,
    text,
    forMs: 0,
    since,
    hard: true,
    bad: 1,
    good: 0,
    countedAt: now,
    doubtSince: null,
  };
}

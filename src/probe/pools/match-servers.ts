import { isIP } from 'node:net';
import type { Host, HostId } from '../../fleet/host.ts';

/** A member as its balancer lists it. */
export interface KnownServer {
  readonly name: string;
  /** With or without a port. */
  readonly addresses: readonly string[];
}

/** Which server a host is. `unclear` says why none can be told for certain; nothing may be changed then. */
export type Match<Server> =
  | { readonly kind: 'one'; readonly server: Server }
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear'; readonly why: string };

/** Labels under which an inventory source keeps an address that SSH does not dial. */
const addressLabel = /^(?:private|public|internal|nat)?[-_.]?(?:ip|ipv[46]|address)$|^(?:private|public|internal)$/i;

/** Servers of the hosts: by name first, else by address. One server that two hosts would be, and two that one host would be, are unclear. */
export function matchServers<Server extends KnownServer>(
  hosts: readonly Host[],
  servers: readonly Server[],
): ReadonlyMap<HostId, Match<Server>> {
  const found = new Map<HostId, readonly Server[]>();
  const named = new Set<Server>();
  for (const host of hosts) {
    const own = servers.filter((server) => server.name === host.name);
    if (own.length === 0) continue;
    found.set(host.id, own);
    for (const server of own) named.add(server);
  }
  for (const host of hosts) {
    if (found.has(host.id)) continue;
    const addresses = addressesOf(host);
    const own = servers.filter((server) => !named.has(server) && server.addresses.some((each) => addresses.has(addressAlone(each))));
    if (own.length > 0) found.set(host.id, own);
  }
  const takers = new Map<Server, number>();
  for (const server of [...found.values()].flat()) takers.set(server, (takers.get(server) ?? 0) + 1);
  return new Map(hosts.map((host) => [host.id, matchOf(found.get(host.id) ?? [], takers)]));
}

function matchOf<Server extends KnownServer>(own: readonly Server[], takers: ReadonlyMap<Server, number>): Match<Server> {
  const [server] = own;
  if (server === undefined) return { kind: 'none' };
  if (own.length > 1) return { kind: 'unclear', why: `${own.length} servers fit it (${own.map((each) => each.name).join(', ')})` };
  if ((takers.get(server) ?? 0) > 1) return { kind: 'unclear', why: `the server ${server.name} fits other hosts as well` };
  return { kind: 'one', server };
}

/** Addresses that a host is known by: the one that is dialled, and those its source keeps as labels. */
export function addressesOf(host: Host): ReadonlySet<string> {
  const labels = Object.entries(host.labels).flatMap(([key, value]) => (addressLabel.test(key) && isIP(value) !== 0 ? [value] : []));
  return new Set([...(host.address === null ? [] : [host.address]), ...labels].map(addressAlone));
}

/** `10.0.0.1:80`, `[::1]:80`, `web1:80` without the port, in small letters. */
export function addressAlone(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  const bare = bracketed?.[1] ?? (isIP(text) === 6 ? text : text.replace(/:\d+$/, ''));
  return bare.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}

import { isDeepStrictEqual } from 'node:util';
import type { Host, HostId } from '../fleet/host.ts';
import type { SourceView } from '../fleet/view.ts';
import type { SourceListing } from './provider.ts';

/** What is known of one source between its listings. */
export interface SourceState {
  readonly hosts: readonly Host[];
  readonly view: SourceView;
}

/** A source that was never listed: not well, but nothing is known to be wrong. */
export function unlisted(name: string): SourceState {
  return { hosts: [], view: { name, ok: false, listedAt: null, hosts: 0, error: null, missing: [] } };
}

/**
 * After an answer. Hosts of zones that could not be seen are kept from before; a host that did not change stays the same object.
 * @param at epoch ms
 */
export function listed(before: SourceState, listing: SourceListing, at: number): SourceState {
  const known = new Map(before.hosts.map((host) => [host.id, host]));
  const hosts = new Map<HostId, Host>();
  for (const host of listing.hosts) {
    if (hosts.has(host.id)) continue;
    const old = known.get(host.id);
    hosts.set(host.id, old !== undefined && isDeepStrictEqual(old, host) ? old : host);
  }
  const kept = before.hosts.filter((host) => !hosts.has(host.id) && listing.missing.some((scope) => isIn(host, scope)));
  for (const host of kept) hosts.set(host.id, host);
  const { name } = before.view;
  const error = listing.missing.length === 0 ? null : partialSentence(listing.missing, kept.length);
  const view = { name, ok: error === null, listedAt: at, hosts: hosts.size, error, missing: listing.missing };
  return { hosts: [...hosts.values()], view };
}

/** After a failure: the last hosts stay, as old as they are. */
export function failed(before: SourceState, error: string): SourceState {
  return { hosts: before.hosts, view: { ...before.view, ok: false, error } };
}

/** Whether a host belongs to a zone, to a region (`us-central1` holds `us-central1-a`), or to an Azure resource group named in its id. */
function isIn(host: Host, scope: string): boolean {
  if (host.zone === scope || host.zone?.startsWith(`${scope}-`) === true) return true;
  return host.id.toLowerCase().split('/').includes(scope.toLowerCase());
}

function partialSentence(missing: readonly string[], kept: number): string {
  const places = missing.join(', ');
  if (kept === 0) return `Could not list ${places}.`;
  return `Could not list ${places}; ${kept === 1 ? 'its one host is' : `${kept} hosts are`} kept from before.`;
}

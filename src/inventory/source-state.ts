import { isDeepStrictEqual } from 'node:util';
import type { Host, HostId } from '../fleet/host.ts';
import type { SourceView } from '../fleet/view.ts';
import type { Remembered, SourceListing } from './provider.ts';

/** What is known of one source between its listings. */
export interface SourceState {
  readonly hosts: readonly Host[];
  readonly view: SourceView;
}

/** A source that was never listed: not well, but nothing is known to be wrong. */
export function unlisted(name: string): SourceState {
  return { hosts: [], view: { name, ok: false, listedAt: null, hosts: 0, error: null, missing: [] } };
}

/** Before the first listing of this start: the hosts are those of an older one, as old as they are. */
export function recalled(before: SourceState, { hosts, at }: Remembered): SourceState {
  const error = 'Not listed yet since the start; these hosts are from the last good listing.';
  return { hosts, view: { ...before.view, listedAt: at, hosts: hosts.length, error } };
}

/**
 * After an answer. Hosts of zones that could not be seen are kept from before; a host that did not change stays the same object.
 * Of a kept host the cloud's own state is unknown: what it was before says nothing of now.
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
  for (const host of kept) hosts.set(host.id, withoutState(host));
  const { name } = before.view;
  const error = listing.missing.length === 0 ? null : partialSentence(listing.missing, kept.length);
  const view = { name, ok: error === null, listedAt: at, hosts: hosts.size, error, missing: listing.missing };
  return { hosts: [...hosts.values()], view };
}

/** After a failure: the last hosts stay, as old as they are. */
export function failed(before: SourceState, error: string): SourceState {
  return { hosts: before.hosts, view: { ...before.view, ok: false, error } };
}

function withoutState(host: Host): Host {
  return host.cloudState === null || host.cloudState === 'unknown' ? host : { ...host, cloudState: 'unknown' };
}

/** Whether a host belongs to a zone, to a region (`us-central1` holds `us-central1-a`), or to an Azure resource group named in its id. */
export function isIn(host: Pick<Host, 'id' | 'zone'>, scope: string): boolean {
  if (host.zone === scope || host.zone?.startsWith(`${scope}-`) === true) return true;
  return host.id.toLowerCase().split('/').includes(scope.toLowerCase());
}

function partialSentence(missing: readonly string[], kept: number): string {
  const places = missing.join(', ');
  if (kept === 0) return `Could not list ${places}.`;
  return `Could not list ${places}; ${kept === 1 ? 'its one host is' : `${kept} hosts are`} kept from before.`;
}

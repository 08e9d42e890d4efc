import type { ActionRequest } from '../src/actions/request.ts';
import type { HostView } from '../src/fleet/view.ts';
import type { HostId } from '../src/fleet/host.ts';
import { plural } from './format.ts';
import { requestTitle } from './request-title.ts';

/** What the person asked for: a plan is made from it, and made again when it has grown old. */
export type Asked =
  | { readonly kind: 'one'; readonly request: ActionRequest }
  /** One change on each of several hosts; `continues` is the unfinished run it goes on with. */
  | { readonly kind: 'many'; readonly requests: readonly ActionRequest[]; readonly continues: string | null }
  /** The newest change that can be taken back. */
  | { readonly kind: 'undo' };

/** What is asked for and where, in words, before the executor has planned it. */
export function askedWords(asked: Asked, byId: ReadonlyMap<HostId, HostView>): { readonly title: string; readonly env: string | null } {
  if (asked.kind === 'undo') return { title: 'undo the last change', env: null };
  const requests = asked.kind === 'one' ? [asked.request] : asked.requests;
  const [first] = requests;
  if (first === undefined) return { title: 'nothing', env: null };
  const env = byId.get(first.hostId)?.host.env ?? 'default';
  if (requests.length === 1) return { title: requestTitle(first, byId.get(first.hostId)?.host.name ?? 'a host that is gone'), env };
  const hosts = new Set(requests.map((request) => request.hostId)).size;
  return { title: requestTitle(first, plural(hosts, 'host')), env };
}

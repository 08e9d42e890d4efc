import type { Alert } from '../fleet/alert.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { blameOrder, kindOf } from './alert-kind.ts';
import { explains, linkOf } from './explains.ts';
import { Places } from './places.ts';
import { Suspects } from './suspects.ts';

/** A cause may be seen this much later than its effect: polls of two hosts are not in step. */
export const causeWindowMs = 60_000;

/** A child that outlives its cause by so many polls stands for itself again. */
export const outlivePolls = 2;

/** By child id: its cause and root, and since when the cause is gone. */
export type Causes = ReadonlyMap<string, { readonly cause: string; readonly root: string; readonly goneSince: number | null }>;

interface CauseInput {
  readonly fleet: Fleet;
  readonly hosts: readonly { readonly host: Host }[];
  readonly now: number;
}

/** Sets `cause` (the nearest), `because` and `suppressedBy` (the root) of each alert. Every alert given is hard. */
export function explain(
  alerts: readonly Alert[],
  before: Causes,
  input: CauseInput,
): { readonly alerts: readonly Alert[]; readonly causes: Causes } {
  const places = new Places(
    input.fleet,
    input.hosts.map(({ host }) => host),
  );
  const suspects = new Suspects(alerts);
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const parents = new Map<string, string>();
  for (const child of alerts.toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))) {
    const earlier = byId.get(before.get(child.id)?.cause ?? '') ?? null;
    const fits = (parent: Alert): boolean =>
      parent.since <= child.since + causeWindowMs && explains(parent, child, input.fleet, places) && !leadsTo(parent.id, child.id, parents);
    const parent = parentOf(child, suspects.lists(child, places), earlier, fits);
    if (parent !== null) parents.set(child.id, parent.id);
  }
  const causes = new Map<string, { cause: string; root: string; goneSince: number | null }>();
  for (const { id } of alerts) {
    const cause = parents.get(id);
    if (cause !== undefined) causes.set(id, { cause, root: rootOf(cause, parents), goneSince: null });
    else {
      const held = afterglow(before.get(id), byId, input);
      if (held !== null) causes.set(id, held);
    }
  }
  const explained = alerts.map((alert) => {
    const found = causes.get(alert.id);
    if (found === undefined) return alert;
    const parent = byId.get(found.cause);
    const because = parent === undefined ? null : linkOf(parent, alert, input.fleet, places);
    return { ...alert, cause: found.cause, suppressedBy: found.root, ...(because === null ? {} : { because }) };
  });
  return { alerts: explained, causes };
}

/** The best of each list, and the cause named before, which goes before others of its kind. */
function parentOf(
  child: Alert,
  lists: readonly (readonly Alert[])[],
  earlier: Alert | null,
  fits: (parent: Alert) => boolean,
): Alert | null {
  const best = lists.flatMap((list) => list.find(fits) ?? []);
  if (earlier !== null && fits(earlier)) best.push(earlier);
  return best.toSorted((a, b) => byBlame(a, b, child, earlier?.id ?? null))[0] ?? null;
}

/** Our own network, then the nearest (same host, whose own cause is found in turn), then the strongest kind, then the cause named before, then the oldest. */
function byBlame(a: Alert, b: Alert, child: Alert, earlier: string | null): number {
  return (
    Number(kindOf(b) === 'network') - Number(kindOf(a) === 'network') ||
    Number(b.host === child.host) - Number(a.host === child.host) ||
    blameOrder(kindOf(a)) - blameOrder(kindOf(b)) ||
    Number(b.id === earlier) - Number(a.id === earlier) ||
    a.since - b.since ||
    (a.id < b.id ? -1 : 1)
  );
}

function leadsTo(from: string, target: string, parents: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parents.get(at)) {
    if (at === target) return true;
  }
  return false;
}

function rootOf(from: string, parents: ReadonlyMap<string, string>): string {
  let root = from;
  for (let at = parents.get(root); at !== undefined; at = parents.get(at)) root = at;
  return root;
}

/** The first moments after a cause ended: its children are about to end as well, and would only make noise. */
function afterglow(
  before: { readonly cause: string; readonly root: string; readonly goneSince: number | null } | undefined,
  byId: ReadonlyMap<string, Alert>,
  input: CauseInput,
): { cause: string; root: string; goneSince: number } | null {
  if (before === undefined || byId.has(before.cause)) return null;
  const goneSince = before.goneSince ?? input.now;
  return input.now - goneSince < outlivePolls * input.fleet.poll.everyMs ? { cause: before.cause, root: before.root, goneSince } : null;
}

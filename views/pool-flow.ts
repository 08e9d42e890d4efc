import type { ActionRequest } from '../src/actions/request.ts';
import type { HostView } from '../src/fleet/view.ts';
import { type Draft, withKeys } from './action-menu.ts';
import { plural } from './format.ts';
import { chosenPoolRow } from './list-rows.ts';
import { planRequests } from './plan-flow.ts';
import { memberOf, poolsOf, standingsOf } from './pool-figures.ts';
import { membershipWord, poolSummary } from './pool-words.ts';
import { actionHosts } from './restart-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import { screenOf } from './state.ts';

type Way = 'depool' | 'repool';

/** Hosts that `d` or `D` is about, and the pools that it can be about; or why there are none, in words. */
function poolChoice(session: Session): { readonly views: readonly HostView[]; readonly pools: readonly string[] } | string {
  const views = actionHosts(session);
  const [first, ...rest] = views;
  if (first === undefined) return 'no host is selected';
  const fleet = session.fleet();
  const namesOf = (view: HostView): string[] => poolsOf(fleet, view).map((pool) => pool.name);
  const screen = screenOf(session.ui.getState());
  const here = screen.kind === 'pools' ? (chosenPoolRow(screen, fleet)?.pool.name ?? null) : null;
  if (here !== null) {
    const stranger = views.find((view) => !namesOf(view).includes(here));
    return stranger === undefined ? { views, pools: [here] } : `${stranger.host.name} is not in pool ${here}`;
  }
  const without = views.find((view) => namesOf(view).length === 0);
  if (without !== undefined) return `${without.host.name} is in no pool`;
  const pools = namesOf(first).filter((name) => rest.every((view) => namesOf(view).includes(name)));
  return pools.length === 0 ? `the ${plural(views.length, 'marked host')} have no pool in common` : { views, pools };
}

/** Why `d` or `D` can do nothing now; `null` when it can. */
export function whyNoPool(session: Session): string | null {
  const choice = poolChoice(session);
  return typeof choice === 'string' ? choice : null;
}

const requestOf = (way: Way, hostId: string, pool: string): ActionRequest =>
  way === 'depool' ? { action: 'depool', hostId, pool, mode: 'drain' } : { action: 'repool', hostId, pool };

/** `d` and `D`: plans at once where there is one pool, else asks which. With marks it is a run, one host after another. */
export function offerPools(session: Session, way: Way): void {
  const choice = poolChoice(session);
  if (typeof choice === 'string') return;
  const { views, pools } = choice;
  const [first] = views;
  const [pool, second] = pools;
  if (first === undefined || pool === undefined) return;
  const requests = (name: string): ActionRequest[] => views.map(({ host }) => requestOf(way, host.id, name));
  if (second === undefined) {
    void planRequests(session, requests(pool));
    return;
  }
  const hostName = views.length === 1 ? first.host.name : plural(views.length, 'marked host');
  const items = withKeys(
    pools.map(
      (name): Draft => ({
        wanted: null,
        label: name,
        detail: poolDetail(session, views, name),
        why: pointless(session, way, views, name),
        does: { kind: 'requests', requests: requests(name) },
      }),
    ),
  );
  const cursor = Math.max(
    0,
    items.findIndex((item) => item.why === null),
  );
  const title = way === 'depool' ? `take ${hostName} out of which pool?` : `put ${hostName} back into which pool?`;
  showDialog(session, { kind: 'actions', title, hostIds: views.map(({ host }) => host.id), hostName, env: first.host.env, items, cursor });
}

function poolDetail(session: Session, views: readonly HostView[], name: string): string {
  const fleet = session.fleet();
  const states = views.flatMap(({ host }) => memberOf(fleet, host.id, name) ?? []).map(membershipWord);
  const pool = fleet.pools.find((one) => one.name === name);
  const spec = session.console.catalogue?.pools.find((one) => one.name === name);
  const evidence = { fleet, staleMs: session.console.staleMs, now: session.now() };
  const summary = pool === undefined || spec === undefined ? [] : [poolSummary(spec, standingsOf(evidence, spec, pool)).text];
  return [[...new Set(states)].join(', '), ...summary].filter((text) => text !== '').join(' · ');
}

/** Why a pool cannot be what is meant: everybody is there already, or nobody is. */
function pointless(session: Session, way: Way, views: readonly HostView[], name: string): string | null {
  const wrong = way === 'depool' ? 'out' : 'in';
  const all = views.every(({ host }) => memberOf(session.fleet(), host.id, name)?.state === wrong);
  if (!all) return null;
  const [only, second] = views;
  return `${second === undefined && only !== undefined ? only.host.name : 'every one'} is ${wrong} already`;
}

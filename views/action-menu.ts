import type { CustomAction, Fleet } from '../src/fleet/definition.ts';
import type { HostView } from '../src/fleet/view.ts';
import type { ActionRequest } from '../src/actions/request.ts';

/** What the fleet file offers beyond restarts. */
export type Catalogue = Pick<Fleet, 'drains' | 'releases' | 'maintenanceMode' | 'actions' | 'services' | 'pools' | 'backups'>;

/** One row of the action menu. */
export interface MenuItem {
  /** Chooses it in the menu; empty when there are no keys left. */
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  /** Why it cannot be chosen, in words; `null` when it can. */
  readonly why: string | null;
  readonly does:
    | { readonly kind: 'requests'; readonly requests: readonly ActionRequest[] }
    | { readonly kind: 'custom'; readonly action: CustomAction };
}

export interface Draft extends Omit<MenuItem, 'key'> {
  /** Wanted key; `null` takes a digit. */
  readonly wanted: string | null;
}

/** Keys that mean something else in the menu. */
const reserved = new Set(['j', 'k', 'q', '?', '!', ':', '/']);

/** Everything that can be done to the hosts besides a restart; what does not fit all of them says which one and why. */
export function menuItems(catalogue: Catalogue, views: readonly HostView[]): readonly MenuItem[] {
  const drafts = [
    ...startItems(views),
    ...drainItems(catalogue, views),
    ...maintenanceItems(catalogue, views),
    ...releaseItems(catalogue, views),
    ...customItems(catalogue, views),
    rebootItem(catalogue, views),
  ];
  return withKeys(drafts);
}

/** Gives every row a key: the one it wants where nobody wanted it before, else a digit. */
export function withKeys(drafts: readonly Draft[]): readonly MenuItem[] {
  const taken = new Set(drafts.flatMap(({ wanted }) => (wanted === null ? [] : [wanted])));
  let digit = 0;
  return drafts.map(({ wanted, ...item }, index) => {
    if (wanted !== null && !reserved.has(wanted) && drafts.findIndex((one) => one.wanted === wanted) === index)
      return { ...item, key: wanted };
    do digit += 1;
    while (taken.has(String(digit)));
    return { ...item, key: digit < 10 ? String(digit) : '' };
  });
}

/** The first reason that any of the hosts gives against it. */
function against(views: readonly HostView[], why: (view: HostView) => string | null): string | null {
  for (const view of views) {
    const found = view.reach.reach === 'ok' ? why(view) : `${view.host.name} cannot be reached (${view.reach.reach})`;
    if (found !== null) return found;
  }
  return null;
}

const onRole = (view: HostView, roles: readonly string[]): boolean => view.host.role !== null && roles.includes(view.host.role);

const roleWords = (view: HostView, roles: readonly string[]): string =>
  `for ${roles.join(', ')}; ${view.host.name} is ${view.host.role ?? 'without a role'}`;

const requests = (views: readonly HostView[], request: (hostId: string) => ActionRequest): MenuItem['does'] => ({
  kind: 'requests',
  requests: views.map(({ host }) => request(host.id)),
});

function startItems(views: readonly HostView[]): Draft[] {
  const [first, ...rest] = views;
  const common = (first?.services ?? []).filter(({ name }) => rest.every((view) => view.services.some((one) => one.name === name)));
  return common.map(({ name }) => ({
    wanted: null,
    label: `start ${name}`,
    detail: 'a service that is stopped or failed',
    why: against(views, (view) => {
      const state = view.services.find((one) => one.name === name)?.state;
      return state === 'running' ? `it runs on ${view.host.name}: r restarts it` : null;
    }),
    does: requests(views, (hostId) => ({ action: 'start', hostId, service: name })),
  }));
}

function drainItems({ drains }: Catalogue, views: readonly HostView[]): Draft[] {
  return drains.flatMap((spec) => {
    const fits = (view: HostView): string | null => (onRole(view, spec.on) ? null : roleWords(view, spec.on));
    return (['stop', 'resume'] as const).map((mode) => ({
      wanted: null,
      label: mode === 'stop' ? `drain ${spec.name}` : `resume ${spec.name}`,
      detail: mode === 'stop' ? 'takes no new work and waits for zero; nothing is killed' : 'takes new work again',
      why: mode === 'resume' && spec.resume === null ? 'the fleet file names no way back' : against(views, fits),
      does: requests(views, (hostId) => ({ action: 'drain', hostId, name: spec.name, mode })),
    }));
  });
}

function maintenanceItems({ maintenanceMode }: Catalogue, views: readonly HostView[]): Draft[] {
  const roles = [...maintenanceMode.keys()];
  if (roles.length === 0) return [];
  return (['on', 'off'] as const).map((mode) => ({
    wanted: null,
    label: `maintenance ${mode}`,
    detail: mode === 'on' ? 'users see the maintenance page' : 'users are served again',
    why: against(views, (view) => (onRole(view, roles) ? null : roleWords(view, roles))),
    does: requests(views, (hostId) => ({ action: 'maintenance', hostId, mode })),
  }));
}

function releaseItems({ releases }: Catalogue, views: readonly HostView[]): Draft[] {
  return releases.map((spec) => ({
    wanted: null,
    label: `roll back ${spec.name}`,
    detail: 'to the release before the current one',
    why: against(views, (view) => (onRole(view, spec.on) ? null : roleWords(view, spec.on))),
    does: requests(views, (hostId) => ({ action: 'rollback', hostId, release: spec.name, to: null })),
  }));
}

function customItems({ actions }: Catalogue, views: readonly HostView[]): Draft[] {
  return actions.map((action) => ({
    wanted: action.key,
    label: action.name,
    detail: action.why ?? action.run,
    why: against(views, (view) => (onRole(view, action.on) ? null : roleWords(view, action.on))),
    does: { kind: 'custom', action },
  }));
}

function rebootItem({ services }: Catalogue, views: readonly HostView[]): Draft {
  return {
    wanted: null,
    label: 'reboot',
    detail: 'the machine; everything on it stops until it is back',
    why: against(views, (view) => {
      if (view.host.provider === 'local') return 'this machine is not rebooted from its own console';
      const stateful = services.find((service) => service.stateful && onRole(view, service.on));
      return stateful === undefined ? null : `${view.host.name} runs ${stateful.name}, which is stateful: drain it first`;
    }),
    does: requests(views, (hostId) => ({ action: 'reboot', hostId })),
  };
}

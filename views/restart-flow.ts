import type { ActionRequest } from '../src/actions/plan.ts';
import { worse } from '../src/fleet/health.ts';
import type { HostView } from '../src/fleet/view.ts';
import { marked } from './bindings/binding.ts';
import { plural } from './format.ts';
import { chosenService, servicesWorstFirst, serviceWords } from './host-figures.ts';
import { planAsked, planRequests } from './plan-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import type { PickableService } from './dialog-state.ts';
import { screenOf } from './state.ts';

/** Keys that mean something else in the picker. */
const reserved = new Set(['j', 'k', 'q', '?', '!', ':', '/']);

/** The host's services worst first, each with the key that chooses it: the fleet file's, else a digit. */
export function pickableServices(view: HostView, keys: ReadonlyMap<string, string>): PickableService[] {
  let digit = 0;
  return servicesWorstFirst(view).map((service) => {
    digit += 1;
    const key = keyOf(keys, service.name, digit);
    const words = [serviceWords(service) || service.state, ...service.reasons].join(' · ');
    return { name: service.name, health: service.health, words, key };
  });
}

function keyOf(keys: ReadonlyMap<string, string>, name: string, digit: number): string {
  const own = keys.get(name);
  return own !== undefined && !reserved.has(own) ? own : digit < 10 ? String(digit) : '';
}

/** Services that every one of the hosts has, in the first one's order. */
export function commonServices(views: readonly HostView[], keys: ReadonlyMap<string, string>): PickableService[] {
  const [first, ...rest] = views;
  if (first === undefined) return [];
  const common = first.services.filter((service) => rest.every((view) => view.services.some((one) => one.name === service.name)));
  return common.map(({ name }, index) => {
    const healths = views.flatMap((view) => view.services.filter((one) => one.name === name).map((one) => one.health));
    const poorly = healths.filter((health) => health !== 'ok').length;
    const words = poorly === 0 ? 'ok on all' : `not ok on ${poorly} of ${views.length}`;
    return { name, health: healths.reduce(worse, 'ok'), words, key: keyOf(keys, name, index + 1) };
  });
}

/** The hosts that an action is about: the marked ones where marks are shown, else the one under the cursor. A marked host that is gone stays out. */
export function actionHosts(session: Session): readonly HostView[] {
  const ui = session.ui.getState();
  if (marked.includes(screenOf(ui).kind) && ui.marked.size > 0) return session.fleet().hosts.filter((view) => ui.marked.has(view.host.id));
  const view = session.selected();
  return view === null ? [] : [view];
}

/** `r`: offers the services of the host under the cursor, worst first; with marks those that all marked hosts have. */
export function offerRestart(session: Session): void {
  const views = actionHosts(session);
  const [view, second] = views;
  if (view === undefined) {
    session.note('No host is selected.');
    return;
  }
  const many = second !== undefined;
  const { serviceKeys } = session.console;
  const services = many ? commonServices(views, serviceKeys) : pickableServices(view, serviceKeys);
  const hostName = many ? plural(views.length, 'marked host') : view.host.name;
  if (services.length === 0) {
    session.note(many ? `The ${hostName} have no service in common.` : `The fleet file names no service on ${hostName}.`);
    return;
  }
  const screen = screenOf(session.ui.getState());
  const chosen = screen.kind === 'host' ? view.services[chosenService(view, screen.service)]?.name : undefined;
  const cursor = Math.max(0, chosen === undefined ? 0 : services.findIndex((one) => one.name === chosen));
  const hostIds = views.map(({ host }) => host.id);
  showDialog(session, { kind: 'pick-service', hostIds, hostName, env: view.host.env, services, cursor });
}

/** Plans a restart of one service on one host. */
export function planRestart(session: Session, request: ActionRequest): Promise<void> {
  return planAsked(session, { kind: 'one', request });
}

/** Plans a restart of one service on each of the hosts. */
export function planRestartOf(session: Session, hostIds: readonly string[], service: string): Promise<void> {
  return planRequests(
    session,
    hostIds.map((hostId) => ({ action: 'restart', hostId, service })),
  );
}

import { requestTitle } from './request-title.ts';
import type { ActionRequest, Executor, Plan } from '../src/actions/plan.ts';
import type { HostView } from '../src/fleet/view.ts';
import { emptyField } from './components/text-field.ts';
import { chosenService, servicesWorstFirst, serviceWords } from './host-figures.ts';
import type { Session } from './session.ts';
import {
  addChange,
  addProgress,
  closeDialog,
  type Dialog,
  openDialog,
  type PickableService,
  screenOf,
  setNote,
  setOutcome,
} from './state.ts';

/** Opens a dialog on top of what is there; the rows stay where they are. */
export function showDialog(session: Session, dialog: Dialog): void {
  const order = session.order();
  session.update((ui) => openDialog(ui, dialog, order));
}

/** Keys that mean something else in the picker. */
const reserved = new Set(['j', 'k', 'q', '?', '!', ':', '/']);

/** The host's services worst first, each with the key that chooses it: the fleet file's, else a digit. */
export function pickableServices(view: HostView, keys: ReadonlyMap<string, string>): PickableService[] {
  let digit = 0;
  return servicesWorstFirst(view).map((service) => {
    const own = keys.get(service.name);
    digit += 1;
    const key = own !== undefined && !reserved.has(own) ? own : digit < 10 ? String(digit) : '';
    const words = [serviceWords(service) || service.state, ...service.reasons].join(' · ');
    return { name: service.name, health: service.health, words, key };
  });
}

/** `r`: offers the services of the host under the cursor, worst first. */
export function offerRestart(session: Session): void {
  const view = session.selected();
  if (view === null) {
    session.note('No host is selected.');
    return;
  }
  const services = pickableServices(view, session.console.serviceKeys);
  if (services.length === 0) {
    session.note(`The fleet file names no service on ${view.host.name}.`);
    return;
  }
  const screen = screenOf(session.ui.getState());
  const chosen = screen.kind === 'host' ? view.services[chosenService(view, screen.service)]?.name : undefined;
  const cursor = Math.max(0, chosen === undefined ? 0 : services.findIndex((one) => one.name === chosen));
  showDialog(session, { kind: 'pick-service', hostId: view.host.id, hostName: view.host.name, env: view.host.env, services, cursor });
}

/** Asks the executor for a plan and shows it; nothing is changed. An answer that comes after the dialog was closed is dropped. */
export async function planRestart(session: Session, request: ActionRequest): Promise<void> {
  const view = session.fleet().byId.get(request.hostId);
  const title = requestTitle(request, view?.host.name ?? 'a host that is gone');
  const env = view?.host.env ?? 'default';
  const id = session.nextId();
  showDialog(session, { kind: 'planning', id, request, title, env });
  const waits = (): boolean => {
    const { dialog } = session.ui.getState();
    return dialog?.kind === 'planning' && dialog.id === id;
  };
  try {
    const result = await session.console.executor.plan(request);
    if (!waits()) return;
    if (result.ok) {
      showDialog(session, { kind: 'plan', plan: result.plan, openedAt: session.now(), field: emptyField, wrong: null });
    } else {
      showDialog(session, { kind: 'refused', refusal: result.refusal, request, title, env });
    }
  } catch (error) {
    if (!waits()) return;
    session.update((ui) => setNote(closeDialog(ui), `No plan could be made: ${sentence(error)}`, session.now(), 'crit'));
  }
}

/** Why the plan on the screen cannot be confirmed now; `null` when it can. */
export function confirmationBlock(executor: Executor, plan: Plan, now: number): 'read-only' | 'locked' | 'expired' | null {
  const { state } = executor.armed(plan.env);
  if (state === 'read-only' || state === 'locked') return state;
  return now >= plan.expiresAt ? 'expired' : null;
}

/** Hands the confirmed plan to the executor and shows every step. The outcome stays until it is closed. */
export async function executePlan(session: Session, plan: Plan, word: string): Promise<void> {
  const id = session.nextId();
  session.update((ui) => addChange(ui, { id, plan, progress: [], outcome: null }));
  showDialog(session, { kind: 'running', changeId: id });
  let outcome: Parameters<typeof setOutcome>[2];
  try {
    outcome = await session.console.executor.execute(plan, word, (progress) => session.update((ui) => addProgress(ui, id, progress)));
  } catch (error) {
    outcome = { kind: 'unknown', summary: `The change was interrupted here: ${sentence(error)}`, evidence: [] };
  }
  session.update((ui) => setOutcome(ui, id, outcome));
  const { dialog, input } = session.ui.getState();
  const watching = dialog?.kind === 'running' && dialog.changeId === id;
  if (watching || (dialog === null && input === null)) showDialog(session, { kind: 'outcome', changeId: id, openedAt: session.now() });
}

/** `A`: asks before writes are armed in the environment of the band. */
export function offerArming(session: Session, env: string, waiting: ActionRequest | null): void {
  const { state } = session.console.executor.armed(env);
  if (state === 'read-only') {
    session.note('This console was started read-only: it arms nothing. Start it without --read-only to change things.', 'warn');
    return;
  }
  if (state === 'open') {
    session.note(`Changes in ${env} need no arming.`);
    return;
  }
  showDialog(session, { kind: 'arm', env, openedAt: session.now(), waiting, refusal: null });
}

/** Arms, and goes on to the plan that waited for it. */
export function armNow(session: Session, env: string, waiting: ActionRequest | null): void {
  const refusal = session.console.executor.arm(env);
  if (refusal !== null) {
    showDialog(session, { kind: 'arm', env, openedAt: session.now(), waiting, refusal: refusal.message });
    return;
  }
  session.update((ui) => setNote(closeDialog(ui), `Writes in ${env} are armed for 5 minutes.`, session.now(), 'warn'));
  if (waiting !== null) void planRestart(session, waiting);
}

export function disarm(session: Session, env: string): void {
  session.console.executor.disarm(env);
  session.note(`${env} is read-only again.`);
}

/** An error as one line. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}

import type { DrainSpec, ServiceSpec } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import type { DriverContext } from '../driver.ts';
import { activeOn } from './drain.ts';
import { modeOf } from './maintenance.ts';

/** Service states in which nothing is left to lose. */
const ended: ReadonlySet<string> = new Set(['stopped', 'failed', 'missing']);

/** Whether stopping a stateful service now would lose anything. */
export type Emptiness =
  /** By what was just read; the words are for the plan. */
  { readonly kind: 'empty'; readonly warnings: readonly string[] } | { readonly kind: 'held'; readonly why: string };

/**
 * A stateful service may be stopped once nothing is on it: it does not run, or every drain of its role counts zero. Where the fleet file
 * names no drain for the role, maintenance mode that its check says is on stands for it. What cannot be read is not empty.
 */
export async function emptiness(context: DriverContext, view: HostView, service: ServiceSpec): Promise<Emptiness> {
  const { host } = view;
  const stateful = `${host.name} runs ${service.name}, which is stateful`;
  const seen = view.services.find((each) => each.name === service.name);
  if (seen !== undefined && seen.health !== 'unknown' && ended.has(seen.state)) return { kind: 'empty', warnings: [] };
  const drains = context.fleet.drains.filter((drain) => host.role !== null && drain.on.includes(host.role));
  if (drains.length === 0) return byMaintenance(context, view, stateful);
  for (const drain of drains) {
    const count = await activeOn(context, view, drain);
    if (count !== 0) return { kind: 'held', why: `${stateful}, and ${leftWords(drain, count)}: drain it first (drain ${drain.name})` };
  }
  const names = drains.map(({ name }) => name).join(', ');
  return {
    kind: 'empty',
    warnings: [`${service.name} counts nothing now (${names}); only a drain keeps new work from coming until ${host.name} goes`],
  };
}

async function byMaintenance(context: DriverContext, view: HostView, stateful: string): Promise<Emptiness> {
  const mode = view.host.role === null ? null : await modeOf(context, view);
  if (mode === 'on')
    return { kind: 'empty', warnings: [`${stateful}; maintenance mode is on, and the fleet file names no drain to count what is left`] };
  const known = view.host.role !== null && context.fleet.maintenanceMode.has(view.host.role);
  const remedy = known ? 'turn maintenance mode on first, or stop it' : 'stop it first, or name a drain for its role in the fleet file';
  return { kind: 'held', why: `${stateful}: nothing shows that it is empty; ${remedy}` };
}

function leftWords({ active }: DrainSpec, count: number | null): string {
  return count === null ? `${active} printed no number` : `${count} still there`;
}

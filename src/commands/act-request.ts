import type { ActionRequest } from '../actions/request.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { HostView } from '../fleet/view.ts';
import type { ActOptions } from './act-options.ts';
import { UsageError } from './usage-error.ts';

/** Actions of the catalogue with the form of their targets; the fleet file's own actions take HOST. */
export const actionForms: Readonly<Record<string, string>> = {
  restart: 'HOST/SERVICE',
  start: 'HOST/SERVICE',
  drain: 'HOST, or HOST/DRAIN where the fleet file names several; --mode resume lets it take work again',
  rollback: 'HOST, or HOST/RELEASES; --to RELEASE, else the one before',
  maintenance: 'HOST with --mode on or off',
  reboot: 'HOST',
  depool: 'HOST; --pool NAME where it belongs to several, --mode force to cut off what a drain left over',
  repool: 'HOST; --pool NAME where it belongs to several',
};

export const laterActions = ['backup'];

/** The host part of a target. */
export function hostPart(action: string, target: string): string {
  // A pool is named by --pool: ids of hosts have slashes of their own.
  if (action === 'depool' || action === 'repool') return target;
  const slash = target.lastIndexOf('/');
  const serviced = action === 'restart' || action === 'start';
  if (!serviced) return slash > 0 && !target.startsWith('static') ? target.slice(0, slash) : target;
  if (slash < 1 || slash === target.length - 1)
    throw new UsageError(`${JSON.stringify(target)} is not HOST/SERVICE, for example web1/nginx`);
  return target.slice(0, slash);
}

/** One target of the command line as a request. */
export function requestFor(fleet: Fleet, action: string, target: string, view: HostView, how: ActOptions): ActionRequest {
  const hostId = view.host.id;
  const host = hostPart(action, target);
  const rest = target === host ? null : target.slice(host.length + 1);
  switch (action) {
    case 'restart':
    case 'start':
      return { action, hostId, service: rest ?? '' };
    case 'drain':
      if (how.mode !== null && how.mode !== 'stop' && how.mode !== 'resume') throw new UsageError('drain takes --mode stop or resume');
      return { action, hostId, name: rest ?? onlyOne('drains', fleet.drains.filter(onRole(view)), view), mode: how.mode ?? 'stop' };
    case 'rollback':
      return { action, hostId, release: rest ?? onlyOne('releases', fleet.releases.filter(onRole(view)), view), to: how.to };
    case 'maintenance':
      if (how.mode !== 'on' && how.mode !== 'off') throw new UsageError('maintenance needs --mode on or --mode off');
      return { action, hostId, mode: how.mode };
    case 'reboot':
      return { action, hostId };
    case 'depool':
      if (how.mode !== null && how.mode !== 'drain' && how.mode !== 'force') throw new UsageError('depool takes --mode drain or force');
      return { action, hostId, pool: poolOf(fleet, view, how.pool), mode: how.mode ?? 'drain' };
    case 'repool':
      return { action, hostId, pool: poolOf(fleet, view, how.pool) };
    default:
      return { action: 'custom', hostId, name: action, inputs: how.inputs };
  }
}

function poolOf(fleet: Fleet, view: HostView, named: string | null): string {
  const { name, role } = view.host;
  const own = fleet.pools.filter((pool) => role !== null && pool.memberRoles.includes(role)).map((pool) => pool.name);
  const [only, second] = own;
  if (only === undefined) throw new UsageError(`${name} belongs to no pool of the fleet file`);
  if (named === null && second !== undefined)
    throw new UsageError(`${name} belongs to several pools: name one with --pool ${own.join(', --pool ')}`);
  if (named !== null && !own.includes(named))
    throw new UsageError(`${name} does not belong to a pool ${JSON.stringify(named)}: it belongs to ${own.join(', ')}`);
  return named ?? only;
}

function onRole(view: HostView): (spec: { readonly on: readonly string[] }) => boolean {
  return (spec) => view.host.role !== null && spec.on.includes(view.host.role);
}

function onlyOne(key: string, specs: readonly { readonly name: string }[], view: HostView): string {
  const [only, second] = specs;
  if (only === undefined) throw new UsageError(`the fleet file has no ${key} for the role of ${view.host.name}`);
  if (second !== undefined)
    throw new UsageError(
      `${view.host.name} has several ${key}: name one of ${specs.map((spec) => `${view.host.name}/${spec.name}`).join(', ')}`,
    );
  return only.name;
}

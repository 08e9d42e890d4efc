import type { ActionRequest } from '../../actions/request.ts';
import { suggestion } from '../../config/nearest.ts';
import type { JsonValue } from '../../journal/entry.ts';
import type { HostId } from '../../fleet/host.ts';

/** What each action of the catalogue takes under `with:`; custom actions of the fleet file are `custom.NAME` with a host and their inputs. */
export const catalogue: Readonly<Record<string, { readonly needs: readonly string[]; readonly may: readonly string[] }>> = {
  'pool.depool': { needs: ['pool', 'node'], may: ['force'] },
  'pool.repool': { needs: ['pool', 'node'], may: [] },
  'service.restart': { needs: ['host', 'service'], may: [] },
  'service.start': { needs: ['host', 'service'], may: [] },
  'backup.run': { needs: ['name', 'host'], may: [] },
  'drain.stop': { needs: ['host', 'name'], may: [] },
  'drain.resume': { needs: ['host', 'name'], may: [] },
  'maintenance.on': { needs: ['host'], may: [] },
  'maintenance.off': { needs: ['host'], may: [] },
  'release.rollback': { needs: ['host', 'release'], may: ['to'] },
  'host.reboot': { needs: ['host'], may: [] },
};

/** Actions that have an inverse of their own. */
export const invertible: ReadonlySet<string> = new Set([
  'pool.depool',
  'drain.stop',
  'drain.resume',
  'maintenance.on',
  'maintenance.off',
  'release.rollback',
]);

/** An action of a playbook as the executor's request; the words say what is wrong. */
export function requestOf(
  action: string,
  given: Readonly<Record<string, JsonValue>>,
  idOf: (name: string) => HostId | null,
): ActionRequest | string {
  const text = (name: string): string => {
    const value = given[name];
    return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  };
  const named = text('node') === '' ? text('host') : text('node');
  const hostId = idOf(named);
  if (hostId === null) return named === '' ? `${action} names no host` : `there is no host ${JSON.stringify(named)} in this fleet`;
  switch (action) {
    case 'pool.depool':
      return { action: 'depool', hostId, pool: text('pool'), mode: given['force'] === true ? 'force' : 'drain' };
    case 'pool.repool':
      return { action: 'repool', hostId, pool: text('pool') };
    case 'service.restart':
      return { action: 'restart', hostId, service: text('service') };
    case 'service.start':
      return { action: 'start', hostId, service: text('service') };
    case 'backup.run':
      return { action: 'backup', hostId, name: text('name') };
    case 'drain.stop':
    case 'drain.resume':
      return { action: 'drain', hostId, name: text('name'), mode: action === 'drain.stop' ? 'stop' : 'resume' };
    case 'maintenance.on':
    case 'maintenance.off':
      return { action: 'maintenance', hostId, mode: action === 'maintenance.on' ? 'on' : 'off' };
    case 'release.rollback':
      return { action: 'rollback', hostId, release: text('release'), to: text('to') === '' ? null : text('to') };
    case 'host.reboot':
      return { action: 'reboot', hostId };
    default:
      if (!action.startsWith('custom.'))
        return `there is no action ${action}. ${suggestion(action, Object.keys(catalogue), 'Actions') ?? ''}`.trim();
      return { action: 'custom', hostId, name: action.slice('custom.'.length), inputs: inputsOf(given) };
  }
}

function inputsOf(given: Readonly<Record<string, JsonValue>>): Record<string, string> {
  const rest = Object.entries(given).filter(([name]) => name !== 'host' && name !== 'node');
  return Object.fromEntries(rest.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
}

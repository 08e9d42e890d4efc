import type { ServiceSpec } from '../fleet/definition.ts';

/**
 * Why a service's unit name is not sent to hosts, in words; `null` when it may be.
 * A leading dash would be read as an option by every manager's tool, and a slash would leave /etc/init.d.
 */
export function refusedName(service: ServiceSpec): string | null {
  const names = [service.unit, service.project, service.socket].filter((name) => name !== null);
  if (names.some((name) => name === '')) return 'its unit name is empty';
  if (names.some((name) => name.startsWith('-'))) return 'a unit name that begins with a dash is refused';
  if (names.some((name) => /\p{Cc}/u.test(name))) return 'a unit name with control characters is refused';
  if (service.manager === 'sysv' && service.unit.includes('/')) return 'a script name with a slash is refused';
  return null;
}

import type { CloudHost } from '../calls.ts';

interface Status {
  readonly code?: string | undefined;
}

/** Power states of an instance view (`PowerState/…`, learn.microsoft.com: States and billing of Azure Virtual Machines). */
const states: Readonly<Record<string, CloudHost['state']>> = {
  creating: 'provisioning',
  starting: 'provisioning',
  running: 'running',
  stopping: 'stopping',
  deallocating: 'stopping',
  hibernating: 'stopping',
  stopped: 'stopped',
  deallocated: 'stopped',
  hibernated: 'stopped',
};

/** State of a machine by its runtime statuses; without a power state only its making is known. */
export function machineState(statuses: readonly Status[] | undefined, provisioning: string | undefined): CloudHost['state'] {
  const power = statuses?.map(({ code }) => /^PowerState\/(.+)$/i.exec(code ?? '')?.[1]).find((word) => word !== undefined);
  if (power !== undefined) return states[power.toLowerCase()] ?? 'unknown';
  return provisioning?.toLowerCase() === 'creating' ? 'provisioning' : 'unknown';
}

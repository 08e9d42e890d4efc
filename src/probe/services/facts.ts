import type { ServiceSample } from '../../fleet/sample.ts';

/** What a manager knows of a service; name, manager and listening are added by the caller. */
export type ServiceFacts = Omit<ServiceSample, 'name' | 'manager' | 'listening'>;

/** A service that could not be asked, or is not there. */
export function noFacts(state: 'unknown' | 'missing', detail: string): ServiceFacts {
  return { state, sub: null, sinceMs: null, restarts: null, pid: null, result: null, instance: null, detail };
}

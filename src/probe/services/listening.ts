import type { ServiceSpec } from '../../fleet/definition.ts';
import type { Measured } from '../measured.ts';
import type { Listening } from '../parse/listen.ts';
import { plainSocketPath } from '../parse/listen.ts';
import { shown } from '../shown.ts';

export interface ListenFacts {
  /** Whether all that the fleet file names for the service is listened on; `null` when it names nothing or it could not be read. */
  readonly listening: boolean | null;
  /** The listening sockets' inodes: new ones mean a new process opened them. */
  readonly instance: string | null;
  /** `port 8816`, `/run/app.sock`: what was looked for, for sentences. */
  readonly what: string;
}

function inodes(service: ServiceSpec, found: Listening): readonly (readonly string[])[] {
  const sets: (readonly string[])[] = [];
  if (service.port !== null) sets.push(found.ports.get(service.port) ?? []);
  if (service.socket !== null) sets.push(found.sockets.get(plainSocketPath(service.socket)) ?? []);
  return sets;
}

/** Looks a service's port and socket up in what listens on the host. */
export function listenFacts(service: ServiceSpec, now: Measured): ListenFacts {
  const what = [service.port === null ? null : `port ${String(service.port)}`, service.socket].filter((one) => one !== null).join(' or ');
  const found = now.listening;
  if (what === '' || found === null || found.failure !== null) return { listening: null, instance: null, what };
  const sets = inodes(service, found.value);
  const open = sets.every((set) => set.length > 0);
  // A published container port may be a rule of the packet filter, with no socket to be seen on the host.
  if (!open && (service.manager === 'docker' || service.manager === 'docker-compose')) return { listening: null, instance: null, what };
  return { listening: open, instance: open ? shown(`socket ${sets.flat().sort().join(' ')}`) : null, what };
}

import type { CallTime, ProviderSession } from '../provider-calls.ts';
import { ask, type OneAttempt } from './ask.ts';
import { createClients, type GceClients } from './clients.ts';
import type { Asked } from './gce-error.ts';

/** One project and the two ways to it. */
export interface Gce {
  readonly project: string;
  readonly read: GceClients;
  readonly write: GceClients;
  /** @param doing as in "it was asked to …" */
  asked(doing: string, changing?: boolean): Asked;
  ask<T>(asked: Asked, time: CallTime, attempt: (options: OneAttempt) => Promise<T>, longestMs?: number): Promise<T>;
}

export function createGce(session: ProviderSession): Gce {
  const where = session.endpoint === null ? 'compute.googleapis.com' : `The API at ${new URL(session.endpoint).host}`;
  return {
    project: session.scope,
    read: createClients(session, 'read'),
    write: createClients(session, 'write'),
    asked: (doing, changing = false) => ({ doing, project: session.scope, where, byToken: session.token !== null, changing }),
    ask,
  };
}

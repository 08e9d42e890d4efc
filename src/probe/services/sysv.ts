import type { ServiceSpec } from '../../fleet/definition.ts';
import type { ServiceState } from '../../fleet/sample.ts';
import type { ServiceFacts } from './facts.ts';
import { noFacts } from './facts.ts';
import type { ListenFacts } from './listening.ts';

/** Exit codes of a script's `status`. @see LSB 5.0, "Init Script Actions" */
function stateOf(exit: number): { readonly state: ServiceState; readonly sub: string } {
  switch (exit) {
    case 0:
      return { state: 'running', sub: 'status 0 (running)' };
    case 1:
      return { state: 'failed', sub: 'status 1 (dead, pid file left)' };
    case 2:
      return { state: 'failed', sub: 'status 2 (dead, lock file left)' };
    case 3:
      return { state: 'stopped', sub: 'status 3 (not running)' };
    default:
      return { state: 'unknown', sub: `status ${String(exit)}` };
  }
}

/** A SysV script on a host without systemd. Its port or socket, when named, is believed over its status. */
export function sysvFacts(service: ServiceSpec, scripts: ReadonlyMap<string, number> | null, listen: ListenFacts): ServiceFacts {
  const exit = scripts?.get(service.unit);
  if (exit === undefined) return noFacts('unknown', 'the script was not asked');
  if (exit === 127) return noFacts('missing', 'no such script in /etc/init.d');
  if (exit === 124 || exit === 137) return noFacts('unknown', 'the script did not tell its status in time');
  const { state, sub } = stateOf(exit);
  const facts: ServiceFacts = {
    state,
    sub,
    sinceMs: null,
    restarts: null,
    pid: null,
    result: null,
    instance: listen.instance,
    detail: null,
  };
  if (listen.listening === true && state !== 'running')
    return { ...facts, state: 'running', detail: `script says ${sub} but ${listen.what} is open` };
  if (listen.listening === false && state === 'running')
    return { ...facts, state: 'failed', detail: `script says running but ${listen.what} is closed` };
  return facts;
}

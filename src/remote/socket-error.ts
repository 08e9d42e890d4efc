import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';

/** The system's code of an error (`ECONNREFUSED`), `null` when it has none. Looks into the error of several attempts (IPv6 and IPv4). */
export function systemCode(error: unknown): string | null {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(systemCode);
    // A refusal says most: something answered there.
    return codes.includes('ECONNREFUSED') ? 'ECONNREFUSED' : (codes[0] ?? null);
  }
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What failed while dialling `name` at `place` (`address port N`), in words. */
export function socketReachError(error: unknown, name: string, place: string): ReachError {
  const code = systemCode(error);
  switch (code) {
    case 'ECONNREFUSED':
      return new ReachError(
        'refused',
        `${name} refuses connections at ${place}: the machine answers, but no SSH server listens there.`,
        'Check that sshd runs there and that the port is right.',
      );
    case 'ETIMEDOUT':
      return new ReachError(
        'timeout',
        `${name} does not answer at ${place}.`,
        'The machine is down, hung, or a firewall drops the packets.',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ReachError(
        'unreachable',
        `The address of ${name} cannot be found: no such name as in ${place}.`,
        'Check the address in the fleet file, HostName in ~/.ssh/config, and DNS.',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return new ReachError('unreachable', `There is no route to ${name} at ${place}.`, 'Check your own network or VPN first.');
    case 'ECONNRESET':
    case 'EPIPE':
      return new ReachError('unreachable', `The connection to ${name} at ${place} was reset.`, null);
    default:
      return new ReachError(
        'unreachable',
        `${name} cannot be reached at ${place}: ${sanitizeLine(error instanceof Error ? error.message : String(error))}.`,
        null,
      );
  }
}

import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ForwardTarget, HostConnection } from '../../remote/connection.ts';
import { NotAsked } from './answer.ts';

/** The host's sshd does not forward at all, which says nothing about the target. */
export class ForwardingProhibited extends NotAsked {}

/** RFC 4254 section 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, and what OpenSSH and libraries print for it. */
function isProhibited(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('reason' in error && error.reason === 1) return true;
  return /administratively prohibited|forwarding (is |was )?(not allowed|disabled|prohibited|refused)|does not (allow|permit) forwarding/i.test(
    error.message,
  );
}

function direct(to: ForwardTarget, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(to);
    const onAbort = (): void => {
      socket.destroy(new Error('no answer in time'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

async function forwarded(host: HostConnection, to: ForwardTarget, deadlineMs: number, signal: AbortSignal): Promise<Duplex> {
  const opening = host.forward(to, deadlineMs);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        // A stream that opens later has nobody to close it.
        opening.then(
          (stream) => stream.destroy(),
          () => undefined,
        );
        reject(new Error('no answer in time'));
      },
      { once: true },
    );
  });
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    if (isProhibited(error)) throw new ForwardingProhibited('this host does not allow forwarding');
    if (host.closed) throw new NotAsked('the connection to the host was lost');
    throw error;
  }
}

/**
 * A byte stream to a port or unix socket: through the host's connection, or straight from here when there is no host.
 * Its later errors are the caller's to listen for.
 * @throws Error when it could not be opened, ForwardingProhibited when the host forwards nothing.
 */
export function openStream(host: HostConnection | null, to: ForwardTarget, deadlineMs: number, signal: AbortSignal): Promise<Duplex> {
  if (signal.aborted) return Promise.reject(new Error('no answer in time'));
  return host === null ? direct(to, signal) : forwarded(host, to, deadlineMs, signal);
}

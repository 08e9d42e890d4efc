import { connect as connectSocket, type Socket } from 'node:net';
import { givenUp } from './login-errors.ts';
import { sanitizeLine } from './sanitize.ts';
import { socketReachError } from './socket-error.ts';
import type { Target } from './target.ts';

/** Dials a target's address. @throws ReachError */
export async function dial(target: Target, connectMs: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const place = `${sanitizeLine(target.address)} port ${target.port}`;
  const socket = connectSocket({ host: target.address, port: target.port, noDelay: true });
  const timer = setTimeout(
    () => reject(socketReachError(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }), target.name, place)),
    connectMs,
  );
  const stop = (): void => reject(givenUp(target));
  signal.addEventListener('abort', stop, { once: true });
  socket.once('connect', () => resolve(socket));
  socket.on('error', (error) => reject(socketReachError(error, target.name, place)));
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

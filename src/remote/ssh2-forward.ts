import type { Client, ClientChannel } from 'ssh2';
import type { ForwardTarget } from './connection.ts';
import { sanitizeLine } from './sanitize.ts';
import { TunnelStream } from './tunnel-stream.ts';

/** A stream to a port or unix socket as the server sees it. Rejects with a plain Error in the server's own (sanitized) words. */
export function openTunnel(client: Client, to: ForwardTarget, deadlineMs: number): Promise<TunnelStream> {
  const { promise, resolve, reject } = Promise.withResolvers<TunnelStream>();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reject(new Error('The server did not open the connection in time.'));
  }, deadlineMs);
  const opened = (error: Error | undefined, channel: ClientChannel): void => {
    clearTimeout(timer);
    if (error !== undefined) reject(new Error(sanitizeLine(error.message.replace('(SSH) Channel open failure: ', ''), 200)));
    else if (late) channel.close();
    else resolve(new TunnelStream(channel));
  };
  try {
    if ('path' in to) client.openssh_forwardOutStreamLocal(to.path, opened);
    else client.forwardOut('127.0.0.1', 0, to.host, to.port, opened);
  } catch (error) {
    clearTimeout(timer);
    reject(error instanceof Error ? error : new Error(String(error)));
  }
  return promise;
}

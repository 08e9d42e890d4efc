import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';

/**
 * TLS over an open stream. With `verify` an untrusted certificate rejects; without, `authorizationError` of the result tells.
 * The stream is destroyed when the handshake fails or the signal aborts.
 */
export function secureStream(stream: Duplex, serverName: string, verify: boolean, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket: stream,
      // RFC 6066 section 3: an address is no server name.
      ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: verify,
    });
    const fail = (error: Error): void => {
      stream.destroy();
      secure.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(new Error('no answer in time'));
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', fail);
    secure.once('error', fail);
    // A peer that ends in mid-handshake is no error to a stream, but no answer either.
    const onEnd = (): void => fail(new Error('the connection ended before TLS was set up'));
    secure.once('close', onEnd);
    secure.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort);
      secure.removeListener('error', fail);
      secure.removeListener('close', onEnd);
      secure.on('error', () => undefined);
      resolve(secure);
    });
  });
}

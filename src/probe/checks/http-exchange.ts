import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** Bytes of a body that are kept and searched. */
export const bodyCap = 256 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly location: string | null;
  /** At most `bodyCap` bytes. */
  readonly body: string;
  /** Bytes that came before the reading ended: all of a short body. */
  readonly bytes: number;
}

export interface HttpQuestion {
  /** Path and query. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Reading goes on to this size beyond the cap. */
  readonly wantBytes: number;
}

/** One GET over an open stream, which it always closes. Rejects when the answer breaks off or the signal aborts. */
export function httpExchange(stream: Duplex, question: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
      stream.destroy();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const onAbort = (): void => fail(new Error('no answer in time'));
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', fail);
    const asked = request({
      method: 'GET',
      path: question.path,
      setHost: false,
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'quarterdeck',
        ...question.headers,
        host: question.host,
        connection: 'close',
      },
      createConnection: () => stream,
    });
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let kept = 0;
      let bytes = 0;
      const answer = (): HttpAnswer => ({
        status: response.statusCode ?? 0,
        location: response.headers.location ?? null,
        body: Buffer.concat(chunks).toString('utf8'),
        bytes,
      });
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (kept < bodyCap) chunks.push(chunk.subarray(0, bodyCap - kept));
        kept += chunk.length;
        if (bytes >= Math.max(bodyCap, question.wantBytes)) finish(() => resolve(answer()));
      });
      response.on('end', () => finish(() => resolve(answer())));
      response.on('error', fail);
      response.on('aborted', () => fail(new Error('the answer broke off')));
    });
    asked.end();
  });
}

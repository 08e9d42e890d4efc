import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  /** Parsed JSON, `null` when there was none. */
  readonly body: unknown;
}

/** `body` undefined: the connection is held open without an answer. */
export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is instead of JSON. */
  readonly raw?: string;
}

export const silence = { status: 0 };

export interface AnsweringServer {
  readonly url: string;
  readonly asked: Asked[];
  stop(): Promise<void>;
}

type Answer = (asked: Asked, turn: number) => Told;
type Tls = { readonly key: string; readonly cert: string } | null;

/** A server on loopback that answers as `answer` says, until the test is over. */
export async function answeringServer(answer: Answer, tls: Tls = null): Promise<AnsweringServer> {
  const server = await startAnswering(answer, tls);
  onTestFinished(() => server.stop());
  return server;
}

/** The same for many tests; `turn` counts what `asked` holds. */
export async function startAnswering(answer: Answer, tls: Tls = null): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://here');
      const text = Buffer.concat(chunks).toString('utf8');
      const one: Asked = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        authorization: request.headers.authorization ?? null,
        body: text === '' ? null : JSON.parse(text),
      };
      asked.push(one);
      const told = answer(one, asked.length - 1);
      if (told.status === 0) return;
      response.writeHead(told.status ?? 200, { 'content-type': 'application/json; charset=UTF-8', ...told.headers });
      response.end(told.raw ?? JSON.stringify(told.body));
    });
  };
  const server = tls === null ? createPlain(take) : createSecure(tls, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

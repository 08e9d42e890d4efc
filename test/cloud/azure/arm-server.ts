import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallTime, ProviderSession } from '../../../src/cloud/provider-calls.ts';
import { Secret } from '../../../src/fleet/secret.ts';

/** A request as it came over the wire. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it is; `null`: never answered. */
  readonly body: unknown;
}

type Handler = (request: Seen) => Answer | null;

export interface ArmServer {
  readonly base: string;
  readonly session: ProviderSession;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export const subscription = '11111111-2222-3333-4444-555555555555';
export const root = `/subscriptions/${subscription}`;

/** An authority and a certificate of it for 127.0.0.1, made by openssl. */
export function makeAuthority(directory: string): { readonly ca: string; readonly key: string; readonly cert: string } {
  const file = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  openssl(
    'req',
    ...key,
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    file('key.pem'),
    '-out',
    file('csr.pem'),
  );
  const sign = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', file('csr.pem'), ...sign, '-out', file('cert.pem'));
  return { ca: file('ca.pem'), key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('cert.pem'), 'utf8') };
}

/** Azure Resource Manager on loopback: what `handler` does not answer is 404, as Azure words it. */
export async function startArm(handler: Handler, tls: 'tls' | 'plain' = 'tls'): Promise<ArmServer> {
  const directory = mkdtempSync(join(tmpdir(), 'arm-'));
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one: Seen = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(one);
      const answer = handler(one) ?? failure(404, 'ResourceNotFound', `The Resource '${url}' was not found.`);
      if (answer.body === null) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  };
  const authority = tls === 'tls' ? makeAuthority(directory) : null;
  const server = authority === null ? createPlainServer(listener) : createServer({ key: authority.key, cert: authority.cert }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const base = `${authority === null ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    base,
    session: { scope: subscription, endpoint: base, ca: authority?.ca ?? null, token: new Secret('stub-token') },
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** An error as ARM writes it. */
export function failure(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { error: { code, message } } };
}

export function pathOf({ url }: Seen): string {
  return url.split('?')[0] ?? '';
}

/** The time of one call. */
export function within(ms: number): CallTime {
  return { signal: AbortSignal.timeout(ms), endsAt: Date.now() + ms };
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { CloudCall, type CloudReply, findRoute, type Route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';

/** What one vendor does its own way. */
export interface CloudVendor {
  readonly routes: readonly Route[];
  /** Looked at before every call, after the token. @throws CloudFault */
  admit(method: string): void;
  /** Bearer token that is taken, `null` when none is any more. */
  token(): string | null;
  /** The vendor's JSON for a refusal. */
  refuse(fault: CloudFault): unknown;
  /** Called after every answer. */
  answered(): void;
  /** The vendor's 401 and 404. */
  readonly unauthorized: CloudFault;
  notFound(path: string): CloudFault;
}

const largestBody = 1_000_000;

/** The HTTP server of one cloud, on 127.0.0.1. It answers as the vendor's API does, from memory. */
export class CloudHttp {
  readonly #vendor: CloudVendor;
  readonly #server: Server;
  #port = 0;
  /** Calls answered so far: method, path with query, status. */
  readonly calls: { readonly method: string; readonly url: string; readonly status: number }[] = [];

  constructor(vendor: CloudVendor) {
    this.#vendor = vendor;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** `http://127.0.0.1:PORT` */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Takes an ephemeral port of 127.0.0.1. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address !== null && typeof address === 'object') this.#port = address.port;
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.endpoint);
    const method = request.method ?? 'GET';
    const reply = await this.#reply(request, method, url).catch((error: unknown) => this.#refusal(error));
    const status = reply.status ?? 200;
    this.#note({ method, url: request.url ?? '/', status });
    this.#vendor.answered();
    if (response.destroyed) return;
    const body = reply.body === null ? '' : JSON.stringify(reply.body);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
    response.end(body);
  }

  async #reply(request: IncomingMessage, method: string, url: URL): Promise<CloudReply> {
    if (Number(request.headers['content-length'] ?? 0) > largestBody) throw new CloudFault(413, 'uploadTooLarge', 'The body is too large.');
    const body = await text(request);
    const token = this.#vendor.token();
    if (token === null || request.headers.authorization !== `Bearer ${token}`) throw this.#vendor.unauthorized;
    this.#vendor.admit(method);
    const found = findRoute(this.#vendor.routes, method, url.pathname);
    if (found === null) throw this.#vendor.notFound(url.pathname);
    const asked = {
      method,
      path: url.pathname,
      query: url.searchParams,
      ifMatch: request.headers['if-match'] ?? null,
      base: `http://${request.headers.host ?? new URL(this.endpoint).host}`,
      body: body === '' ? {} : parsed(body),
    };
    return await found.route.answer(new CloudCall(asked, found.params));
  }

  #refusal(error: unknown): CloudReply {
    const fault = error instanceof CloudFault ? error : new CloudFault(500, 'backendError', 'The server met an error.');
    return { status: fault.status, body: this.#vendor.refuse(fault), headers: fault.headers };
  }

  #note(call: { readonly method: string; readonly url: string; readonly status: number }): void {
    this.calls.push(call);
    if (this.calls.length > 500) this.calls.splice(0, 100);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new CloudFault(400, 'parseError', 'Parse Error');
  }
}

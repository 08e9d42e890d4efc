import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Machine } from '../machine/machine.ts';
import { haproxyOf } from './haproxy-state.ts';

/** nginx gives up on its upstream after this (proxy_read_timeout). */
const upstreamTimeoutMs = 60_000;

const nginxPage = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;

/** Speaks HTTP for the simulated machines over forwarded streams. It never listens anywhere. */
export class WebAnswers {
  readonly #server: Server;
  readonly #ends = new WeakMap<Duplex, { readonly machine: Machine; readonly port: number }>();
  readonly #open = new Set<Duplex>();

  constructor() {
    this.#server = createServer((request, response) => {
      const end = this.#ends.get(request.socket);
      if (end === undefined) response.destroy();
      else void answer(end.machine, end.port, request, response);
    });
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** Answers what comes over `stream` as the program behind this port of the machine would. */
  serve(machine: Machine, port: number, stream: Duplex): void {
    this.#ends.set(stream, { machine, port });
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    this.#server.emit('connection', stream);
  }

  stop(): void {
    for (const stream of this.#open) stream.destroy();
    this.#open.clear();
    this.#server.close();
  }
}

/** What the load balancer's check of a web would find now. */
export function loadHealthy(machine: Machine): boolean {
  return machine.listener(80) !== null && machine.listener(8816) !== null && machine.nfsMount?.server.mode !== 'stuck';
}

async function answer(machine: Machine, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (machine.spec.role === 'lb') {
    const able = haproxyOf(machine).receiving().filter(loadHealthy);
    const backend = able[Math.floor(machine.clock.now() / 7) % Math.max(1, able.length)];
    if (backend === undefined)
      send(
        response,
        503,
        'text/html',
        '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
      );
    else await nginx(backend, path, response);
    return;
  }
  if (port === 8816) await pencils(machine, path, response);
  else if (port === 8811)
    send(response, 200, 'application/json', JSON.stringify({ sockets: 20 + Math.round(machine.now.running * 9), rooms: 11 }));
  else await nginx(machine, path, response);
}

async function nginx(machine: Machine, path: string, response: ServerResponse): Promise<void> {
  response.setHeader('Server', 'nginx');
  if (path.startsWith('/log/')) send(response, 204, null, '');
  else if (path === '/status') {
    const active = 1 + Math.round((1 + machine.now.running * 6) * machine.traffic());
    const total = Math.floor(machine.switches / 9);
    send(
      response,
      200,
      'text/plain',
      `Active connections: ${active} \nserver accepts handled requests\n ${total} ${total} ${total * 3} \nReading: 0 Writing: 1 Waiting: ${active - 1} \n`,
    );
  } else if (path === '/builddate.txt') send(response, 200, 'text/plain', '2026-11-18 03:12:44 4f2c91e\n');
  else if (path.startsWith('/load') || path.startsWith('/save')) await pencils(machine, path, response, true);
  else if (path === '/socket.io/status') {
    if (machine.listener(8811) === null) send(response, 502, 'text/html', nginxPage('502 Bad Gateway'));
    else send(response, 200, 'application/json', JSON.stringify({ sockets: 20 + Math.round(machine.now.running * 9), rooms: 11 }));
  } else if (path === '/') {
    // nginx itself looks at /srv/$site/data on the mount for every page.
    if (await mountAnswers(machine, response)) send(response, 200, 'text/html', '<!doctype html><title>Pencil Code</title>\n');
    else send(response, 504, 'text/html', nginxPage('504 Gateway Time-out'));
  } else send(response, 404, 'text/html', nginxPage('404 Not Found'));
}

/** `GET /load/NAME` of server/load.js; a missing data directory is still status 200, with an error in the body. */
async function pencils(machine: Machine, path: string, response: ServerResponse, proxied = false): Promise<void> {
  if (machine.listener(8816) === null) {
    send(response, 502, 'text/html', nginxPage('502 Bad Gateway'));
    return;
  }
  if (!(await mountAnswers(machine, response))) {
    if (proxied) send(response, 504, 'text/html', nginxPage('504 Gateway Time-out'));
    else response.destroy();
    return;
  }
  const name = path.replace(/^\/(?:load|save)\/?/, '');
  if (machine.mountLost) send(response, 200, 'application/json', JSON.stringify({ error: `Could not read file ${name}` }));
  else
    send(
      response,
      200,
      'application/json',
      JSON.stringify({
        directory: `/${name}${name === '' ? '' : '/'}`,
        list: [{ name: 'welcome', mode: 'rw', size: 412, mtime: 1_763_500_000_000 }],
        auth: false,
      }),
    );
}

/** Waits as long as a few calls over the NFS mount take; false when nobody waits any more or the proxy's patience is over. */
async function mountAnswers(machine: Machine, response: ServerResponse): Promise<boolean> {
  const server = machine.mountLost ? undefined : machine.nfsMount?.server;
  await waitFor(machine, response, server?.mode === 'slow' ? 290 : 6);
  let waitedMs = 0;
  while (server?.mode === 'stuck' && !response.destroyed && waitedMs < upstreamTimeoutMs) {
    await waitFor(machine, response, 200);
    waitedMs += 200;
  }
  return server?.mode !== 'stuck' && !response.destroyed;
}

function waitFor(machine: Machine, response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const callOff = machine.clock.after(ms, () => {
      response.off('close', gone);
      resolve();
    });
    const gone = (): void => {
      callOff();
      resolve();
    };
    response.once('close', gone);
  });
}

function send(response: ServerResponse, status: number, type: string | null, body: string): void {
  if (response.destroyed || response.headersSent) return;
  response.statusCode = status;
  if (type !== null) response.setHeader('Content-Type', type);
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(status === 204 ? undefined : body);
}

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, createServer as createTcp } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckSpec } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { CheckSample } from '../../src/fleet/sample.ts';
import { runCheck } from '../../src/probe/checks/run.ts';
import type { ExecOptions, ExecResult, ForwardTarget, HostConnection } from '../../src/remote/connection.ts';
import { lacks } from './needs.ts';

type Kind<K extends CheckSpec['kind']> = Extract<CheckSpec, { kind: K }>;

const folder = mkdtempSync(join(tmpdir(), 'probe-checks-'));
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listening(server: Server, path?: string): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => (path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve)));
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

function web(answer: (request: IncomingMessage, response: ServerResponse) => void, path?: string): Promise<number> {
  return listening(createHttp(answer), path);
}

const aHost: Host = {
  id: 'static/web1',
  name: 'web1',
  role: 'web',
  env: 'default',
  zone: null,
  address: '127.0.0.1',
  ssh: { user: null, port: null },
  labels: {},
  provider: 'static',
  source: 'static',
  cloudState: null,
};

/** A host that is this machine: real sockets, real `sh`. Forwards nothing when `prohibits` is set. */
class ThisMachine implements Pick<HostConnection, 'forward' | 'exec' | 'closed'> {
  readonly transport = 'local';
  readonly closed = false;
  readonly prohibits: boolean;
  readonly executed: string[];

  constructor(prohibits: boolean, executed: string[]) {
    this.prohibits = prohibits;
    this.executed = executed;
  }

  forward(to: ForwardTarget): Promise<Duplex> {
    // What OpenSSH answers under `AllowTcpForwarding no`, as ssh2 passes it on.
    if (this.prohibits) return Promise.reject(Object.assign(new Error('(SSH) Channel open failure: open failed'), { reason: 1 }));
    return new Promise((resolve, reject) => {
      const socket = connect(to, () => resolve(socket));
      socket.once('error', reject);
    });
  }

  exec(command: string, options: ExecOptions): Promise<ExecResult> {
    this.executed.push(command);
    return new Promise((resolve) => {
      const child = spawn('/bin/sh', ['-c', command]);
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      // A command may end without having read it.
      child.stdin.on('error', () => {}).end(typeof options.stdin === 'string' ? options.stdin : '');
      child.on('close', (exit, signal) =>
        resolve({ exit, signal, stdout, stderr, droppedBytes: 0, durationMs: 1, end: exit === null ? 'signal' : 'exit' }),
      );
    });
  }
}

function connection(prohibits = false, executed: string[] = []): HostConnection {
  const machine = new ThisMachine(prohibits, executed);
  return Object.assign(machine, {
    host: aHost,
    shell: () => Promise.reject(new Error('no shell here')),
    onClosed: () => undefined,
    close: () => undefined,
    traffic: () => ({ received: 0, sent: 0 }),
  });
}

const never = new AbortController().signal;

function run(spec: CheckSpec, host: HostConnection | null = connection(), signal = never): Promise<CheckSample> {
  return runCheck(spec, host, () => Date.parse('2026-11-22T00:00:00Z'), signal);
}

const common = { on: ['web'], from: 'host', everyMs: 10_000, timeoutMs: 2000 } as const;

function http(url: string, more: Partial<Kind<'http'>> = {}): Kind<'http'> {
  return {
    ...common,
    name: 'load',
    kind: 'http',
    url,
    hostHeader: null,
    headers: {},
    unix: null,
    status: null,
    body: null,
    follow: false,
    minBytes: null,
    ...more,
  };
}

function command(text: string, more: Partial<Kind<'command'>> = {}): Kind<'command'> {
  return { ...common, name: 'gauge', kind: 'command', command: text, number: false, warn: null, crit: null, below: false, ...more };
}

describe('an http check', () => {
  it('sends the Host header and own headers, and asserts status, body and size', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const port = await web((request, response) => {
      seen.push(request.headers);
      response.end('{"directory":[]}');
    });
    const spec = http(`http://127.0.0.1:${String(port)}/load/first?x=1`, {
      hostHeader: 'pencil.io',
      headers: { 'X-Probe': 'yes' },
      body: '"directory"',
      minBytes: 16,
    });
    expect(await run(spec)).toMatchObject({
      name: 'load',
      kind: 'http',
      ok: true,
      health: 'ok',
      value: 200,
      detail: 'status 200',
      at: Date.parse('2026-11-22T00:00:00Z'),
    });
    expect(seen[0]).toMatchObject({ host: 'pencil.io', 'x-probe': 'yes' });
    expect(await run({ ...spec, body: 'missing' })).toMatchObject({
      ok: false,
      health: 'crit',
      detail: 'status 200, but the body has no "missing"',
    });
    expect(await run({ ...spec, minBytes: 17 })).toMatchObject({ ok: false, detail: 'status 200, but only 16 of 17 bytes' });
    expect(await run({ ...spec, status: 204 })).toMatchObject({ ok: false, detail: 'status 200, not 204' });
  });

  it('asks over a unix socket', async () => {
    const path = join(folder, 'app.sock');
    await web((request, response) => response.end(`hello ${request.headers.host ?? ''}`), path);
    expect(await run(http('http://hkn.eecs.berkeley.edu/', { unix: path, body: 'hello hkn.eecs.berkeley.edu' }))).toMatchObject({
      ok: true,
    });
    expect(await run(http('http://x/', { unix: join(folder, 'none.sock') }))).toMatchObject({ ok: false, detail: 'no such socket' });
  });

  it('follows redirects when told to, staying on the address that the Host header named', async () => {
    const port = await web((request, response) => {
      if (request.url === '/old') response.writeHead(301, { location: 'http://pencil.io/new' }).end();
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else response.end(`at ${request.url ?? ''} of ${request.headers.host ?? ''}`);
    });
    const url = `http://127.0.0.1:${String(port)}`;
    expect(await run(http(`${url}/old`, { hostHeader: 'pencil.io', follow: true, body: 'at /new of pencil.io' }))).toMatchObject({
      ok: true,
    });
    expect(await run(http(`${url}/old`))).toMatchObject({ ok: true, value: 301 });
    expect(await run(http(`${url}/loop`, { follow: true }))).toMatchObject({ ok: false, detail: 'redirected more than 5 times' });
  });

  it('keeps its own headers from another host it is sent to', async () => {
    const seen: (string | undefined)[] = [];
    const other = await web((request, response) => {
      seen.push(request.headers.authorization);
      response.end('other');
    });
    const port = await web((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `http://localhost:${String(other)}/` }).end();
    });
    await run(http(`http://127.0.0.1:${String(port)}/`, { follow: true, headers: { authorization: 'secret' } }));
    expect(seen).toEqual(['secret', undefined]);
  });

  it('reads no more than it needs of a body without end', async () => {
    const port = await web((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', more);
      };
      more();
    });
    expect(await run(http(`http://127.0.0.1:${String(port)}/`, { body: 'never' }))).toMatchObject({
      ok: false,
      detail: 'status 200, but the first 256 KiB of the body has no "never"',
    });
    expect(await run(http(`http://127.0.0.1:${String(port)}/`, { minBytes: 1_000_000 }))).toMatchObject({ ok: true });
  });

  it('ends at its timeout when the server is silent, or stops in the middle', async () => {
    const silent = await listening(createTcp(() => undefined));
    expect(await run(http(`http://127.0.0.1:${String(silent)}/`, { timeoutMs: 150 }))).toMatchObject({
      ok: false,
      detail: 'no answer within 150 ms',
    });
    const half = await web((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await run(http(`http://127.0.0.1:${String(half)}/`))).toMatchObject({ ok: false, health: 'crit' });
  });

  it('says why there was no answer', async () => {
    const port = await web(() => undefined);
    servers.pop()?.close();
    expect(await run(http(`http://127.0.0.1:${String(port)}/`))).toMatchObject({ ok: false, detail: 'connection refused' });
    const garbage = await listening(createTcp((socket) => socket.end('\x1b]0;owned\x07 this is no HTTP\r\n\r\n')));
    const sample = await run(http(`http://127.0.0.1:${String(garbage)}/`));
    expect(sample.ok).toBe(false);
    expect(sample.detail).not.toContain('\x1b');
  });

  it('is not asked, rather than failed, when it is cancelled or there is no host', async () => {
    const silent = await listening(createTcp(() => undefined));
    const stop = new AbortController();
    const asked = run(http(`http://127.0.0.1:${String(silent)}/`), connection(), stop.signal);
    stop.abort();
    expect(await asked).toMatchObject({ ok: null, health: 'unknown', detail: 'it was cancelled' });
    expect(await run(http('http://127.0.0.1:1/'), null)).toMatchObject({ ok: null, detail: 'the host is not connected' });
  });

  it('is asked straight from this console when the fleet file says here', async () => {
    const port = await web((_, response) => response.end('x'));
    expect(await run(http(`http://127.0.0.1:${String(port)}/`, { from: 'here' }), null)).toMatchObject({ ok: true });
  });
});

describe.skipIf(lacks('curl', '--version'))('an http check on a host that forwards nothing', () => {
  it('is asked by curl there, with nothing of its headers in an argument list', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const port = await web((request, response) => {
      seen.push(request.headers);
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
      else response.writeHead(200).end('body of it');
    });
    const executed: string[] = [];
    const whole = connection(true, executed);
    const spec = http(`http://127.0.0.1:${String(port)}/old`, {
      hostHeader: 'pencil.io',
      headers: { authorization: 'to"p\\secret' },
      follow: true,
      body: 'body of it',
      minBytes: 10,
    });
    expect(await run(spec, whole)).toMatchObject({ ok: true, value: 200 });
    expect(seen[0]).toMatchObject({ host: 'pencil.io', authorization: 'to"p\\secret' });
    expect(executed).not.toHaveLength(0);
    expect(executed.join(' ')).not.toContain('secret');
    expect(await run({ ...spec, url: 'http://127.0.0.1:1/' }, whole)).toMatchObject({ ok: false, health: 'crit' });
  });

  it('over a socket of any path too', async () => {
    const path = join(folder, 'b.sock');
    await web((_, response) => response.end('by socket'), path);
    expect(await run(http('http://app/', { unix: path, body: 'by socket' }), connection(true))).toMatchObject({ ok: true });
  });
});

describe('a tcp check', () => {
  const tcp = (port: number): Kind<'tcp'> => ({ ...common, name: 'port', kind: 'tcp', host: '127.0.0.1', port });

  it('tells an open port from a closed one, and either from a host that forwards nothing', async () => {
    const port = await listening(createTcp((socket) => socket.end()));
    expect(await run(tcp(port))).toMatchObject({ ok: true, detail: `port ${String(port)} is open` });
    expect(await run(tcp(1))).toMatchObject({ ok: false, health: 'crit', detail: 'connection refused' });
    expect(await run(tcp(port), connection(true))).toMatchObject({
      ok: null,
      health: 'unknown',
      ms: null,
      detail: 'this host does not allow forwarding',
    });
  });
});

describe('a version check', () => {
  const version = (port: number): Kind<'version'> => ({
    ...common,
    name: 'build',
    kind: 'version',
    url: `http://127.0.0.1:${String(port)}/builddate.txt`,
    hostHeader: null,
    unix: null,
  });

  it('gives the text of the page, safe and short', async () => {
    const port = await web((_, response) => response.end(` 2026-11-21 \x1b[31m${'x'.repeat(200)}\n`));
    const sample = await run(version(port));
    expect(sample.ok).toBe(true);
    expect(sample.text).toHaveLength(80);
    expect(sample.text?.startsWith('2026-11-21 ')).toBe(true);
    expect(sample.text).not.toContain('\x1b');
  });

  it('is unknown without a page', async () => {
    const port = await web((_, response) => response.writeHead(404).end('not here'));
    expect(await run(version(port))).toMatchObject({ ok: null, text: null, detail: 'status 404' });
  });
});

describe.skipIf(lacks('openssl', 'version'))('over TLS', () => {
  let key = '';
  let cert = '';
  beforeAll(() => {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=web.example',
    ];
    execFileSync('openssl', [...args, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
    [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  });

  const days = 86_400_000;
  const tls = (port: number, more: Partial<Kind<'tls'>> = {}): Kind<'tls'> => ({
    ...common,
    name: 'cert',
    kind: 'tls',
    host: '127.0.0.1',
    port,
    serverName: 'web.example',
    warnMs: 21 * days,
    critMs: 7 * days,
    ...more,
  });
  const secure = (): Promise<number> => listening(createHttps({ key, cert }, (_, response) => response.end('secret page')));
  const at = (spec: CheckSpec, whenMs: number): Promise<CheckSample> => runCheck(spec, connection(), () => whenMs, never);

  it('a certificate is warned of, critical and expired as its days run out', async () => {
    const port = await secure();
    const now = Date.now();
    expect(await at(tls(port), now)).toMatchObject({
      ok: true,
      health: 'warn',
      detail: expect.stringMatching(/^(29|30) days left; not trusted: DEPTH_ZERO_SELF_SIGNED_CERT$/),
    });
    expect(await at(tls(port), now + 10 * days)).toMatchObject({ health: 'warn', value: expect.closeTo(20, 0) });
    expect(await at(tls(port), now + 25 * days)).toMatchObject({ ok: false, health: 'crit' });
    expect(await at(tls(port), now + 40 * days)).toMatchObject({ ok: false, health: 'crit', detail: expect.stringContaining('expired') });
  });

  it('a port that speaks no TLS is a failed check, not a certificate', async () => {
    const port = await listening(createTcp((socket) => socket.end('220 smtp\r\n')));
    expect(await run(tls(port))).toMatchObject({ ok: false, value: null });
    const silent = await listening(createTcp(() => undefined));
    expect(await run(tls(silent, { timeoutMs: 150 }))).toMatchObject({ ok: false, detail: 'no answer within 150 ms' });
  });

  it('an https page with an untrusted certificate is a failed check', async () => {
    const port = await secure();
    expect(await run(http(`https://127.0.0.1:${String(port)}/`, { hostHeader: 'web.example' }))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('self-signed'),
    });
  });
});

describe('a command check', () => {
  it('asserts by exit code, says what the command said, and has a plain locale and no input', async () => {
    expect(await run(command('[ "$LC_ALL" = C ] && cat && echo "it\'s fine"'))).toMatchObject({
      ok: true,
      detail: "it's fine",
      text: "it's fine",
    });
    expect(await run(command('echo broken >&2; exit 3'))).toMatchObject({ ok: false, health: 'crit', detail: 'exit 3: broken' });
    expect(await run(command('no-such-command-here'))).toMatchObject({ ok: null, health: 'unknown' });
  });

  it('reads a gauge strictly and compares it with its limits', async () => {
    const gauge = (text: string, more: Partial<Kind<'command'>> = {}): Promise<CheckSample> =>
      run(command(text, { number: true, warn: 10, crit: 20, ...more }));
    expect(await gauge('echo 5.5')).toMatchObject({ ok: true, health: 'ok', value: 5.5, detail: '5.5' });
    expect(await gauge('echo 11')).toMatchObject({ ok: true, health: 'warn', detail: '11 (limit 10)' });
    expect(await gauge('echo 21')).toMatchObject({ ok: false, health: 'crit' });
    expect(await gauge('echo 5', { below: true, warn: 8, crit: 3 })).toMatchObject({ health: 'warn' });
    for (const text of ['echo 5 workers', 'echo 1; echo 2', 'echo NaN', 'echo 0x10', 'true', 'echo 5; exit 1']) {
      expect(await gauge(text)).toMatchObject({ ok: null, health: 'unknown', value: null });
    }
  });

  it('is boxed on the host, and then unknown rather than failed', async () => {
    const sample = await run(command('sleep 1000', { timeoutMs: 1000 }));
    expect(sample).toMatchObject({ ok: null, health: 'unknown', detail: 'it took longer than 1 s on the host' });
  });
});

describe('a file_age check', () => {
  const age = (path: string): Kind<'file_age'> => ({ ...common, name: 'dump', kind: 'file_age', path, warnMs: 600_000, critMs: 3_600_000 });

  it("tells seconds by the host's own clock against its limits", async () => {
    const path = join(folder, "it's a dump");
    writeFileSync(path, 'x');
    const dated = (secondsAgo: number): void => utimesSync(path, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);
    dated(60);
    expect(await run(age(path))).toMatchObject({ ok: true, health: 'ok', value: expect.closeTo(60, -1) });
    dated(1000);
    expect(await run(age(path))).toMatchObject({ health: 'warn', detail: '16 min old' });
    dated(100_000);
    expect(await run(age(path))).toMatchObject({ ok: false, health: 'crit', detail: '27 h old' });
    dated(-500);
    expect(await run(age(path))).toMatchObject({ ok: true, value: 0, detail: expect.stringContaining('in the future') });
  });

  it('calls a missing file critical', async () => {
    expect(await run(age(join(folder, 'none')))).toMatchObject({
      ok: false,
      health: 'crit',
      detail: `no such file: ${join(folder, 'none')}`,
    });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sshSection, writeFleet } from '../../commands/fleet-text.ts';
import { lacks } from '../../probe/needs.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from '../hosts.ts';

/** For `describe.skipIf`. */
export function poolBenchMissing(): boolean {
  return hostsMissing() || lacks('haproxy', '-v') || lacks('socat', '-V');
}

const webPort = 8088;
const frontPort = 8000;

/** A web server behind the balancer, in this process. */
export interface Web {
  readonly host: BenchHost;
  requests: number;
  /** Pause before the answer, ms. */
  slowMs: number;
}

/** A real HAProxy in front of web servers, each beside a real sshd. The balancer's host is `lb1`. */
export interface PoolBench {
  readonly hosts: Hosts;
  readonly webs: readonly Web[];
  readonly lb: BenchHost;
  readonly socket: string;
  fleet(name: string, change?: { readonly pool?: object; readonly sections?: Readonly<Record<string, unknown>> }): string;
  /** Status of one request through the balancer; 0 when there was no answer. */
  ask(): Promise<number>;
  /** Requests one after another through the balancer, until they are ended; then how often each status came. */
  load(): { end(): Promise<ReadonlyMap<number, number>> };
  /** One command on the runtime socket, as an administrator would send it. */
  admin(command: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startPoolBench(net: number, count: number): Promise<PoolBench> {
  const hosts = await startHosts(net, count + 1);
  const lb = hosts.hosts[count];
  if (lb === undefined) throw new Error('The last host is the balancer.');
  const servers: Server[] = [];
  const webs: Web[] = [];
  for (const host of hosts.hosts.slice(0, count)) {
    const web: Web = { host, requests: 0, slowMs: 0 };
    const server = createServer((asked, answer) => {
      const isCheck = asked.url === '/health';
      // The file that a pool of kind health-file lays.
      if (isCheck && existsSync(join(host.place, 'home', 'out'))) answer.statusCode = 503;
      if (!isCheck) web.requests += 1;
      setTimeout(() => answer.end('ok\n'), isCheck ? 0 : web.slowMs);
    });
    await new Promise<void>((resolve) => server.listen(webPort, host.sshd.address, resolve));
    servers.push(server);
    webs.push(web);
  }
  const socket = join(lb.place, 'admin.sock');
  const balancer = await startHaproxy(lb, webs, socket);
  return {
    hosts,
    webs,
    lb,
    socket,
    fleet: (name, change = {}) => fleetFile(hosts, webs, lb, socket, name, change),
    ask: () => statusOf(lb.sshd.address),
    load: () => loadOn(lb.sshd.address),
    admin: (command) => tell(socket, command),
    stop: async () => {
      balancer.kill('SIGKILL');
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await hosts.stop();
    },
  };
}

async function startHaproxy(lb: BenchHost, webs: readonly Web[], socket: string): Promise<ChildProcess> {
  const config = join(lb.place, 'haproxy.cfg');
  rmSync(socket, { force: true });
  writeFileSync(
    config,
    `global
  stats socket ${socket} mode 666 level admin
  stats timeout 10s
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout queue 2s
  timeout check 5s
frontend front
  bind ${lb.sshd.address}:${frontPort}
  default_backend web
backend web
  option http-server-close
  option httpchk GET /health
  balance roundrobin
${webs.map(({ host }) => `  server ${host.name} ${host.sshd.address}:${webPort} check inter 200ms rise 2 fall 2 weight 10`).join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries += 1) {
    if (existsSync(socket) && (await statusOf(lb.sshd.address)) === 200) return child;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error('HAProxy did not start.');
}

function fleetFile(
  hosts: Hosts,
  webs: readonly Web[],
  lb: BenchHost,
  socket: string,
  name: string,
  change: { readonly pool?: object; readonly sections?: Readonly<Record<string, unknown>> },
): string {
  const place = join(hosts.directory, name);
  mkdirSync(place, { recursive: true });
  const servers = [...webs.map(({ host }) => host), lb];
  const listed = servers.map((host) => ({
    name: host === lb ? 'lb1' : host.name,
    address: host.sshd.address,
    port: host.sshd.port,
    role: host === lb ? 'lb' : 'web',
  }));
  const ssh = sshSection(
    hosts.directory,
    hosts.hosts.map((host) => host.sshd),
  );
  const web = {
    kind: 'haproxy',
    on: 'lb',
    socket,
    backend: 'web',
    members: { role: 'web' },
    floor: { count: 1, ratio: '50%' },
    drain: { until: 'connections', ports: [webPort], atMost: 0, timeout: '5s' },
    remind: '30m',
    ...change.pool,
  };
  const services = { nginx: { on: 'web', manager: 'systemd', hold: '0s' } };
  const actions = {
    change: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'change', undo: 'none', why: 'a test' },
  };
  return writeFleet(place, listed, {
    ssh,
    poll: { every: '1s', deadline: '20s', stale: '60s' },
    bulk: { healthy: 2 },
    pools: { web },
    services,
    actions,
    ...change.sections,
  });
}

function loadOn(address: string): ReturnType<PoolBench['load']> {
  const statuses = new Map<number, number>();
  let asking = true;
  const running = Array.from({ length: 3 }, async () => {
    while (asking) {
      const status = await statusOf(address);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await sleep(10);
    }
  });
  return {
    end: async () => {
      asking = false;
      await Promise.all(running);
      return statuses;
    },
  };
}

function statusOf(address: string): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({ host: address, port: frontPort, path: '/', agent: false, timeout: 20_000 }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', () => resolve(0));
    });
    asked.on('error', () => resolve(0));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
}

function tell(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const stream = createConnection(socket, () => stream.write(`${command}\n`));
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => resolve(text));
    stream.on('error', reject);
  });
}

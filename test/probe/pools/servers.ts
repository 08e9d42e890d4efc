import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import { connect, createServer as createTcp, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A web server that says who it is at once, and at `/slow` when it is let. */
export class Backend {
  readonly name: string;
  readonly #address: string;
  readonly #server: Server;
  readonly #held = new Set<() => void>();
  answered = 0;

  constructor(name: string, address = '127.0.0.1') {
    this.name = name;
    this.#address = address;
    this.#server = createServer((request, response) => {
      const answer = (): void => {
        this.#held.delete(answer);
        this.answered += 1;
        response.end(name);
      };
      if (request.url === '/slow') this.#held.add(answer);
      else answer();
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, this.#address, resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get waiting(): number {
    return this.#held.size;
  }

  release(): void {
    for (const answer of this.#held) answer();
  }

  stop(): void {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Body of an answer, or what went wrong in one word. */
export function fetched(port: number, path = '/'): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(response.statusCode === 200 ? body : `status ${response.statusCode}`));
    });
    request.on('error', (error) => resolve(`error ${error.message}`));
  });
}

/** Who answers some requests in a row. */
export async function whoAnswers(port: number, times = 6): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let time = 0; time < times; time += 1) names.add(await fetched(port));
  return names;
}

/** Asks again until it is so; the wait has an end, the outcome is the caller's to judge. */
export async function until(so: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await so())) {
    if (performance.now() > end) throw new Error(`it did not come true within ${withinMs} ms: ${so.toString()}`);
    await sleep(50);
  }
}

export async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A real HAProxy with a master, so that it can be reloaded. */
export class Haproxy {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #socket: string;

  private constructor(port: number, child: ChildProcess, socket: string) {
    this.port = port;
    this.#child = child;
    this.#socket = socket;
  }

  static async start(folder: string, text: (port: number) => string): Promise<Haproxy> {
    const port = await freePort();
    const config = join(folder, 'haproxy.cfg');
    writeFileSync(config, text(port));
    const child = spawn('haproxy', ['-W', '-q', '-f', config], { stdio: 'ignore' });
    const socket = join(folder, 'admin.sock');
    await until(async () => existsSync(socket) && (await listening(port)));
    return new Haproxy(port, child, socket);
  }

  ask(command: string): string {
    return spawnSync('socat', ['-t', '5', '-', `UNIX-CONNECT:${this.#socket}`], { input: `${command}\n`, encoding: 'utf8' }).stdout;
  }

  async reload(): Promise<void> {
    const pid = (): string => /^Pid: (\d+)/m.exec(this.ask('show info'))?.[1] ?? '';
    const before = pid();
    this.#child.kill('SIGUSR2');
    await until(() => !['', before].includes(pid()));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** A real nginx; `bin` holds the `nginx` that a host's shell finds, which knows where its configuration is. */
export class Nginx {
  readonly port: number;
  readonly bin: string;
  readonly #folder: string;

  private constructor(port: number, bin: string, folder: string) {
    this.port = port;
    this.bin = bin;
    this.#folder = folder;
  }

  static async start(folder: string, include: string): Promise<Nginx> {
    const port = await freePort();
    const config = join(folder, 'nginx.conf');
    writeFileSync(
      config,
      `worker_processes 2;\npid ${folder}/nginx.pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n` +
        ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/tmp-${kind};\n`).join('') +
        `${include}\nserver { listen 127.0.0.1:${port}; location / { proxy_pass http://web; proxy_read_timeout 30s; } }\n}\n`,
    );
    const bin = join(folder, 'bin');
    spawnSync('mkdir', ['-p', bin]);
    writeFileSync(join(bin, 'nginx'), `#!/bin/sh\nexec /usr/sbin/nginx -c '${config}' "$@"\n`, { mode: 0o755 });
    const nginx = new Nginx(port, bin, folder);
    const started = spawnSync(join(bin, 'nginx'), { encoding: 'utf8' });
    if (started.status !== 0) throw new Error(started.stderr);
    await until(() => listening(port));
    return nginx;
  }

  async stop(): Promise<void> {
    const file = join(this.#folder, 'nginx.pid');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    spawnSync(join(this.bin, 'nginx'), ['-s', 'stop']);
    await until(() => pid === 0 || !existsSync(`/proc/${pid}`));
  }
}

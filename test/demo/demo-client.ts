import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { DemoClock } from '../../src/demo/clock.ts';
import type { Demo } from '../../src/demo/start-demo.ts';

/** A clock that moves only when a test moves it. */
export class HandClock implements DemoClock {
  #now = Date.parse('2026-11-21T22:12:31Z');
  #tasks: { readonly at: number; readonly task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  stop(): void {
    this.#tasks = [];
  }

  /** Lets `ms` pass, task by task, with a breath for what each sets going. */
  async pass(ms: number): Promise<void> {
    await breath();
    const until = this.#now + ms;
    for (;;) {
      const next = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await breath();
    }
    this.#now = until;
    await breath();
  }
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

export async function login(demo: Demo, name: string, privateKey = demo.identityPem): Promise<ssh2.Client> {
  const endpoint = demo.endpoints.find((one) => one.name === name);
  if (endpoint === undefined) throw new Error(`no endpoint ${name}`);
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.on('ready', () => resolve(client));
    client.on('error', reject);
    client.connect({ host: endpoint.address, port: endpoint.port, username: endpoint.user, privateKey, authHandler: ['publickey'] });
  });
}

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

export function run(client: ssh2.Client, command: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let out = '';
      let err = '';
      let code = -1;
      channel.on('data', (chunk: Buffer) => (out += chunk.toString()));
      channel.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      channel.on('exit', (status: number) => (code = status));
      channel.on('close', () => resolve({ out, err, code }));
      channel.end();
    });
  });
}

const nonce = '0123456789abcdef';

/** The lines of a collector that the machine's side reads; a real `sh` would need the functions too. */
export const script = `N=${nonce}
q_fast() {
head -n 99999 /proc/sys/kernel/random/boot_id /proc/uptime /proc/stat /proc/loadavg /proc/meminfo /proc/vmstat /proc/diskstats /proc/net/dev /proc/self/mountstats /proc/net/rpc/nfsd /proc/pressure/io </dev/null
q_run listen grep -hE ': ' /proc/net/tcp
q_run units systemctl show --no-pager -p Id,LoadState,ActiveState,SubState,MainPID,NRestarts,InvocationID,Job -- nginx pencils uwsgi.service nfs-server haproxy nosuch
}
h() { :
}
f() { q_fast; }
h
`;

export interface Round {
  readonly seq: number;
  readonly parts: ReadonlyMap<string, { readonly text: string; readonly exit: number }>;
}

/** One `sh` on a machine that is asked round after round. */
export class Collector {
  readonly channel: ssh2.ClientChannel;
  #text = '';
  #waiting: { readonly seq: number; readonly resolve: (round: Round) => void } | null = null;
  #seq = 0;

  constructor(channel: ssh2.ClientChannel) {
    this.channel = channel;
    channel.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
      const waiting = this.#waiting;
      const end = `\n#${nonce} end ${waiting?.seq}\n`;
      if (waiting === null || !this.#text.endsWith(end)) return;
      this.#waiting = null;
      const text = this.#text;
      this.#text = '';
      waiting.resolve(frames(text, waiting.seq));
    });
  }

  static open(client: ssh2.Client): Promise<Collector> {
    return new Promise((resolve, reject) => {
      client.exec('exec sh', (error, channel) => (error ? reject(error) : resolve(new Collector(channel))));
    });
  }

  hello(): Promise<Round> {
    return this.#ask(0, script);
  }

  round(kind: 'f' | 's' = 's'): Promise<Round> {
    this.#seq += 1;
    return this.#ask(this.#seq, `${kind}\n`);
  }

  #ask(seq: number, text: string): Promise<Round> {
    return new Promise((resolve) => {
      this.#waiting = { seq, resolve };
      this.channel.write(text);
    });
  }
}

/** Takes one round apart by the letter of docs/collector-wire.md and throws at the first difference. */
function frames(text: string, seq: number): Round {
  const parts = new Map<string, { text: string; exit: number }>();
  let rest = take(text, `\n#${nonce} begin ${seq}\n`);
  for (;;) {
    const part = new RegExp(`^\\n#${nonce} p (\\w+)\\n`).exec(rest);
    if (part === null) break;
    const name = part[1] ?? '';
    rest = rest.slice(part[0].length);
    const end = new RegExp(`\\n#${nonce} e ${name} (\\d+)\\n`).exec(rest);
    if (end === null) throw new Error(`part ${name} has no end`);
    parts.set(name, { text: rest.slice(0, end.index), exit: Number(end[1]) });
    rest = rest.slice(end.index + end[0].length);
  }
  if (rest !== `\n#${nonce} end ${seq}\n`) throw new Error(`unexpected: ${JSON.stringify(rest.slice(0, 60))}`);
  return { seq, parts };
}

function take(text: string, start: string): string {
  if (!text.startsWith(start)) throw new Error(`not ${JSON.stringify(start)}: ${JSON.stringify(text.slice(0, 60))}`);
  return text.slice(start.length);
}

/** A file of the `proc` part. */
export function file(round: Round, path: string): string {
  const text = round.parts.get('proc')?.text ?? '';
  const start = text.indexOf(`==> ${path} <==\n`);
  if (start === -1) return '';
  const from = start + path.length + 9;
  const end = text.indexOf('\n==> ', from);
  return text.slice(from, end === -1 ? undefined : end);
}

/** Properties of one unit of the `units` part. */
export function unit(round: Round, id: string): Readonly<Record<string, string>> {
  const block = (round.parts.get('units')?.text ?? '').split('\n\n').find((one) => one.split('\n').includes(`Id=${id}`)) ?? '';
  return Object.fromEntries(
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Whether a port is in state LISTEN, and with which inode. */
export function inode(round: Round, port: number): string | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = (round.parts.get('listen')?.text ?? '').split('\n').find((one) => one.includes(`:${hex} 00000000:0000 0A `));
  return line?.trim().split(/\s+/)[9] ?? null;
}

/** Calls completed so far of one NFS procedure, or of all. */
export function nfsCalls(round: Round, name?: string): number {
  const rows = [...file(round, '/proc/self/mountstats').matchAll(/^\t *([A-Z]+): (\d+) /gm)];
  return rows.filter((row) => name === undefined || row[1] === name).reduce((sum, row) => sum + Number(row[2]), 0);
}

/** Opens a forwarded stream to a port of the machine. */
export function forward(client: ssh2.Client, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** GETs a path over a forwarded stream and gives status and body; `null` when nothing came before `patienceMs`. */
export async function get(
  client: ssh2.Client,
  port: number,
  path: string,
  patienceMs = 4000,
): Promise<{ status: number; body: string } | null> {
  const stream = await forward(client, port);
  stream.write(`GET ${path} HTTP/1.1\r\nHost: pencil.io\r\nConnection: close\r\n\r\n`);
  return new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => {
      stream.destroy();
      resolve(null);
    }, patienceMs);
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => {
      clearTimeout(timer);
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), body: text.slice(text.indexOf('\r\n\r\n') + 4) });
    });
  });
}

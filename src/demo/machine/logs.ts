import { hash01 } from '../random.ts';
import { nginxTime, syslogTime } from '../text/timestamps.ts';
import type { Machine } from './machine.ts';

/** A log file that is written as time passes. Nothing is kept: line number `k` belongs to one moment and always reads the same. */
export interface LogFile {
  readonly path: string;
  /** Mean time between lines, ms. */
  readonly everyMs: number;
  /** Text without its newline; `null` when nothing was written then. */
  line(machine: Machine, at: number, dice: number): string | null;
}

const sites = ['frog', 'turtleart', 'spiral', 'ms-rivera', 'period3', 'guide', 'davidbau', 'first', 'maze'] as const;

function site(dice: number): string {
  return sites[Math.floor(dice * 7919) % sites.length] ?? 'first';
}

function pencilsDeadAt(machine: Machine, at: number): boolean {
  const since = machine.unit('pencils')?.deadSince ?? null;
  return since !== null && at >= since;
}

function stuckAt(machine: Machine, at: number): boolean {
  const since = (machine.nfsMount?.server ?? machine.nfsServer)?.stuckSince ?? null;
  return since !== null && at >= since;
}

const accessLog: LogFile = {
  path: '/var/log/nginx/access.log',
  everyMs: 420,
  line: (machine, at, dice) => {
    const status = pencilsDeadAt(machine, at) ? 502 : stuckAt(machine, at) ? 504 : dice > 0.985 ? 404 : 200;
    return `10.128.0.${3 + Math.floor(dice * 90)} - - [${nginxTime(at)}] "GET /load/${site(dice)} HTTP/1.1" ${status} ${status === 200 ? 380 + Math.floor(dice * 4000) : 166} "-" "Mozilla/5.0"`;
  },
};

const errorLog: LogFile = {
  path: '/var/log/nginx/error.log',
  everyMs: 2_600,
  line: (machine, at, dice) => {
    const stamp = new Date(at).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
    const request = `client: 10.128.0.${3 + Math.floor(dice * 90)}, server: pencilcode.net, request: "GET /load/${site(dice)} HTTP/1.1", upstream: "http://127.0.0.1:8816/load/${site(dice)}", host: "pencilcode.net"`;
    if (pencilsDeadAt(machine, at))
      return `${stamp} [error] 871#871: *${Math.floor(at / 997) % 900_000} connect() failed (111: Connection refused) while connecting to upstream, ${request}`;
    if (stuckAt(machine, at))
      return `${stamp} [error] 871#871: *${Math.floor(at / 997) % 900_000} upstream timed out (110: Connection timed out) while reading response header from upstream, ${request}`;
    return dice > 0.97
      ? `${stamp} [warn] 871#871: *${Math.floor(at / 997) % 900_000} an upstream response is buffered to a temporary file, ${request}`
      : null;
  },
};

const pencilsLog: LogFile = {
  path: '/var/log/pencils/event.log',
  everyMs: 1_700,
  line: (machine, at, dice) => {
    if (pencilsDeadAt(machine, at) || stuckAt(machine, at)) return null;
    const verb = dice > 0.72 ? 'save' : dice > 0.68 ? 'rename' : 'load';
    const ms = Math.floor((machine.nfsMount?.server.mode === 'slow' ? 310 : 9) * (0.5 + dice));
    return `${new Date(at).toISOString()} ${verb} ${site(dice)} 200 ${ms} ms`;
  },
};

const pencilsockLog: LogFile = {
  path: '/var/log/pencilsock/event.log',
  everyMs: 6_300,
  line: (_, at, dice) =>
    `${new Date(at).toISOString()} ${dice > 0.5 ? 'connect' : 'disconnect'} room=${site(dice)} sockets=${14 + Math.floor(dice * 60)}`,
};

const haproxyLog: LogFile = {
  path: '/var/log/haproxy.log',
  everyMs: 300,
  line: (machine, at, dice) => {
    const to = machine.backends[Math.floor(dice * machine.backends.length)]?.name ?? '<NOSRV>';
    return `${syslogTime(at)} ${machine.name} haproxy[702]: 203.0.113.${Math.floor(dice * 250)}:${40_000 + Math.floor(dice * 20_000)} [${nginxTime(at).slice(0, 20)}.${String(at % 1000).padStart(3, '0')}] www web/${to} 0/0/1/${8 + Math.floor(dice * 20)}/${11 + Math.floor(dice * 24)} 200 ${400 + Math.floor(dice * 5000)} - - ---- 31/31/2/1/0 0/0 "GET /load/${site(dice)} HTTP/1.1"`;
  },
};

const kernelLog: LogFile = {
  path: '/var/log/kern.log',
  everyMs: 20_000,
  line: (machine, at) => {
    if (!stuckAt(machine, at)) return null;
    const stamp = `${syslogTime(at)} ${machine.name} kernel: [${((at - machine.spec.bootedAt) / 1000).toFixed(6)}]`;
    if (machine.nfsMount !== null) return `${stamp} nfs: server ${machine.nfsMount.source.split(':')[0]} not responding, still trying`;
    return `${stamp} INFO: task nfsd:${812 + (Math.floor(at / 20_000) % 8)} blocked for more than 120 seconds.`;
  },
};

const ofRole: Readonly<Record<Machine['spec']['role'], readonly LogFile[]>> = {
  web: [accessLog, errorLog, pencilsLog, pencilsockLog, kernelLog],
  nfs: [kernelLog],
  lb: [haproxyLog, kernelLog],
};

/** The log file at this path, `null` when the machine has none. */
export function logFile(machine: Machine, path: string): LogFile | null {
  return ofRole[machine.spec.role].find((file) => file.path === path) ?? null;
}

/** Lines written after `from` and not after `to` (epoch ms), at most the newest `most`, oldest first. */
export function linesBetween(
  machine: Machine,
  file: LogFile,
  from: number,
  to: number,
  most: number,
): { readonly at: number; readonly text: string }[] {
  const out: { at: number; text: string }[] = [];
  const last = Math.floor(to / file.everyMs);
  const first = Math.max(Math.floor(from / file.everyMs), last - Math.max(most, 1) * 40);
  for (let number = last; number >= first && out.length < most; number -= 1) {
    const dice = hash01(machine.spec.seed + file.everyMs, number);
    const at = Math.floor((number + 0.9 * hash01(machine.spec.seed, number)) * file.everyMs);
    if (at > to || at <= from || at < machine.spec.bootedAt) continue;
    const text = file.line(machine, at, dice);
    if (text !== null) out.push({ at, text });
  }
  return out.reverse();
}

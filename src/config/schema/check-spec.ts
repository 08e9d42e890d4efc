import type { CheckSpec } from '../../fleet/definition.ts';
import type { GivenCheck } from './checks.ts';
import { parseHostPort } from './values.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** How often each kind is asked when the file does not say: what costs more, or changes less, is asked less. */
const usualEveryMs: Readonly<Record<GivenCheck['kind'], number>> = {
  http: 10 * second,
  unix: 10 * second,
  tcp: 10 * second,
  memcached: 10 * second,
  mysql: 30 * second,
  command: minute,
  version: minute,
  unixVersion: minute,
  file_age: minute,
  tls: 60 * minute,
};

/** A check as the fleet knows it. */
export function checkOf(name: string, check: GivenCheck): CheckSpec {
  const { on, from, every, timeout } = check.given;
  const everyMs = every ?? usualEveryMs[check.kind];
  const base = {
    name,
    on: on ?? [],
    from: from ?? 'host',
    everyMs,
    timeoutMs: timeout ?? Math.min(check.kind === 'command' ? 10 * second : 5 * second, everyMs),
  } as const;
  switch (check.kind) {
    case 'http':
      return { ...base, kind: 'http', url: check.given.http, unix: null, ...answerOf(check.given) };
    case 'unix':
      return { ...base, kind: 'http', url: `http://localhost${check.given.path ?? '/'}`, unix: check.given.unix, ...answerOf(check.given) };
    case 'version':
      return { ...base, kind: 'version', url: check.given.http, hostHeader: check.given.host ?? null, unix: null };
    case 'unixVersion': {
      const { path, host, unix } = check.given;
      return { ...base, kind: 'version', url: `http://localhost${path ?? '/'}`, hostHeader: host ?? null, unix };
    }
    case 'tcp': {
      const { tcp } = check.given;
      return { ...base, kind: 'tcp', ...(typeof tcp === 'number' ? { host: '127.0.0.1', port: tcp } : placeOf(tcp, 0)) };
    }
    case 'tls': {
      const place = placeOf(check.given.tls, 443);
      const { server_name, warn, crit } = check.given;
      const warnMs = warn ?? Math.max(21 * day, crit ?? 0);
      return { ...base, kind: 'tls', ...place, serverName: server_name ?? place.host, warnMs, critMs: crit ?? Math.min(7 * day, warnMs) };
    }
    case 'mysql':
      return { ...base, kind: 'mysql', ...mysqlOf(check.given.mysql) };
    case 'memcached':
      return { ...base, kind: 'memcached', ...placeOf(check.given.memcached, 11211), hitRateWarn: check.given.hit_rate_warn ?? null };
    case 'command': {
      const { command, number, warn, crit, below } = check.given;
      return { ...base, kind: 'command', command, number: number ?? false, warn: warn ?? null, crit: crit ?? null, below: below ?? false };
    }
    case 'file_age':
      return { ...base, kind: 'file_age', path: check.given.file_age, warnMs: check.given.warn ?? null, critMs: check.given.crit ?? null };
  }
}

type Given<Kind extends GivenCheck['kind']> = Extract<GivenCheck, { kind: Kind }>['given'];

function answerOf(given: Given<'http'> | Given<'unix'>) {
  return {
    hostHeader: given.host ?? null,
    headers: given.headers ?? {},
    status: given.status ?? null,
    body: given.body ?? null,
    follow: given.follow ?? false,
    minBytes: given.min_bytes ?? null,
  };
}

function mysqlOf(given: Given<'mysql'>['mysql']) {
  return {
    socket: given.socket ?? null,
    host: given.host ?? null,
    port: given.port ?? null,
    user: given.user ?? null,
    password: given.password ?? null,
    defaultsFile: given.defaults_file ?? null,
    replication: given.replication ?? false,
    lagWarnMs: given.lag_warn ?? 30 * second,
    lagCritMs: given.lag_crit ?? null,
  };
}

function placeOf(value: string, usualPort: number): { host: string; port: number } {
  const place = parseHostPort(value);
  return { host: place?.host ?? value, port: place?.port ?? usualPort };
}

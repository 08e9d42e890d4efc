import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { readBounded } from '../../config/bounded-file.ts';
import { localPaths } from '../../config/local-path.ts';
import { resolveSetting } from '../../config/resolve-setting.ts';
import type { CheckSpec } from '../../fleet/definition.ts';
import type { Secret } from '../../fleet/secret.ts';
import type { ForwardTarget, HostConnection } from '../../remote/connection.ts';
import { NotAsked } from './answer.ts';
import { quotedPath } from './file-age.ts';
import { runOnHost } from './host-script.ts';
import { type ClientOptions, parseOptionFile } from './option-file.ts';

type MysqlSpec = Extract<CheckSpec, { kind: 'mysql' }>;

/** Who asks, and where. */
export interface MysqlLogin {
  readonly user: string;
  readonly password: Secret | null;
  readonly to: ForwardTarget;
}

const usualPort = 3306;
const optionFileAtMost = 64 * 1024;

/** Where Debian, Red Hat and MySQL's own packages put the server's socket. */
const usualSockets = ['/run/mysqld/mysqld.sock', '/var/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock', '/tmp/mysql.sock'] as const;

/** What a machine says of itself: its login user, the first usual socket that is there, the text of the option file. */
interface Surroundings {
  readonly user: string;
  readonly socket: string | null;
  readonly optionFile: string | null;
}

/**
 * Account and place of a mysql check: the fleet file's own words first, then its option file, then the login user and the server's usual
 * socket. The host is asked only for what the fleet file leaves open.
 * @throws NotAsked when a password or the option file cannot be read, with why.
 */
export async function mysqlLogin(spec: MysqlSpec, host: HostConnection | null): Promise<MysqlLogin> {
  const password = spec.password === null ? null : await resolveSetting(spec.password).catch(asNotAsked);
  const placed = spec.socket !== null || spec.host !== null || spec.port !== null;
  const around =
    spec.user !== null && placed && spec.defaultsFile === null
      ? { user: spec.user, socket: null, optionFile: null }
      : await (host === null ? aroundHere(spec.defaultsFile) : aroundHost(host, spec));
  const options = parseOptionFile(around.optionFile ?? '');
  return {
    user: spec.user ?? options.user ?? around.user,
    password: password ?? options.password,
    to: placeOf(spec, options, around.socket),
  };
}

function placeOf(spec: MysqlSpec, options: ClientOptions, usualSocket: string | null): ForwardTarget {
  if (spec.socket !== null) return { path: spec.socket };
  const port = spec.port ?? options.port ?? usualPort;
  if (spec.host !== null || spec.port !== null) return { host: spec.host ?? '127.0.0.1', port };
  // To MySQL's clients the name localhost means the socket. @see "Connecting to the MySQL Server Using Command Options"
  if (options.host !== null && options.host !== 'localhost') return { host: options.host, port };
  const socket = options.socket ?? usualSocket;
  return socket === null ? { host: '127.0.0.1', port } : { path: socket };
}

async function aroundHost(host: HostConnection, spec: MysqlSpec): Promise<Surroundings> {
  const sockets = usualSockets.join(' ');
  const file = spec.defaultsFile === null ? null : quotedPath(spec.defaultsFile);
  const script = [
    'id -un || exit 1',
    `for s in ${sockets}; do [ -S "$s" ] && break; s=-; done; echo "$s"`,
    // Without carriage returns: what comes back is made safe to show, which would change them.
    ...(file === null ? [] : [`[ -f ${file} ] && [ -r ${file} ] || exit 44`, `head -c ${String(optionFileAtMost)} <${file} | tr -d '\\r'`]),
  ].join('\n');
  const result = await runOnHost(host, script, spec.timeoutMs);
  if (result.exit === 44) throw new NotAsked(`the option file ${spec.defaultsFile ?? ''} cannot be read on the host`);
  const [user, socket, ...rest] = result.stdout.split('\n');
  if (result.exit !== 0 || user === undefined || socket === undefined) throw new NotAsked('the host did not say who is logged in');
  return { user, socket: socket === '-' ? null : socket, optionFile: spec.defaultsFile === null ? null : rest.join('\n') };
}

async function aroundHere(defaultsFile: string | null): Promise<Surroundings> {
  const around = { user: userInfo().username, socket: usualSockets.find((socket) => existsSync(socket)) ?? null };
  if (defaultsFile === null) return { ...around, optionFile: null };
  const file = await readBounded(localPaths(homedir(), homedir())(defaultsFile), optionFileAtMost);
  if (!file.ok) throw new NotAsked(`the option file ${defaultsFile} ${file.text}`);
  return { ...around, optionFile: file.bytes.toString('utf8') };
}

function asNotAsked(error: unknown): never {
  throw new NotAsked(error instanceof Error ? error.message : 'the password cannot be read');
}

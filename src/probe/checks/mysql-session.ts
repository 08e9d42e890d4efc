import { type Connection, createConnection } from 'mysql2';
import * as z from 'zod';
import type { HostConnection } from '../../remote/connection.ts';
import { NotAsked } from './answer.ts';
import type { MysqlLogin } from './mysql-login.ts';
import { openStream } from './open-stream.ts';
import { PacketGuard } from './packet-guard.ts';

/** One row as the server gave it, by column; the reader of a question knows what to take from it. */
export type MysqlRow = Readonly<Record<string, unknown>>;

const rows = z.array(z.record(z.string(), z.unknown()));

/** An error of the server itself, by its number. @see MySQL "Server Error Message Reference" */
export class MysqlError extends Error {
  override readonly name = 'MysqlError';
  readonly number: number;

  constructor(number: number, text: string) {
    super(text);
    this.number = number;
  }
}

/** One login, for the time of one check. */
export interface MysqlSession {
  /** Rejects with MysqlError, or with an Error when the connection broke or no answer came: in the check's time, or in `withinMs`. */
  ask(sql: string, withinMs?: number): Promise<readonly MysqlRow[]>;
  close(): void;
}

/** Opens a byte stream to the server and prepares a login over it; the first question finds out whether it is let in. */
export async function openMysql(
  login: MysqlLogin,
  host: HostConnection | null,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<MysqlSession> {
  const guard = new PacketGuard(await openStream(host, login.to, timeoutMs, signal));
  // Heard before the library hears it, so that the reason is the bytes' own and not "connection lost".
  let broke: Error | null = null;
  guard.on('error', (error) => (broke ??= error));
  const connection = createConnection({
    stream: guard,
    user: login.user,
    ...(login.password === null ? {} : { password: login.password.reveal() }),
    // Tells caching_sha2_password that nobody listens on the way.
    ...('path' in login.to ? { socketPath: login.to.path } : {}),
    // No code is made of column names that a server chose, and it gets no file of this machine.
    disableEval: true,
    flags: ['-LOCAL_FILES'],
    connectTimeout: 0,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    connectAttributes: { program_name: 'quarterdeck' },
  });
  // Every question hears of a failure by itself.
  connection.on('error', () => undefined);
  return {
    ask: (sql, withinMs) =>
      ask(connection, sql, signal, withinMs).catch((error: unknown) => Promise.reject(broke ?? refusalOf(error, login))),
    close: () => {
      connection.destroy();
      guard.destroy();
    },
  };
}

function ask(connection: Connection, sql: string, signal: AbortSignal, withinMs?: number): Promise<readonly MysqlRow[]> {
  return new Promise((resolve, reject) => {
    const late = (): void => finish(() => reject(new Error('no answer in time')));
    const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
      settle();
    };
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) return late();
    connection.query(sql, (error, result) => {
      if (error !== null) finish(() => reject(error));
      else finish(() => resolve(rows.safeParse(result).data ?? []));
    });
  });
}

const accessDenied = 1045;
/** What MySQL's auth_socket and MariaDB's unix_socket answer to the wrong account. */
const accessDeniedWithoutPassword = 1698;
/** Blocked or unlisted host, old or expired password, TLS demanded: the server lives, this login is not let in. */
const loginErrors: readonly number[] = [accessDenied, accessDeniedWithoutPassword, 1129, 1130, 1251, 1275, 1820, 1862, 3118, 3159, 4151];

function refusalOf(error: unknown, login: MysqlLogin): Error {
  if (!(error instanceof Error)) return new Error('it failed');
  // A server could say the password back.
  const password = login.password?.reveal() ?? '';
  const text = password === '' ? error.message : error.message.replaceAll(password, '[secret]');
  const [, plugin] = /unknown plugin (\S+)\./.exec(text) ?? [];
  if (plugin !== undefined) return new NotAsked(`the server wants the login method ${plugin}, which is not known here`);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED') return new NotAsked('the server wants the password unencrypted, which is refused');
  if (code === 'PROTOCOL_CONNECTION_LOST') return new Error('it closed the connection without an answer');
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  const refusedAtSocket = 'path' in login.to && login.password === null;
  if (number === accessDeniedWithoutPassword || (number === accessDenied && refusedAtSocket))
    return new NotAsked(socketRefusal(login.user));
  if (number === accessDenied)
    return new NotAsked(
      `it answers, but does not let ${login.user} in: ${login.password === null ? 'no password is given' : 'wrong name or password'}`,
    );
  if (loginErrors.includes(number)) return new NotAsked(`it answers, but does not let ${login.user} in: ${text}`);
  return number > 0 && !('path' in error) && !/^E[A-Z]+$/.test(String(code)) ? new MysqlError(number, text) : new Error(text);
}

function socketRefusal(user: string): string {
  return `it does not let ${user} in: socket login takes the account that sshd runs as, so give user and password, or a defaults_file`;
}

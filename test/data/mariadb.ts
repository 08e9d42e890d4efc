import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type ResultSetHeader, type RowDataPacket, createConnection } from 'mysql2/promise';
import { freePort } from '../sshd/sshd.ts';

const mariadbd = ['/usr/sbin/mariadbd', '/usr/libexec/mariadbd', '/usr/bin/mariadbd', '/opt/homebrew/bin/mariadbd'].find(existsSync);

/** For `describe.skipIf`: skips where MariaDB's server is missing, but fails in CI, where it must be there. */
export function mariaDbMissing(): boolean {
  if (mariadbd === undefined && process.env.CI === 'true') throw new Error("MariaDB's server must be installed in CI.");
  return mariadbd === undefined;
}

export interface MariaDbOptions {
  /** `server_id`, different for each server of a replicating pair. Default 1. */
  readonly serverId?: number;
  /** Further options of mariadbd, e.g. `--max-connections=3`; they win over the harness's own. */
  readonly options?: readonly string[];
}

/** A real MariaDB server on loopback and on a unix socket, with an empty data directory of its own; stop it in `afterAll`. */
export interface RunningMariaDb {
  readonly port: number;
  readonly socket: string;
  /** A private directory that goes away with `stop`; tests may put files there. */
  readonly directory: string;
  readonly pid: number;
  /** Runs one or more statements as root (no password, over the socket); the rows of the last that has any. */
  sql(text: string): Promise<readonly RowDataPacket[]>;
  /** All that the server has logged. */
  log(): string;
  /** SIGSTOP: the kernel still accepts connections, nobody answers. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a server as the current user, ready to answer when the promise resolves: about a second. */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<RunningMariaDb> {
  if (mariadbd === undefined) throw new Error("MariaDB's server is not installed.");
  const directory = mkdtempSync(join(tmpdir(), 'qd-db-'));
  const [data, socket, logFile] = [join(directory, 'data'), join(directory, 's'), join(directory, 'log')];
  const { username } = userInfo();
  execFileSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      `--user=${username}`,
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      '--innodb-log-file-size=4M',
    ],
    { stdio: 'ignore' },
  );
  const port = await freePort();
  const child = spawn(
    mariadbd,
    [
      '--no-defaults',
      // A server run by root wants to be told so.
      `--user=${username}`,
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${join(directory, 'pid')}`,
      `--log-error=${logFile}`,
      '--skip-networking=0',
      '--bind-address=127.0.0.1',
      `--port=${String(port)}`,
      '--skip-name-resolve',
      `--server-id=${String(options.serverId ?? 1)}`,
      '--log-bin=bin',
      '--relay-log=relay',
      // Half of a pair hears again within a second that the other half is back.
      '--slave-net-timeout=2',
      '--innodb-buffer-pool-size=8M',
      '--innodb-log-file-size=4M',
      '--innodb-flush-log-at-trx-commit=0',
      ...(options.options ?? []),
    ],
    { stdio: 'ignore' },
  );
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const { pid } = child;
  let asRoot: Connection | null = null;
  const stop = async (): Promise<void> => {
    asRoot?.destroy();
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    asRoot = await rootOf(socket, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  if (pid === undefined) throw new Error('The server has no process id.');
  const root = asRoot;
  return {
    port,
    socket,
    directory,
    pid,
    sql: async (text) => {
      const [result] = await root.query<RowDataPacket[] | RowDataPacket[][] | ResultSetHeader | ResultSetHeader[]>(text);
      return rowsOf(result);
    },
    log,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  };
}

/** Makes `replica` follow `source` by GTID from now on, and waits until both threads run. */
export async function replicate(replica: RunningMariaDb, source: RunningMariaDb): Promise<void> {
  await source.sql(
    "CREATE OR REPLACE USER follower@'127.0.0.1' IDENTIFIED BY 'follow-me'; GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1'",
  );
  // What was written before now, the follower too, stays with the source: each has accounts of its own.
  const [position] = await source.sql('SELECT @@gtid_binlog_pos AS at');
  await replica.sql(
    [
      `SET GLOBAL gtid_slave_pos = '${String(position?.['at'] ?? '')}'`,
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${String(source.port)}, MASTER_USER='follower', MASTER_PASSWORD='follow-me', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos`,
      'START SLAVE',
    ].join('; '),
  );
  await until(async () => {
    const [state] = await replica.sql('SHOW SLAVE STATUS');
    return state?.['Slave_IO_Running'] === 'Yes' && state['Slave_SQL_Running'] === 'Yes';
  }, 'the replica runs');
}

/** Waits until something holds; rejects after ten seconds, naming it. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Ten seconds, and it does not hold that ${what}.`);
    await sleep(50);
  }
}

async function rootOf(socketPath: string, child: ChildProcess, log: () => string): Promise<Connection> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await createConnection({ socketPath, user: 'root', multipleStatements: true });
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`MariaDB did not start: ${log()}`, { cause: error });
      await sleep(30);
    }
  }
}

/** Several statements give a list of results, of which some are rows; one gives its rows or what it did. */
function rowsOf(result: RowDataPacket[] | RowDataPacket[][] | ResultSetHeader | ResultSetHeader[]): RowDataPacket[] {
  if (!Array.isArray(result)) return [];
  const lists = result.filter((one): one is RowDataPacket[] => Array.isArray(one));
  return lists.at(-1) ?? result.filter((one): one is RowDataPacket => !('affectedRows' in one));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await gone;
}

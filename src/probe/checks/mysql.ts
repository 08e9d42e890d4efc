import type { CheckSpec } from '../../fleet/definition.ts';
import { formatBytes, formatCount } from '../../fleet/duration.ts';
import type { HostConnection } from '../../remote/connection.ts';
import { abortable } from '../../remote/abortable.ts';
import { type CheckAnswer, NotAsked } from './answer.ts';
import type { CheckMemory } from './check-memory.ts';
import { mysqlLogin } from './mysql-login.ts';
import { judgeReplicas, replicaState } from './mysql-replication.ts';
import { MysqlError, type MysqlRow, type MysqlSession, openMysql } from './mysql-session.ts';

type MysqlSpec = Extract<CheckSpec, { kind: 'mysql' }>;

/** The sum makes the server look at every table, and grows slowly. */
const sizeEveryMs = 10 * 60_000;
const noPrivilege = 1227;
const syntaxError = 1064;

/** Whether the server answers questions, its version and size, and its replication where the fleet file wants that. */
export async function mysqlCheck(
  spec: MysqlSpec,
  host: HostConnection | null,
  memory: CheckMemory,
  now: () => number,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const startedMs = performance.now();
  const login = await abortable(mysqlLogin(spec, host), signal, () => new NotAsked('the host did not say in time where its server is'));
  const session = await openMysql(login, host, spec.timeoutMs, signal);
  try {
    const [server] = await session.ask('SELECT 1 AS one, VERSION() AS version, @@global.read_only AS is_read_only');
    const version = textOf(server, 'version');
    const isMariaDb = /mariadb/i.test(version);
    const replication = spec.replication ? await replicationOf(session, spec, isMariaDb) : null;
    const leftMs = spec.timeoutMs - (performance.now() - startedMs);
    const size = await sizeOf(session, memory, isMariaDb, now(), Math.max(1, leftMs * 0.7));
    const readOnly = ['1', 'ON'].includes(textOf(server, 'is_read_only')) ? ' · read-only' : '';
    return {
      health: 'ok',
      ...replication,
      detail: [`${shortVersion(version)}${readOnly}`, size === null ? 'size unknown' : formatBytes(size), replication?.detail]
        .filter((part) => part !== undefined)
        .join(' · '),
    };
  } finally {
    session.close();
  }
}

/** `10.11` of `10.11.19-MariaDB-0+deb12u1`, `8.0.46` would say no more to the person on call. */
function shortVersion(version: string): string {
  return /^\d{1,4}\.\d{1,4}/.exec(version)?.[0] ?? version.slice(0, 20);
}

function textOf(row: MysqlRow | undefined, name: string): string {
  const value = row?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

type Replication = Pick<CheckAnswer, 'health' | 'detail' | 'value'>;

async function replicationOf(session: MysqlSession, spec: MysqlSpec, isMariaDb: boolean): Promise<Replication> {
  try {
    const rows = await replicaRows(session, isMariaDb);
    return rows.length > 0 ? judgeReplicas(rows.map(replicaState), spec) : await sourceOnly(session);
  } catch (error) {
    if (!(error instanceof MysqlError) || error.number !== noPrivilege) throw error;
    const privilege = isMariaDb ? 'SLAVE MONITOR' : 'REPLICATION CLIENT';
    return { health: 'unknown', detail: `replication is not shown to this account: grant it ${privilege}` };
  }
}

async function replicaRows(session: MysqlSession, isMariaDb: boolean): Promise<readonly MysqlRow[]> {
  if (isMariaDb) return session.ask('SHOW ALL SLAVES STATUS');
  try {
    return await session.ask('SHOW REPLICA STATUS');
  } catch (error) {
    if (!(error instanceof MysqlError) || error.number !== syntaxError) throw error;
    return session.ask('SHOW SLAVE STATUS');
  }
}

/** A server that follows nobody is well when somebody follows it: the one end of a one-way pair. */
async function sourceOnly(session: MysqlSession): Promise<Replication> {
  const sql =
    "SELECT (SELECT COUNT(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%') AS followers, " +
    `(SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'PROCESS' AND ${isOwn}) AS sees_all`;
  const [row] = await session.ask(sql);
  const followers = Number(textOf(row, 'followers'));
  if (followers > 0) return { health: 'ok', detail: `source of ${formatCount(followers)} ${followers === 1 ? 'replica' : 'replicas'}` };
  return textOf(row, 'sees_all') === '0'
    ? { health: 'unknown', detail: 'follows nobody, and this account may not see who follows it: grant it PROCESS' }
    : { health: 'crit', detail: 'no replication: it follows nobody and nobody follows it' };
}

/** Rows of `user_privileges` that are about the account which asks. */
const isOwn = "grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')";

/** Bytes of all tables that the account may see; `null` when it may see none, or in too long a time. */
async function sizeOf(
  session: MysqlSession,
  memory: CheckMemory,
  isMariaDb: boolean,
  now: number,
  withinMs: number,
): Promise<number | null> {
  if (memory.databases !== null && Math.abs(now - memory.databases.at) < sizeEveryMs) return memory.databases.bytes;
  const seconds = (withinMs / 1000).toFixed(3);
  const question =
    'SUM(data_length + index_length) AS bytes, ' +
    `(SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'SELECT' AND ${isOwn}) AS sees_all ` +
    "FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')";
  // The server's own limit frees the server too; ours is for one that does not keep it.
  const sql = isMariaDb
    ? `SET STATEMENT max_statement_time = ${seconds} FOR SELECT ${question}`
    : `SELECT /*+ MAX_EXECUTION_TIME(${String(Math.ceil(withinMs))}) */ ${question}`;
  const [row] = await session.ask(sql, withinMs).catch((): readonly MysqlRow[] => []);
  const sum = textOf(row, 'bytes');
  const bytes = /^\d{1,18}(\.0*)?$/.test(sum) ? Number(sum) : textOf(row, 'sees_all') === '1' ? 0 : null;
  memory.databases = { bytes, at: now };
  return bytes;
}

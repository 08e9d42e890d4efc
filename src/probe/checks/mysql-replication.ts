import { formatDuration } from '../../fleet/duration.ts';
import type { CheckAnswer } from './answer.ts';
import type { MysqlRow } from './mysql-session.ts';

/** One source that this server follows. */
export interface ReplicaState {
  /** Name of the connection or channel; empty for the only one. */
  readonly name: string;
  readonly io: string;
  readonly sql: string;
  /** Whole seconds, as the server counts; `null` when it cannot say. */
  readonly lagS: number | null;
  /** Last error of either thread, empty when none. */
  readonly error: string;
}

export interface LagLimits {
  readonly lagWarnMs: number;
  readonly lagCritMs: number | null;
}

/**
 * A row of SHOW REPLICA STATUS (MySQL from 8.0.22), SHOW SLAVE STATUS (before) or SHOW ALL SLAVES STATUS (MariaDB): the same columns
 * under other words.
 */
export function replicaState(row: MysqlRow): ReplicaState {
  const text = (...names: readonly string[]): string => {
    const value = names.map((name) => row[name]).find((each) => each !== undefined && each !== null);
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const lag = text('Seconds_Behind_Source', 'Seconds_Behind_Master');
  return {
    name: text('Connection_name', 'Channel_Name'),
    io: text('Replica_IO_Running', 'Slave_IO_Running'),
    sql: text('Replica_SQL_Running', 'Slave_SQL_Running'),
    lagS: /^\d{1,10}$/.test(lag) ? Number(lag) : null,
    error: text('Last_SQL_Error') || text('Last_IO_Error'),
  };
}

const order = ['ok', 'warn', 'unknown', 'crit'] as const;

/** All sources together: the worst of them, each in words. */
export function judgeReplicas(replicas: readonly ReplicaState[], limits: LagLimits): Pick<CheckAnswer, 'health' | 'detail' | 'value'> {
  const worst = Math.max(...replicas.map((replica) => order.indexOf(healthOf(replica, limits))));
  const lags = replicas.map((replica) => replica.lagS);
  return {
    health: order[worst] ?? 'unknown',
    detail: replicas.map((replica) => inWords(replica)).join(' · '),
    // The largest lag, and none at all while one of them is not known.
    ...(lags.length > 0 && lags.every((lag) => lag !== null) ? { value: Math.max(...lags) } : {}),
  };
}

function healthOf(replica: ReplicaState, limits: LagLimits): (typeof order)[number] {
  if (replica.io !== 'Yes' || replica.sql !== 'Yes') return 'crit';
  if (replica.lagS === null) return 'unknown';
  const lagMs = replica.lagS * 1000;
  if (limits.lagCritMs !== null && lagMs > limits.lagCritMs) return 'crit';
  return lagMs > limits.lagWarnMs ? 'warn' : 'ok';
}

function inWords(replica: ReplicaState): string {
  const lag =
    replica.lagS === null
      ? 'lag unknown'
      : `${replica.lagS < 60 ? `${String(replica.lagS)} s` : formatDuration(replica.lagS * 1000)} behind`;
  const error = replica.error === '' ? '' : `: ${replica.error}`;
  return `replica${replica.name === '' ? '' : ` ${replica.name}`}: io ${thread(replica.io)}, sql ${thread(replica.sql)}, ${lag}${error}`;
}

/** `No` and `Yes`, and for the io thread `Connecting` or, long ago, `Preparing`. */
function thread(said: string): string {
  if (said === 'Yes') return 'ok';
  return said === 'No' ? 'stopped' : said.toLowerCase() || 'unknown';
}

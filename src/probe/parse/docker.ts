/** A container's state as `docker inspect` tells it. */
export interface Container {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly status: string;
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly error: string;
  /** ISO 8601 as it came; `null` when it never started. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly restarts: number | null;
  /** healthy, unhealthy or starting; `null` without a health check. */
  readonly health: string | null;
  readonly project: string | null;
  readonly service: string | null;
  /** Made by `docker compose run`, not part of the service. */
  readonly oneOff: boolean;
}

export interface DockerPart {
  readonly containers: readonly Container[];
  /** Lines that are no JSON: what the tool complained about. */
  readonly complaints: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Docker's zero time means never. */
function time(value: unknown): string | null {
  const stamp = text(value);
  return stamp === null || stamp.startsWith('0001-01-01') || !Number.isFinite(Date.parse(stamp)) ? null : stamp;
}

function container(value: unknown): Container | null {
  const all = fields(value);
  const state = fields(all['State']);
  const labels = fields(all['Labels'] ?? fields(all['Config'])['Labels']);
  const id = text(all['Id']);
  const status = text(state['Status']);
  if (id === null || status === null) return null;
  const health = state['Health'];
  return {
    id,
    name: (text(all['Name']) ?? '').replace(/^\//, ''),
    status,
    pid: count(state['Pid']) || null,
    exitCode: count(state['ExitCode']),
    oomKilled: state['OOMKilled'] === true,
    error: text(state['Error']) ?? '',
    startedAt: time(state['StartedAt']),
    finishedAt: time(state['FinishedAt']),
    restarts: count(all['RestartCount']),
    health: text(health) ?? text(fields(health)['Status']),
    project: text(labels['com.docker.compose.project']),
    service: text(labels['com.docker.compose.service']),
    oneOff: text(labels['com.docker.compose.oneoff'])?.toLowerCase() === 'true',
  };
}

/** A JSON object a line, ours or a whole `docker inspect` object; or one JSON array of them. */
export function parseDocker(output: string): DockerPart {
  const whole = output.trim();
  const pieces = whole.startsWith('[') && whole.endsWith(']') ? [whole] : whole.split('\n');
  const containers: Container[] = [];
  const complaints: string[] = [];
  for (const piece of pieces) {
    if (piece.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(piece);
    } catch {
      complaints.push(piece);
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      const parsed = container(one);
      if (parsed !== null) containers.push(parsed);
    }
  }
  return { containers, complaints };
}

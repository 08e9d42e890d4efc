import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { openStream } from './open-stream.ts';

/** Whether a connection to the port opens. */
export async function tcpCheck(
  spec: Extract<CheckSpec, { kind: 'tcp' }>,
  host: HostConnection | null,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const stream = await openStream(host, { host: spec.host, port: spec.port }, spec.timeoutMs, signal);
  stream.on('error', () => undefined);
  stream.destroy();
  return { health: 'ok', detail: `port ${String(spec.port)} is open` };
}

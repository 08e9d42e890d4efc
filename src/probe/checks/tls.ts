import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { openStream } from './open-stream.ts';
import { secureStream } from './secure-stream.ts';

const dayMs = 86_400_000;

/**
 * Days until the server's certificate ends, of `now`, epoch ms. A certificate that is not trusted is told as a warning beside
 * them: many inner hosts have their own authority.
 */
export async function tlsCheck(
  spec: Extract<CheckSpec, { kind: 'tls' }>,
  host: HostConnection | null,
  now: number,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const stream = await openStream(host, { host: spec.host, port: spec.port }, spec.timeoutMs, signal);
  const secure = await secureStream(stream, spec.serverName, false, signal);
  const endsAt = Date.parse(secure.getPeerCertificate().valid_to);
  const problem = secure.authorized ? null : String(secure.authorizationError);
  secure.destroy();
  if (!Number.isFinite(endsAt)) return { health: 'unknown', detail: 'the server showed no certificate' };
  const leftMs = endsAt - now;
  const days = Math.floor((10 * leftMs) / dayMs) / 10;
  const health = leftMs <= 0 || leftMs < spec.critMs ? 'crit' : leftMs < spec.warnMs || problem !== null ? 'warn' : 'ok';
  const age = leftMs <= 0 ? `expired ${String(Math.abs(days))} days ago` : `${String(Math.floor(leftMs / dayMs))} days left`;
  const expiredToo = problem === 'CERT_HAS_EXPIRED' && leftMs <= 0;
  return { health, detail: problem === null || expiredToo ? age : `${age}; not trusted: ${problem}`, value: days };
}

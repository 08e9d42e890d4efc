import type { CheckSpec } from '../../fleet/definition.ts';
import type { CheckSample } from '../../fleet/sample.ts';
import { abortable } from '../../remote/abortable.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { NotAsked, checkSample } from './answer.ts';
import { type CheckMemory, newCheckMemory } from './check-memory.ts';
import { commandCheck } from './command.ts';
import { fileAgeCheck } from './file-age.ts';
import { httpCheck } from './http.ts';
import { memcachedCheck } from './memcached.ts';
import { tcpCheck } from './tcp.ts';
import { tlsCheck } from './tls.ts';
import { versionCheck } from './version.ts';

async function answerOf(
  spec: CheckSpec,
  host: HostConnection | null,
  memory: CheckMemory,
  now: () => number,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  switch (spec.kind) {
    case 'tcp':
      return tcpCheck(spec, host, signal);
    case 'http':
      return httpCheck(spec, host, signal);
    case 'version':
      return versionCheck(spec, host, signal);
    case 'tls':
      return tlsCheck(spec, host, now(), signal);
    case 'command':
      return commandCheck(spec, host);
    case 'file_age':
      return fileAgeCheck(spec, host);
    case 'mysql': {
      // With its client library some megabytes, which a console without such a check does not pay for.
      const { mysqlCheck } = await import('./mysql.ts');
      return mysqlCheck(spec, host, memory, now, signal);
    }
    case 'memcached':
      return memcachedCheck(spec, host, memory, signal);
  }
}

/** Why no answer came, in words: what the connection said, without the library's codes where they say the same. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'no route to the network',
    ENOTFOUND: 'the name is not known',
    ENOENT: 'no such socket',
    EACCES: 'permission denied',
    EPIPE: 'the connection was closed',
  };
  return known[code] ?? (error.message || 'it failed');
}

/**
 * Asks one check and always resolves. `host` is the connection it is asked through, `null` (or `from: here`) for this machine;
 * `now` gives epoch ms. An assertion that does not hold is `ok: false`; what could not be asked at all is `ok: null`, with why.
 * Ends at the check's own timeout, or with `signal`. `memory` is the same object from one round of a check to the next.
 */
export async function runCheck(
  spec: CheckSpec,
  host: HostConnection | null,
  now: () => number,
  signal: AbortSignal,
  memory: CheckMemory = newCheckMemory(),
): Promise<CheckSample> {
  const through = spec.from === 'here' ? null : host;
  if (spec.from === 'host' && host === null)
    return checkSample(spec, { health: 'unknown', detail: 'the host is not connected' }, null, now());
  const startedMs = performance.now();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), spec.timeoutMs);
  try {
    // A command has the host's own time box, and a little more for the way there and back.
    const asking = answerOf(spec, through, memory, now, AbortSignal.any([signal, late.signal]));
    const answer = await abortable(asking, signal, () => new NotAsked('it was cancelled'));
    return checkSample(spec, answer, performance.now() - startedMs, now());
  } catch (error) {
    const asked = !(error instanceof NotAsked);
    const ms = performance.now() - startedMs;
    const detail = asked && late.signal.aborted ? `no answer within ${String(spec.timeoutMs)} ms` : reason(error);
    return checkSample(spec, { health: asked ? 'crit' : 'unknown', detail }, asked ? ms : null, now());
  } finally {
    clearTimeout(timer);
  }
}

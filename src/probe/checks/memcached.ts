import type { Duplex } from 'node:stream';
import type { CheckSpec } from '../../fleet/definition.ts';
import { formatBytes, formatCount, formatNumber } from '../../fleet/duration.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import type { CheckMemory } from './check-memory.ts';
import { type CacheInterval, type CacheReading, cacheInterval, readStats, takeTurn } from './memcached-stats.ts';
import { openStream } from './open-stream.ts';

/** `stats` is some 2 kB; more is not memcached. */
const answerAtMost = 64 * 1024;

/**
 * Gets that an interval must hold before its hit rate is judged. Of a hundred, one more miss moves the rate by a point, and chance
 * alone by less than ten points (two standard errors, √(p(1−p)/n), at any p); of ten it would make or end a warning by itself.
 */
export const getsEnough = 100;

/** Asks `stats` and tells what happened since the round before; the first round tells no rates. */
export async function memcachedCheck(
  spec: Extract<CheckSpec, { kind: 'memcached' }>,
  host: HostConnection | null,
  memory: CheckMemory,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const stream = await openStream(host, { host: spec.host, port: spec.port }, spec.timeoutMs, signal);
  const reading = readStats(await askStats(stream, signal), performance.now());
  if (reading === null) throw new Error('what answers does not speak the memcached protocol');
  const { before, kept } = takeTurn(memory.cache, reading, spec.everyMs);
  const interval = cacheInterval(before, reading);
  memory.cache = kept;
  const rate = interval?.hitRate ?? null;
  const low = spec.hitRateWarn !== null && rate !== null && rate < spec.hitRateWarn && (interval?.gets ?? 0) >= getsEnough;
  const limit = low ? ` (limit ${percent(spec.hitRateWarn ?? 0)})` : '';
  return {
    health: low ? 'warn' : 'ok',
    detail: `${reading.version.slice(0, 20)} · ${inWords(interval, limit)} · ${memoryOf(reading)}`,
    ...(rate === null ? {} : { value: rate }),
  };
}

function inWords(interval: CacheInterval | null, limit: string): string {
  if (interval === null) return 'hit rate known after the next round';
  const rate =
    interval.hitRate === null ? 'no gets' : `hit rate ${percent(interval.hitRate)}${limit} of ${formatCount(interval.gets)} gets`;
  return `${rate} · ${formatNumber(interval.evictionsPerS)} evictions/s`;
}

function memoryOf(reading: CacheReading): string {
  return `${formatBytes(reading.usedBytes)} of ${formatBytes(reading.limitBytes)}`;
}

/** Rounded down, so that what warns is never shown as what would not. */
function percent(ratio: number): string {
  return `${String(Math.floor(ratio * 100 + 1e-9))} %`;
}

/** One `stats` over an open stream, which it always closes. */
function askStats(stream: Duplex, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
      stream.destroy();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const onAbort = (): void => fail(new Error('no answer in time'));
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', fail);
    stream.on('close', () => fail(new Error('it closed the connection without an answer')));
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > answerAtMost) return fail(new Error('what answers does not speak the memcached protocol'));
      if (!chunk.includes('\n')) return;
      const text = Buffer.concat(chunks).toString('latin1');
      const [, complaint] = /^(ERROR|(?:CLIENT|SERVER)_ERROR .*)\r\n/.exec(text) ?? [];
      if (complaint !== undefined) fail(new Error(`it refuses stats: ${complaint}`));
      else if (text.endsWith('\r\nEND\r\n')) finish(() => resolve(text));
      else if (!/^(STAT |$)/.test(text.slice(0, 5))) fail(new Error('what answers does not speak the memcached protocol'));
    });
    stream.write('stats\r\n');
    if (signal.aborted) onAbort();
  });
}

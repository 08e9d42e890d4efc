import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckSpec } from '../../../src/fleet/definition.ts';
import { newCheckMemory } from '../../../src/probe/checks/check-memory.ts';
import { getsEnough } from '../../../src/probe/checks/memcached.ts';
import { type CacheReading, cacheInterval, takeTurn } from '../../../src/probe/checks/memcached-stats.ts';
import type { HostConnection } from '../../../src/remote/connection.ts';
import { memcachedMissing, startMemcached, stopMemcached, tell } from '../../data/memcached.ts';
import { settingsFor } from '../../remote/fleet.ts';
import { closeConnectors, reach } from '../../remote/reaching.ts';
import { type RunningSshd, freePort, sshdMissing, startSshd } from '../../sshd/sshd.ts';
import { ask } from './asking.ts';

/** Asked as often as one likes, so that every question is in its turn. */
function cacheSpec(port: number, hitRateWarn: number | null = null, timeoutMs = 3_000, everyMs = 1): CheckSpec {
  return {
    name: 'cache',
    on: ['cache'],
    from: 'host',
    everyMs,
    timeoutMs,
    kind: 'memcached',
    host: '127.0.0.1',
    port,
    hitRateWarn,
  };
}

describe.skipIf(memcachedMissing() || sshdMissing())('a memcached check through a real sshd', () => {
  let sshd: RunningSshd | undefined;
  let host: HostConnection;
  let cache: ChildProcess | undefined;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    [sshd, cache] = await Promise.all([startSshd(), startMemcached(port)]);
    host = await reach({ ssh: settingsFor(sshd, { transport: 'ssh2' }), address: sshd.address });
  }, 20_000);

  afterAll(async () => {
    await closeConnectors();
    await Promise.all([stopMemcached(cache), sshd?.stop()]);
  });

  const gets = (key: string, times: number): string[] => Array.from({ length: times }, () => `get ${key}`);

  it('tells the hit rate between two rounds, not since the start, and warns below the limit', async () => {
    const memory = newCheckMemory();
    const spec = cacheSpec(port, 0.7);
    await tell(port, ['set here 0 0 1', 'x', ...gets('here', 1_000)]);
    const first = await ask(spec, host, memory);
    expect(first).toMatchObject({ ok: true, health: 'ok', value: null });
    expect(first.detail).toMatch(/^1\.\d+\.\d+ · hit rate known after the next round · [\d.]+ k?B of 4\.19 MB$/);

    await tell(port, [...gets('here', 60), ...gets('gone', 40)]);
    const low = await ask(spec, host, memory);
    expect(low).toMatchObject({ ok: true, health: 'warn', value: 0.6 });
    expect(low.detail).toContain('hit rate 60 % (limit 70 %) of 100 gets · 0 evictions/s');

    await tell(port, [...gets('here', 90), ...gets('gone', 10)]);
    expect(await ask(spec, host, memory)).toMatchObject({
      health: 'ok',
      value: 0.9,
      detail: expect.stringContaining('hit rate 90 % of 100 gets'),
    });
  });

  it('judges no hit rate of too few gets, and makes none up of no gets', async () => {
    const memory = newCheckMemory();
    const spec = cacheSpec(port, 0.7);
    await ask(spec, host, memory);
    await tell(port, gets('gone', getsEnough - 1));
    expect(await ask(spec, host, memory)).toMatchObject({ health: 'ok', value: 0 });
    expect(await ask(spec, host, memory)).toMatchObject({ health: 'ok', value: null, detail: expect.stringContaining(' · no gets · ') });
  });

  it('counts what a full cache throws out', async () => {
    const memory = newCheckMemory();
    await ask(cacheSpec(port), host, memory);
    const block = 'x'.repeat(30_000);
    await tell(port, Array.from({ length: 400 }, (_, n) => [`set k${String(n)} 0 0 30000`, block]).flat());
    const sample = await ask(cacheSpec(port), host, memory);
    expect(sample.detail).toMatch(/ [1-9][\d.]* evictions\/s · /);
    expect(sample.health).toBe('ok');
  });

  it('begins again with a server that was restarted', async () => {
    const memory = newCheckMemory();
    await tell(port, gets('gone', 200));
    await ask(cacheSpec(port, 0.7), host, memory);
    await stopMemcached(cache);
    expect(await ask(cacheSpec(port, 0.7), host, memory)).toMatchObject({ ok: false, health: 'crit' });
    cache = await startMemcached(port);
    await tell(port, gets('gone', 300));
    expect(await ask(cacheSpec(port, 0.7), host, memory)).toMatchObject({
      health: 'ok',
      value: null,
      detail: expect.stringContaining('after the next round'),
    });
  });
});

describe('a memcached check of something else', () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function serving(serve: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const bound = server.address();
    return bound !== null && typeof bound === 'object' ? bound.port : 0;
  }

  const told = async (serve: (socket: Socket) => void, timeoutMs?: number): Promise<string> => {
    const sample = await ask({ ...cacheSpec(await serving(serve), null, timeoutMs), from: 'here' }, null);
    expect(sample).toMatchObject({ ok: false, health: 'crit', value: null });
    return sample.detail;
  };

  it('says what came instead', async () => {
    expect(await told((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))).toBe(
      'what answers does not speak the memcached protocol',
    );
    expect(await told((socket) => socket.write('ERROR\r\n'))).toBe('it refuses stats: ERROR');
    expect(await told((socket) => socket.write('SERVER_ERROR \u001b[2J\r\n'))).toBe('it refuses stats: SERVER_ERROR \\x1b[2J');
    expect(await told((socket) => socket.write('STAT pid x\r\nEND\r\n'))).toBe('what answers does not speak the memcached protocol');
    expect(await told((socket) => socket.end())).toBe('it closed the connection without an answer');
    expect(await told((socket) => socket.write('STAT a 1\r\n'.repeat(50_000)))).toBe('what answers does not speak the memcached protocol');
  });

  it('waits for a silent one no longer than its timeout', async () => {
    expect(await told(() => undefined, 200)).toBe('no answer within 200 ms');
  });
});

describe('the interval between two readings', () => {
  const reading: CacheReading = {
    process: '7',
    version: '1.6',
    uptimeS: 100,
    gets: 50,
    hits: 40,
    evictions: 3,
    usedBytes: 1,
    limitBytes: 2,
    monoMs: 1_000,
  };

  it('is none across a restart, a reset of the counters, or at first', () => {
    const later = { ...reading, uptimeS: 110, gets: 150, hits: 90, evictions: 8, monoMs: 11_000 };
    expect(cacheInterval(reading, later)).toEqual({ gets: 100, hitRate: 0.5, evictionsPerS: 0.5 });
    expect(cacheInterval(null, later)).toBeNull();
    expect(cacheInterval(reading, { ...later, process: '8' })).toBeNull();
    expect(cacheInterval(reading, { ...later, uptimeS: 5 })).toBeNull();
    expect(cacheInterval(reading, { ...later, gets: 0, hits: 0 })).toBeNull();
    expect(cacheInterval(reading, { ...later, evictions: 0 })).toBeNull();
  });

  it('reaches back a turn when somebody asks between two turns', () => {
    const at = (monoMs: number): CacheReading => ({ ...reading, uptimeS: monoMs / 1_000, monoMs });
    const first = takeTurn([], at(0), 10_000);
    expect(first).toEqual({ before: null, kept: [at(0)] });
    expect(takeTurn(first.kept, at(1_000), 10_000)).toEqual({ before: at(0), kept: [at(0)] });
    const second = takeTurn(first.kept, at(10_000), 10_000);
    expect(second).toEqual({ before: at(0), kept: [at(0), at(10_000)] });
    expect(takeTurn(second.kept, at(12_000), 10_000)).toEqual({ before: at(0), kept: second.kept });
    expect(takeTurn(second.kept, at(20_000), 10_000)).toEqual({ before: at(10_000), kept: [at(10_000), at(20_000)] });
    const restarted = { ...at(12_000), process: '8' };
    expect(takeTurn(second.kept, restarted, 10_000)).toEqual({ before: at(10_000), kept: [at(10_000), restarted] });
  });
});

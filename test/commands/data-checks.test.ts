import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMariaDb, mariaDbMissing, startMariaDb } from '../data/mariadb.ts';
import { memcachedMissing, startMemcached, stopMemcached, tell } from '../data/memcached.ts';
import { freePort, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { parsed, statusSchema } from './contract.ts';
import { sshSection, writeFleet } from './fleet-text.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

describe.skipIf(sshdMissing() || mariaDbMissing() || memcachedMissing()).each(['ssh2', 'openssh'])(
  'status of a database and a cache, over %s',
  (transport) => {
    let home: string;
    let sshd: RunningSshd | undefined;
    let database: RunningMariaDb | undefined;
    let cache: ChildProcess | undefined;
    let cachePort: number;
    let fleet: string;

    beforeAll(async () => {
      buildProgram();
      home = mkdtempSync(join(tmpdir(), 'qd-data-'));
      cachePort = await freePort();
      [sshd, database, cache] = await Promise.all([startSshd(), startMariaDb(), startMemcached(cachePort)]);
      await database.sql(
        "CREATE USER probe@'127.0.0.1' IDENTIFIED BY 'hunter2'; GRANT SELECT, SLAVE MONITOR, PROCESS ON *.* TO probe@'127.0.0.1'; CREATE DATABASE shop; CREATE TABLE shop.orders (id INT)",
      );
      const tcp = { host: '127.0.0.1', port: database.port, user: 'probe' };
      fleet = writeFleet(home, [{ name: 'db1', address: sshd.address, port: sshd.port, role: 'db' }], {
        ssh: sshSection(home, [sshd], { transport }),
        checks: {
          db: { on: 'db', mysql: { ...tcp, password: { env: 'PROBE_WORD' } } },
          pair: { on: 'db', mysql: { ...tcp, password: { env: 'PROBE_WORD' }, replication: true } },
          keyless: { on: 'db', mysql: { ...tcp, password: { env: 'NO_SUCH_WORD' } } },
          root: { on: 'db', mysql: { socket: database.socket, user: 'root' } },
          cache: { on: 'db', memcached: `127.0.0.1:${String(cachePort)}`, hit_rate_warn: 0.7 },
        },
      });
    }, 30_000);

    afterAll(async () => {
      await Promise.all([sshd?.stop(), database?.stop(), stopMemcached(cache)]);
      rmSync(home, { recursive: true, force: true });
    });

    const run = (...args: string[]): Promise<Ended> => quarterdeck(['--fleet', fleet, ...args], { home, env: { PROBE_WORD: 'hunter2' } });

    test('says in JSON and in text how they are, with a hit rate from its two rounds, and never the password', async () => {
      const asking = setInterval(
        () =>
          void tell(
            cachePort,
            Array.from({ length: 50 }, () => 'get nothing'),
          ),
        50,
      );
      const ran = await run('status', '--json');
      clearInterval(asking);
      expect(ran.stderr).toBe('');
      const { hosts } = parsed(statusSchema, ran.stdout);
      const checks = new Map(hosts[0]?.checks?.map((check) => [check.name, check]));
      expect(checks.get('db')).toMatchObject({ kind: 'mysql', ok: true, detail: expect.stringMatching(/^10\.\d+ · [\d.]+ kB$/) });
      expect(checks.get('root')).toMatchObject({ ok: true });
      expect(checks.get('pair')).toMatchObject({ ok: false, detail: expect.stringContaining('no replication: it follows nobody') });
      expect(checks.get('keyless')).toMatchObject({
        ok: null,
        detail: 'The environment variable NO_SUCH_WORD, which the fleet file names, is not set.',
      });
      expect(checks.get('cache')).toMatchObject({
        kind: 'memcached',
        ok: true,
        detail: expect.stringContaining('hit rate 0 % (limit 70 %) of '),
      });
      const text = await run('status');
      expect(text.stdout).toContain('check pair failing: 10.');
      expect(text.stdout).toContain('check keyless could not be asked: The environment variable NO_SUCH_WORD');
      expect(ran.stdout + text.stdout + text.stderr).not.toContain('hunter2');
    });
  },
);

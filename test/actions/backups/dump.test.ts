import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariaDbMissing, type RunningMariaDb, startMariaDb } from '../../data/mariadb.ts';
import { lacks } from '../../probe/needs.ts';
import { Bench } from './bench.ts';

const missing = mariaDbMissing() || lacks('mariadb-dump', '--version') || lacks('flock', '--version');

describe.skipIf(missing)('a dump of MariaDB', () => {
  let bench: Bench;
  let db: RunningMariaDb;
  let defaults: string;
  beforeAll(async () => {
    bench = new Bench();
    db = await startMariaDb();
    defaults = bench.path('my.cnf');
    writeFileSync(defaults, `[client]\nsocket=${db.socket}\nuser=root\n`);
    await db.sql(
      'create database shop; use shop; create table t (id int primary key, text varchar(200)); insert into t select seq, concat(md5(rand()), md5(rand()), md5(rand()), md5(rand()), md5(rand())) from seq_1_to_20000; create procedure p() select 1; create event e on schedule every 1 day do select 1',
    );
  }, 60_000);
  afterAll(async () => {
    await db?.stop();
    bench?.stop();
  });

  const dump = (to: string, more: Readonly<Record<string, unknown>> = {}) =>
    bench.spec({ kind: 'mariadb-dump', database: 'shop', to: bench.path(to), defaults_file: defaults, ...more }, 'db');
  const files = (to: string): string[] =>
    existsSync(bench.path(to)) ? readdirSync(bench.path(to)).filter((name) => !name.startsWith('.')) : [];
  const slowGzip = 'if [ "$1" = -c ]; then sleep 3; fi; exec /usr/bin/gzip "$@"';
  /** Stands still after the first part of a real dump and says its process: one that is whole in the pipe cannot be killed any more. */
  const tellingDump = (pidFile: string): string =>
    `[ "$1" != --help ] || exec /usr/bin/mariadb-dump --help
/usr/bin/mariadb-dump "$@" | head -c 2000
echo "$$" >"${pidFile}.new" && mv "${pidFile}.new" "${pidFile}"
exec sleep 20`;

  test('is one whole gzip file under a name of its own, with procedures, events and the position in the binary log', async () => {
    const spec = dump('whole');
    expect(await bench.check(spec)).toMatchObject({ exit: 0 });
    expect(await bench.run(spec)).toMatchObject({ exit: 0, stderr: '' });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    const names = files('whole');
    expect(names).toHaveLength(2);
    const sql = gunzipSync(readFileSync(bench.path('whole', names[0] ?? ''))).toString();
    expect(sql.trimEnd().split('\n').at(-1)).toMatch(/^-- Dump completed/);
    expect(sql).toContain('PROCEDURE `p`');
    expect(sql).toContain('EVENT `e`');
    expect(sql).toContain('-- CHANGE MASTER TO');
    const { artifacts } = await bench.read(spec);
    expect(artifacts).toMatchObject([{ verified: true }, { verified: true }]);
    expect(artifacts.map((copy) => copy.name)).toEqual(names.toSorted().toReversed());
  });

  test('killed half-way is told as failed, leaves no file, and the last good one stands', async () => {
    const spec = dump('killed');
    await bench.run(spec);
    const good = files('killed');
    bench.program('gzip', slowGzip);
    bench.program('mariadb-dump', tellingDump(bench.path('pid')));
    const { ended } = bench.begin(spec);
    while (!existsSync(bench.path('pid'))) await sleep(50);
    const pid = Number(readFileSync(bench.path('pid'), 'utf8'));
    const { running } = await bench.read(spec);
    expect(running).not.toBeNull();
    process.kill(pid, 'SIGKILL');
    const ran = await ended;
    bench.program('gzip', 'exec /usr/bin/gzip "$@"');
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain('the dump ended with exit 137');
    expect(files('killed')).toEqual(good);
    const reading = await bench.read(spec);
    expect(reading.failed?.why).toContain('exit 137');
    expect(reading.artifacts.map((copy) => copy.name)).toEqual(good);
  }, 20_000);

  test('that fails behind its compressor is not taken for a small dump', async () => {
    bench.program('mariadb-dump', 'exec /usr/bin/mariadb-dump "$@"');
    const spec = dump('missing', { database: 'nothing-of-that-name' });
    const ran = await bench.run(spec);
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain('the dump ended with exit 2');
    expect(ran.stderr).toContain('Unknown database');
    expect(files('missing')).toEqual([]);
  });

  test('that ends well but is cut off, or is half of the last one, is not taken for whole', async () => {
    const spec = dump('cut');
    await bench.run(spec);
    bench.program('mariadb-dump', '/usr/bin/mariadb-dump "$@" | head -n 20');
    expect((await bench.run(spec)).stderr).toContain('is not "-- Dump completed"');
    bench.program('mariadb-dump', 'echo "-- Dump completed"');
    expect((await bench.run(spec)).stderr).toMatch(/it shrank from \d+ to \d+ bytes/);
    expect(files('cut')).toHaveLength(1);
    bench.program('mariadb-dump', 'exec /usr/bin/mariadb-dump "$@"');
  });

  test('of a database whose name is odd is quoted, and two at once into one folder are refused', async () => {
    await db.sql("create database `it's $(odd) /x`; create table `it's $(odd) /x`.t (id int)");
    const odd = bench.spec({ kind: 'mysqldump', database: "it's $(odd) /x", to: bench.path('odd'), defaults_file: defaults }, 'odd');
    expect(await bench.run(odd)).toMatchObject({ exit: 0 });
    expect(files('odd')).toEqual([expect.stringMatching(/^it_s___odd___x-\d{8}T\d{6}Z\.sql\.gz$/)]);
    bench.program('gzip', slowGzip);
    const { ended } = bench.begin(dump('odd'));
    while ((await bench.read(dump('odd'))).running === null) await sleep(50);
    expect(await bench.run(odd)).toMatchObject({ exit: 75, stderr: expect.stringContaining('is already running') });
    expect(await ended).toMatchObject({ exit: 0 });
    bench.program('gzip', 'exec /usr/bin/gzip "$@"');
  }, 20_000);

  test('grows before the eye: bytes, share of the last one, and time left', async () => {
    const spec = dump('grows');
    await bench.run(spec);
    const slowly =
      'import sys, time\nfor part in iter(lambda: sys.stdin.buffer.read(100000), b""): time.sleep(0.1); sys.stdout.buffer.write(part)';
    bench.program('mariadb-dump', `/usr/bin/mariadb-dump "$@" | python3 -c '${slowly}'`);
    const { ended } = bench.begin(spec);
    const seen: number[] = [];
    while (seen.length < 2) {
      const { running } = await bench.read(spec);
      if (running?.bytes != null && running.bytes > (seen.at(-1) ?? 0) && running.pct !== null) seen.push(running.bytes);
      await sleep(100);
    }
    expect(seen[1]).toBeGreaterThan(seen[0] ?? 0);
    await ended;
    bench.program('mariadb-dump', 'exec /usr/bin/mariadb-dump "$@"');
  }, 20_000);

  test('only as many dumps as are kept stay, and files of others are not touched', async () => {
    const spec = dump('keep', { keep: 1 });
    await bench.run(spec);
    await bench.run(spec);
    const by = bench.path('keep', 'shop-of-somebody.sql.gz');
    writeFileSync(by, 'mine');
    expect((await bench.retire(spec)).stdout).toMatch(/^deleted .*shop-\d{8}T\d{6}Z\.sql\.gz$/m);
    expect(files('keep')).toHaveLength(2);
    expect(existsSync(by)).toBe(true);
  });
});

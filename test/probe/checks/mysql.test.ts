import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostConnection } from '../../../src/remote/connection.ts';
import { type RunningMariaDb, mariaDbMissing, replicate, startMariaDb, until } from '../../data/mariadb.ts';
import { settingsFor } from '../../remote/fleet.ts';
import { closeConnectors, reach } from '../../remote/reaching.ts';
import { type RunningSshd, sshdMissing, startSshd } from '../../sshd/sshd.ts';
import { ask, mysqlSpec } from './asking.ts';

const word = 'hunter2#"x y';

/** What is done to one server only: the other does not hear of it. */
async function quietly(server: RunningMariaDb, text: string): Promise<void> {
  await server.sql(`SET sql_log_bin = 0; ${text}; SET sql_log_bin = 1`);
}

describe.skipIf(mariaDbMissing() || sshdMissing())('a mysql check of a real pair through a real sshd', () => {
  let sshd: RunningSshd;
  let left: RunningMariaDb;
  let right: RunningMariaDb;
  let host: HostConnection;

  beforeAll(async () => {
    [sshd, left, right] = await Promise.all([startSshd(), startMariaDb({ serverId: 1 }), startMariaDb({ serverId: 2 })]);
    host = await reach({ ssh: settingsFor(sshd, { transport: 'ssh2' }), address: sshd.address });
    for (const server of [left, right]) {
      await quietly(
        server,
        `CREATE USER probe@'127.0.0.1' IDENTIFIED BY '${word}'; GRANT SLAVE MONITOR, PROCESS, SELECT ON *.* TO probe@'127.0.0.1';` +
          " CREATE USER meek@'127.0.0.1' IDENTIFIED BY 'meek'",
      );
    }
    await replicate(right, left);
    await left.sql(
      "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT); INSERT INTO shop.orders VALUES (1, 'a')",
    );
    await until(async () => (await right.sql("SHOW TABLES FROM shop LIKE 'orders'")).length === 1, 'the table is on the replica');
  }, 30_000);

  afterAll(async () => {
    await closeConnectors();
    await Promise.all([left.stop(), right.stop(), sshd.stop()]);
  });

  const probe = (server: RunningMariaDb, more: Partial<ReturnType<typeof mysqlSpec>> = {}) =>
    mysqlSpec({ host: '127.0.0.1', port: server.port, user: 'probe', password: { kind: 'literal', value: word }, ...more });

  it('answers with version and size over tcp and over the unix socket', async () => {
    const tables = /^10\.\d+ · (\d+\.\d kB|\d+ kB|\d\.\d+ MB)$/;
    expect(await ask(probe(left), host)).toMatchObject({ ok: true, health: 'ok', detail: expect.stringMatching(tables), value: null });
    expect(await ask(mysqlSpec({ socket: left.socket, user: 'root' }), host)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(tables),
    });
  });

  it('takes the login user where the fleet file names none', async () => {
    expect(await ask(mysqlSpec({ socket: left.socket }), host)).toMatchObject({
      health: sshd.user === 'root' ? 'ok' : 'unknown',
      detail: expect.stringContaining(sshd.user === 'root' ? ' kB' : sshd.user),
    });
  });

  it('lets in by unix_socket the account that sshd runs as, and says what to do for another', async () => {
    const own = `'${sshd.user}'@localhost`;
    await quietly(
      left,
      `CREATE USER IF NOT EXISTS ${own}; ALTER USER ${own} IDENTIFIED VIA unix_socket; CREATE USER stranger@localhost IDENTIFIED VIA unix_socket`,
    );
    expect(await ask(mysqlSpec({ socket: left.socket }), host)).toMatchObject({ ok: true, health: 'ok' });
    expect(await ask(mysqlSpec({ socket: left.socket, user: 'stranger' }), host)).toMatchObject({
      ok: null,
      health: 'unknown',
      detail:
        'it does not let stranger in: socket login takes the account that sshd runs as, so give user and password, or a defaults_file',
    });
    await quietly(left, `ALTER USER ${own} IDENTIFIED BY ''`);
  });

  it('reads account, password and place from an option file on the host, and keeps none of it', async () => {
    const file = join(sshd.directory, '.my.cnf');
    writeFileSync(
      file,
      `[mysqld]\nport = 1\n[client]\nuser=probe # asks\npassword = '${word}'\r\nport=${String(left.port)}\nhost=127.0.0.1\r\n`,
      { mode: 0o600 },
    );
    const sample = await ask(mysqlSpec({ defaultsFile: file }), host);
    expect(sample).toMatchObject({ ok: true });
    expect(inspect(sample)).not.toContain('hunter2');
    expect(await ask(mysqlSpec({ defaultsFile: file, from: 'here' }), null)).toMatchObject({ ok: true });
    // To MySQL's clients this name is the socket, where root needs no password.
    writeFileSync(file, `[client]\nhost=localhost\nuser=root\nsocket=${left.socket}\n`);
    expect(await ask(mysqlSpec({ defaultsFile: file }), host)).toMatchObject({ ok: true });
    expect(await ask(mysqlSpec({ defaultsFile: `${file}.none` }), host)).toMatchObject({
      ok: null,
      detail: `the option file ${file}.none cannot be read on the host`,
    });
  });

  it('does not know a server that refuses the password, and never says the password', async () => {
    const sample = await ask(probe(left, { password: { kind: 'literal', value: 'wrong-word' } }), host);
    expect(sample).toMatchObject({ ok: null, health: 'unknown', detail: 'it answers, but does not let probe in: wrong name or password' });
    expect(inspect(sample)).not.toContain('wrong-word');
  });

  it('does not know a size or a replication that the account may not see', async () => {
    const meek = { user: 'meek', password: { kind: 'literal', value: 'meek' } } as const;
    expect(await ask(probe(left, meek), host)).toMatchObject({ ok: true, detail: expect.stringContaining('size unknown') });
    expect(await ask(probe(right, { ...meek, replication: true }), host)).toMatchObject({
      ok: null,
      health: 'unknown',
      detail: expect.stringContaining('replication is not shown to this account: grant it SLAVE MONITOR'),
    });
  });

  it('calls a missing server and a paused one critical, the latter after its timeout', async () => {
    expect(await ask(mysqlSpec({ socket: `${left.socket}-none`, user: 'probe' }), host)).toMatchObject({ ok: false, health: 'crit' });
    right.pause();
    try {
      expect(await ask(probe(right, { timeoutMs: 500 }), host)).toMatchObject({
        ok: false,
        health: 'crit',
        detail: 'no answer within 500 ms',
      });
    } finally {
      right.resume();
    }
  });

  it('calls a server that is full critical, in its own words', async () => {
    await left.sql('SET GLOBAL max_connections = 10');
    const idlers = Array.from({ length: 12 }, () => connect({ host: '127.0.0.1', port: left.port }));
    await Promise.all(idlers.map((idler) => once(idler, 'data')));
    expect(await ask(probe(left), host)).toMatchObject({ ok: false, health: 'crit', detail: 'Too many connections' });
    for (const idler of idlers) idler.destroy();
    await left.sql('SET GLOBAL max_connections = 151');
    await until(async () => (await ask(probe(left), host)).ok === true, 'there is room again');
  });

  it('sees a one-way pair from both ends', async () => {
    expect(await ask(probe(left, { replication: true }), host)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/ · source of 1 replica$/),
    });
    expect(await ask(probe(right, { replication: true }), host)).toMatchObject({
      ok: true,
      health: 'ok',
      value: 0,
      detail: expect.stringMatching(/^10\.\d+ · .+ · replica: io ok, sql ok, 0 s behind$/),
    });
  });

  it('sees a pair that follows each other, read-only on one side, and a real error of one thread', async () => {
    await replicate(left, right);
    await right.sql('SET GLOBAL read_only = 1');
    for (const server of [left, right])
      expect(await ask(probe(server, { replication: true }), host)).toMatchObject({
        ok: true,
        detail: expect.stringContaining('io ok, sql ok'),
      });
    expect((await ask(probe(right), host)).detail).toMatch(/^10\.\d+ · read-only · /);
    // The row is there before its source writes it.
    await quietly(right, "SET GLOBAL read_only = 0; INSERT INTO shop.orders VALUES (2, 'mine')");
    await left.sql("INSERT INTO shop.orders VALUES (2, 'theirs')");
    await until(async () => (await right.sql('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'] === 'No', 'the sql thread stops');
    expect(await ask(probe(right, { replication: true }), host)).toMatchObject({
      ok: false,
      health: 'crit',
      value: null,
      detail: expect.stringMatching(/ · replica: io ok, sql stopped, lag unknown: .*Duplicate entry '2' for key 'PRIMARY'/),
    });
    expect(await ask(probe(left, { replication: true }), host)).toMatchObject({ ok: true });
    await quietly(right, 'DELETE FROM shop.orders WHERE id = 2; START SLAVE SQL_THREAD');
    await until(async () => (await ask(probe(right, { replication: true }), host)).ok === true, 'the replica runs again');
  });

  it('measures a real lag against both limits, and never takes an unknown one for none', async () => {
    const limits = { replication: true, lagWarnMs: 1_000 } as const;
    await right.sql('FLUSH TABLES WITH READ LOCK');
    try {
      await left.sql("INSERT INTO shop.orders VALUES (3, 'late')");
      await until(async () => (await ask(probe(right, limits), host)).health === 'warn', 'the lag warns');
      const warned = await ask(probe(right, limits), host);
      expect(warned.detail).toMatch(/io ok, sql ok, \d+ s behind$/);
      expect(warned.value).toBeGreaterThan(1);
      expect(await ask(probe(right, { ...limits, lagWarnMs: 500, lagCritMs: 1_000 }), host)).toMatchObject({ ok: false, health: 'crit' });
    } finally {
      await right.sql('UNLOCK TABLES');
    }
    await right.sql('STOP SLAVE IO_THREAD');
    expect(await ask(probe(right, limits), host)).toMatchObject({
      health: 'crit',
      value: null,
      detail: expect.stringMatching(/io stopped, sql ok, lag unknown$/),
    });
    await right.sql('START SLAVE IO_THREAD');
  });

  it('calls it critical when replication must run and there is none', async () => {
    await left.sql('STOP SLAVE; RESET SLAVE ALL');
    await right.sql('STOP SLAVE; RESET SLAVE ALL');
    await until(
      async () => (await left.sql("SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")).length === 0,
      'the follower is gone',
    );
    expect(await ask(probe(left, { replication: true }), host)).toMatchObject({
      health: 'crit',
      detail: expect.stringContaining('no replication: it follows nobody and nobody follows it'),
    });
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { inspect } from 'node:util';
import { createConnection } from 'mysql2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckSample } from '../../../src/fleet/sample.ts';
import { newCheckMemory } from '../../../src/probe/checks/check-memory.ts';
import { type MysqlSpec, ask, mysqlSpec } from './asking.ts';

const closing: (() => void)[] = [];
let printed: ReturnType<typeof vi.spyOn>[] = [];

beforeEach(() => {
  printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log'), vi.spyOn(console, 'warn')];
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
  // A line of the library's on standard error would push the screen.
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

async function serving(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    closing.push(() => socket.destroy());
    serve(socket);
  }).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

function asked(port: number, more: Partial<MysqlSpec> = {}): Promise<CheckSample> {
  const password = { kind: 'literal', value: 'hunter2' } as const;
  return ask(mysqlSpec({ from: 'here', host: '127.0.0.1', port, user: 'probe', password, timeoutMs: 2_000, ...more }), null);
}

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.from([payload.length & 0xff, (payload.length >> 8) & 0xff, payload.length >> 16, sequence]);
  return Buffer.concat([header, payload]);
}

/** Protocol::HandshakeV10 of a server that speaks 4.1. */
const greeting = packet(
  0,
  Buffer.concat([
    Buffer.from('\u000a8.0.46\u0000', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('abcdefgh\u0000', 'latin1'),
    Buffer.from([0xff, 0xf7, 0x21, 2, 0, 0xff, 0x81, 21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\u0000mysql_native_password\u0000', 'latin1'),
  ]),
);

/** Greets, and then says what a test wants for an answer to the login. */
function afterGreeting(answer: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.write(greeting);
    socket.once('data', () => answer(socket));
  };
}

const foreign = 'what answers does not speak the MySQL protocol';

describe('a mysql check of something that is no good server', () => {
  it('waits for a silent one no longer than its timeout, before and after the greeting', async () => {
    for (const serve of [() => undefined, afterGreeting(() => undefined)]) {
      const sample = await asked(await serving(serve), { timeoutMs: 250 });
      expect(sample).toMatchObject({ ok: false, health: 'crit', detail: 'no answer within 250 ms' });
    }
  });

  it('knows other protocols for what they are', async () => {
    for (const said of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', '220 mail ready\r\n', '\u0000\u0000\u0000\u0007x'])
      expect(await asked(await serving((socket) => socket.write(said)))).toMatchObject({ ok: false, health: 'crit', detail: foreign });
    expect(await asked(await serving((socket) => socket.end()))).toMatchObject({ detail: 'it closed the connection without an answer' });
  });

  it('ends an answer out of order, one without end and one longer than any', async () => {
    expect(
      await asked(await serving(afterGreeting((socket) => socket.write(packet(9, Buffer.from([0, 0, 0, 2, 0, 0, 0])))))),
    ).toMatchObject({
      ok: false,
      detail: foreign,
    });
    const flood = afterGreeting((socket) => {
      let sequence = 2;
      const more = (): void => {
        while (!socket.destroyed && socket.write(packet(sequence, Buffer.alloc(60_000, 1)))) sequence = (sequence + 1) & 0xff;
      };
      socket.on('drain', more);
      more();
    });
    expect(await asked(await serving(flood))).toMatchObject({ ok: false, health: 'crit' });
    expect(await asked(await serving((socket) => socket.write(Buffer.from([0xff, 0xff, 0xff, 0, 1]))))).toMatchObject({ detail: foreign });
  });

  it('shows an error made to trick a terminal as text, and never the password in it', async () => {
    const error = Buffer.concat([Buffer.from([0xff, 0x33, 0x07]), Buffer.from('#HY000\u001b[2J\u001b]0;x\u0007 hunter2 \u202e no')]);
    const sample = await asked(await serving(afterGreeting((socket) => socket.write(packet(2, error)))));
    expect(sample).toMatchObject({ ok: false, health: 'crit', detail: '\\x1b[2J\\x1b]0;x\\x07 [secret] \\u{202e} no' });
  });

  it('sends no password in the clear to a server that asks for it so', async () => {
    let heard = '';
    const serve = (socket: Socket): void => {
      socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
      afterGreeting((one) => one.write(packet(2, Buffer.from('\u00femysql_clear_password\u0000', 'latin1'))))(socket);
    };
    expect(await asked(await serving(serve))).toMatchObject({
      ok: null,
      health: 'unknown',
      detail: 'the server wants the password unencrypted, which is refused',
    });
    expect(heard).toContain('probe');
    expect(heard).not.toContain('hunter2');
  });

  it('names a way to log in that it does not know', async () => {
    const serve = afterGreeting((socket) => socket.write(packet(2, Buffer.from('\u00feclient_ed25519\u0000abcd', 'latin1'))));
    expect(await asked(await serving(serve))).toMatchObject({
      ok: null,
      detail: 'the server wants the login method client_ed25519, which is not known here',
    });
  });

  it('always answers, whatever bytes come in whatever pieces', async () => {
    const samples = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const noise = (): Buffer => {
          const payload = randomBytes(1 + (n % 30));
          // Every kind of answer begins with one of these.
          payload[0] = [0x00, 0x01, 0x03, 0xfe, 0xff, 0xfb, payload[0] ?? 0][n % 7] ?? 0;
          return payload;
        };
        const serve = (socket: Socket): void => {
          const all = n % 3 === 0 ? Buffer.concat([packet(0, Buffer.concat([Buffer.from([10]), noise()])), randomBytes(40)]) : greeting;
          for (const byte of all) socket.write(Buffer.from([byte]));
          socket.on('data', (chunk: Buffer) =>
            socket.write(Buffer.concat([1, 2, 3, 4, 5].map((step) => packet((chunk[3] ?? 0) + step, noise())))),
          );
        };
        return asked(await serving(serve), { timeoutMs: 400, replication: true });
      }),
    );
    for (const sample of samples) expect(inspect(sample)).not.toContain('hunter2');
    expect(samples.filter((sample) => sample.health === 'ok' || sample.health === 'warn')).toEqual([]);
  });
});

/** A server of the library's own, which answers the questions as MySQL would. */
async function mysqlAnswering(
  serverVersion: string,
  answer: (sql: string) => Record<string, string | null>[] | { code: number; message: string } | null,
): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const connection = createConnection({ stream: socket, isServer: true });
    connection.on('error', () => undefined);
    closing.push(() => socket.destroy());
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion,
      connectionId: 1,
      statusFlags: 2,
      characterSet: 33,
      // Neither compression nor TLS.
      capabilityFlags: 0xff_f7df,
      authCallback: (_: unknown, done: (error: null) => void) => {
        done(null);
        connection.sequenceId = 0;
      },
    });
    connection.on('query', (sql: string) => {
      const said = answer(sql);
      if (Array.isArray(said)) connection.writeTextResult(said, Object.keys(said[0] ?? { none: null }).map(textColumn));
      else if (said !== null) connection.writeError(said);
      connection.sequenceId = 0;
    });
  }).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

function textColumn(name: string) {
  const empty = { schema: '', table: '', orgTable: '' };
  return { catalog: 'def', ...empty, name, orgName: name, characterSet: 33, columnLength: 200, columnType: 253, flags: 0, decimals: 0 };
}

describe('a mysql check of MySQL, which has other words than MariaDB', () => {
  const syntax = { code: 1064, message: 'You have an error in your SQL syntax' };
  const hello = (version: string) => [{ one: '1', version, is_read_only: '0' }];

  it('reads SHOW REPLICA STATUS of 8 and, where that is no word, SHOW SLAVE STATUS', async () => {
    const size = [{ bytes: '1212000000', sees_all: '1' }];
    const eight = await mysqlAnswering('8.4.3', (sql) => {
      if (sql === 'SHOW REPLICA STATUS')
        return ['', 'east'].map((name, n) => ({
          Channel_Name: name,
          Replica_IO_Running: 'Yes',
          Replica_SQL_Running: 'Yes',
          Seconds_Behind_Source: String(n * 75),
          Last_IO_Error: '',
          Last_SQL_Error: '',
        }));
      return sql.includes('VERSION()') ? hello('8.4.3') : sql.includes('MAX_EXECUTION_TIME') ? size : syntax;
    });
    expect(await asked(eight, { replication: true })).toMatchObject({
      health: 'warn',
      value: 75,
      detail: '8.4 · 1.21 GB · replica: io ok, sql ok, 0 s behind · replica east: io ok, sql ok, 1m15s behind',
    });
    const five = await mysqlAnswering('5.1.73', (sql) => {
      if (sql === 'SHOW SLAVE STATUS')
        return [
          {
            Slave_IO_Running: 'Connecting',
            Slave_SQL_Running: 'Yes',
            Seconds_Behind_Master: null,
            Last_IO_Error: 'error connecting',
            Last_SQL_Error: '',
          },
        ];
      return sql.includes('VERSION()') ? hello('5.1.73') : syntax;
    });
    expect(await asked(five, { replication: true })).toMatchObject({
      health: 'crit',
      value: null,
      detail: '5.1 · size unknown · replica: io connecting, sql ok, lag unknown: error connecting',
    });
  });

  it('does not know the lag of two running threads that the server does not tell', async () => {
    const port = await mysqlAnswering('8.4.3', (sql) => {
      if (sql === 'SHOW REPLICA STATUS') return [{ Replica_IO_Running: 'Yes', Replica_SQL_Running: 'Yes', Seconds_Behind_Source: null }];
      return sql.includes('VERSION()') ? hello('8.4.3') : syntax;
    });
    expect(await asked(port, { replication: true })).toMatchObject({
      ok: null,
      health: 'unknown',
      value: null,
      detail: expect.stringContaining('lag unknown'),
    });
  });

  it('answers within its time when only the size takes too long', async () => {
    const port = await mysqlAnswering('8.4.3', (sql) => (sql.includes('VERSION()') ? hello('8.4.3') : null));
    expect(await asked(port, { timeoutMs: 600 })).toMatchObject({ ok: true, health: 'ok', detail: '8.4 · size unknown' });
  });

  it('asks for the size only every ten minutes', async () => {
    let sums = 0;
    const port = await mysqlAnswering('8.4.3', (sql) => {
      if (sql.includes('SUM(')) sums += 1;
      return sql.includes('VERSION()') ? hello('8.4.3') : [{ bytes: '5000', sees_all: '1' }];
    });
    const memory = newCheckMemory();
    const spec = mysqlSpec({ from: 'here', host: '127.0.0.1', port, user: 'probe' });
    for (let round = 0; round < 3; round += 1) expect((await ask(spec, null, memory)).detail).toBe('8.4 · 5.00 kB');
    expect(sums).toBe(1);
    memory.databases = { bytes: 1, at: Date.parse('2026-11-21T23:49:59Z') };
    expect((await ask(spec, null, memory)).detail).toBe('8.4 · 5.00 kB');
    expect(sums).toBe(2);
  });
});

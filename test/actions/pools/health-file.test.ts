import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { healthFile } from '../../../src/actions/pools/kinds/health-file.ts';
import { poolNoteKey } from '../../../src/probe/pools/notes.ts';
import { removeNote, writeNote } from '../../../src/remote/host-note.ts';
import { lacks } from '../../probe/needs.ts';
import { PoolBench } from '../../probe/pools/bench.ts';
import { until } from '../../probe/pools/servers.ts';

const signature = { who: 'ann@desk', reason: 'the kernel\'s "update" $(reboot)', at: 1_700_000_000_000, actionId: 'a-1' };

describe('a health file', () => {
  let bench: PoolBench;
  let file: string;

  beforeEach(() => {
    bench = new PoolBench([{ name: 'web1' }, { name: 'web2' }], {
      web: { kind: 'health-file', file: '~/state dir/out', members: { role: 'web' } },
    });
    file = join(bench.home('web1'), 'state dir', 'out');
  });
  afterEach(() => bench.stop());

  const drain = async (host = 'web1') => bench.send(healthFile.drain(bench.driverContext(), await bench.target(host), signature));
  const restore = async (host = 'web1') => bench.send(healthFile.restore(bench.driverContext(), await bench.target(host), {}));

  test('takes exactly one host out, is readable by its web server, and says who, why and since when', async () => {
    expect(await bench.member('web1')).toMatchObject({
      state: 'in',
      health: 'unknown',
      connections: null,
      takenOutBy: null,
      text: 'no file',
    });
    expect(await drain()).toMatchObject([{ exit: 0 }]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(signature);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(await bench.member('web1')).toMatchObject({ state: 'out', takenOutBy: signature });
    expect(await bench.member('web2')).toMatchObject({ state: 'in', takenOutBy: null });
    expect(await restore()).toMatchObject([{ exit: 0 }]);
    expect(existsSync(file)).toBe(false);
    expect(await bench.member('web1')).toMatchObject({ state: 'in', takenOutBy: null });
  });

  test('that signs for nobody leaves that to the note beside it', async () => {
    await bench.done(healthFile.drain(bench.driverContext(), await bench.target('web1')));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ by: 'quarterdeck' });
    const key = poolNoteKey('web', 'static/web1');
    await bench.run('web1', writeNote(key, signature));
    try {
      expect((await bench.member('web1')).takenOutBy).toEqual(signature);
    } finally {
      await bench.run('web1', removeNote(key));
    }
    expect((await bench.member('web1')).takenOutBy).toBe(null);
  });

  test('tells its own time where the signature has none', async () => {
    await bench.send(healthFile.drain(bench.driverContext(), await bench.target('web1'), { ...signature, at: 0 }));
    const at = (await bench.member('web1')).takenOutBy?.at ?? 0;
    expect(at).toBe(Math.floor(statSync(file).mtimeMs / 1000) * 1000);
  });

  test('is never written over one that is there', async () => {
    mkdirSync(join(bench.home('web1'), 'state dir'));
    writeFileSync(file, 'by hand\n');
    const [result] = await drain();
    expect(result?.exit).not.toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('by hand\n');
    expect(await bench.member('web1')).toMatchObject({ state: 'out', takenOutBy: null, text: 'by hand' });
  });

  test('is not removed when another has written it since it was read', async () => {
    await drain();
    const change = healthFile.restore(bench.driverContext(), await bench.target('web1'), {});
    writeFileSync(file, JSON.stringify({ ...signature, actionId: 'a-2' }));
    expect(await bench.send(change)).toMatchObject([{ exit: 1, stderr: expect.stringContaining('was written by another since') }]);
    expect(existsSync(file)).toBe(true);
  });

  test('holds no byte that reaches a terminal, whoever wrote it, and hostile content signs for nobody', async () => {
    mkdirSync(join(bench.home('web1'), 'state dir'));
    for (const content of [
      '\u001b]52;c;AAAA\u0007',
      '{"who":7}',
      '#quarterdeck no-file\n#quarterdeck end\n',
      '',
      '\0\0',
      'x'.repeat(3_000_000),
    ]) {
      writeFileSync(file, content);
      const member = await bench.member('web1');
      expect(member).toMatchObject({ state: 'out', takenOutBy: null });
      expect(JSON.stringify(member)).not.toMatch(/[\u001b\u0007]/);
    }
    writeFileSync(file, JSON.stringify({ ...signature, who: 'a\u001b[2J\nb' }));
    expect((await bench.member('web1')).takenOutBy?.who).toBe('a\\x1b[2J\\x0ab');
  });

  test('a host that cannot be asked is unknown, and when none can the reading has failed', async () => {
    bench.away.add('web1');
    expect(await bench.read()).toMatchObject({
      error: null,
      warnings: ['web1 has no connection now'],
      members: [{ state: 'unknown' }, { state: 'in' }],
    });
    bench.away.add('web2');
    expect(await bench.read()).toMatchObject({
      error: 'web1 has no connection now; web2 has no connection now',
      members: [{ state: 'unknown' }, { state: 'unknown' }],
    });
  });
});

test.skipIf(lacks('sudo', '-V'))('a change under sudo is the same change, whatever the path holds', async () => {
  const place = mkdtempSync(join(tmpdir(), 'qd-sudo-'));
  const file = join(place, "o'u t $(x) \\n", 'out');
  const bench = new PoolBench(
    [{ name: 'web1' }],
    { web: { kind: 'health-file', file, members: { role: 'web' } } },
    { ssh: { sudo: true } },
  );
  try {
    const change = healthFile.drain(bench.driverContext(), await bench.target('web1'), signature);
    expect(change).toMatchObject({
      commands: [{ command: expect.stringMatching(/^sudo -n -- sh -c '# quarterdeck pool health-file: write /) }],
    });
    await bench.done(change);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(signature);
    expect(await bench.member('web1')).toMatchObject({ state: 'out', takenOutBy: signature });
    await bench.done(healthFile.restore(bench.driverContext(), await bench.target('web1'), {}));
    expect(existsSync(file)).toBe(false);
  } finally {
    bench.stop();
    rmSync(place, { recursive: true });
  }
});

describe.each([['ss'], ['/proc/net/tcp']])('connections of the drain ports by %s', (way) => {
  test.skipIf(way === 'ss' && lacks('ss', '-V'))('are those of these ports, and as many as the drain may leave are none', async () => {
    const [server, other] = [createServer(), createServer()];
    const sockets: Socket[] = [];
    for (const each of [server, other]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    const bench = new PoolBench([{ name: 'web1' }], {
      web: { kind: 'health-file', file: '~/out', members: { role: 'web' }, drain: { ports: [port, 9], atMost: 1 } },
    });
    if (way !== 'ss') bench.path = bench.only(['sh', 'cat', 'grep', 'sed', 'dirname', 'date', 'stat', 'head', 'sleep', 'setsid']);
    writeFileSync(join(bench.home('web1'), 'out'), '');
    try {
      for (const wanted of [0, 1, 2]) {
        if (wanted > 0) sockets.push(connect(port, '127.0.0.1'), connect((other.address() as AddressInfo).port, '127.0.0.1'));
        await until(async () => (await bench.member('web1')).connections === wanted);
        expect((await bench.member('web1')).state).toBe(wanted > 1 ? 'draining' : 'out');
      }
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
      other.close();
      bench.stop();
    }
  });
});

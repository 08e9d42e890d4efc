import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReachError } from '../../src/remote/reach-error.ts';
import { posixShell } from '../../src/remote/kept-shell.ts';
import { freePort, type RunningSshd, type SshdOptions, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { hostAt, settings, settingsFor } from './fleet.ts';
import { closeConnectors, connectorFor, reach, refusal } from './reaching.ts';

const never = new AbortController().signal;
const running: RunningSshd[] = [];
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function sshdWith(options: SshdOptions = {}): Promise<RunningSshd> {
  const sshd = await startSshd(options);
  running.push(sshd);
  return sshd;
}

/** A TCP server that treats each connection as told; returns its port. */
async function serverThat(serve: (socket: Socket) => void): Promise<number> {
  const port = await freePort();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume();
    socket.on('error', () => {});
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

afterEach(async () => {
  await closeConnectors();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(running.splice(0).map((sshd) => sshd.stop()));
});

const quick = { connectMs: 1_000, handshakeMs: 500, authMs: 2_000, shellMs: 1_000 };

describe('a host that cannot be reached by ssh2', () => {
  it('is refused when nothing listens', async () => {
    const port = await freePort();
    const error = await refusal({ ssh: settings({ port }), address: '127.0.0.1' });
    expect(error.reach).toBe('refused');
    expect(error.message).toBe(`web1 refuses connections at 127.0.0.1 port ${port}: the machine answers, but no SSH server listens there.`);
  });

  it('is unreachable when its name does not exist', async () => {
    const error = await refusal({ ssh: settings(), address: 'no-such-host.invalid' });
    expect(error.reach).toBe('unreachable');
    expect(error.message).toContain('cannot be found');
  });

  it('is a timeout when it accepts and never says a word', async () => {
    const port = await serverThat(() => {});
    const error = await refusal({ ssh: settings({ port }), address: '127.0.0.1', options: { deadlines: quick } });
    expect(error.reach).toBe('timeout');
    expect(error.message).toBe('web1 accepted the connection and then said nothing within 0.5 s.');
  });

  it('is a timeout when it stops in the middle of the key exchange', async () => {
    const port = await serverThat((socket) => socket.write('SSH-2.0-stuck\r\n'));
    const error = await refusal({ ssh: settings({ port }), address: '127.0.0.1', options: { deadlines: quick } });
    expect(error).toMatchObject({ reach: 'timeout', message: 'web1 did not finish the key exchange within 0.5 s.' });
  });

  it('does not hang when it closes in the middle of the key exchange', async () => {
    const port = await serverThat((socket) => socket.end('SSH-2.0-gone\r\n'));
    expect((await refusal({ ssh: settings({ port }), address: '127.0.0.1' })).reach).toBe('unreachable');
  });

  it('is unreachable when another program answers', async () => {
    const port = await serverThat((socket) => socket.end(`HTTP/1.1 400 Bad Request\r\n${'x'.repeat(70_000)}\r\n`));
    const error = await refusal({ ssh: settings({ port }), address: '127.0.0.1', options: { deadlines: quick } });
    expect(error.reach).not.toBe('auth');
    expect(error.message).toMatch(/web1/);
  });

  it('survives random bytes and hostile greetings, and shows no control character of them', async () => {
    const port = await serverThat((socket) =>
      socket.end(
        Buffer.concat([
          Buffer.from('\x1b]0;owned\x07\x1b[2J evil\r\n'),
          Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 7 + 13) % 256)),
        ]),
      ),
    );
    const connector = connectorFor({ ssh: settings({ port }), address: '127.0.0.1', options: { deadlines: quick } });
    const abort = AbortSignal.timeout(2_000);
    const error: ReachError = await connector.connect(hostAt('127.0.0.1'), abort).then(
      () => expect.fail('it connected'),
      (failure) => failure,
    );
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(/[\x00-\x1f\x7f-\x9f]/.test(error.message)).toBe(false);
  });

  it('is given up at once when the caller stops waiting', async () => {
    const port = await serverThat(() => {});
    const abort = new AbortController();
    const attempt = connectorFor({ ssh: settings({ port }), address: '127.0.0.1' }).connect(hostAt('127.0.0.1'), abort.signal);
    await sleep(100);
    abort.abort();
    await expect(attempt).rejects.toMatchObject({ name: 'ReachError', message: 'The attempt to reach web1 was given up.' });
    await expect.poll(() => [...sockets].every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
  });

  it('proposes the other transport by name when ssh_config wants a ProxyCommand', async () => {
    const sshd = await sshdWith();
    const config = join(sshd.directory, 'config');
    writeFileSync(config, `Host *\n  ProxyCommand bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3; kill $!'\n`);
    const error = await refusal({ ssh: settingsFor(sshd, { config }), address: sshd.address });
    expect(error.remedy).toContain('transport: openssh');
    const connection = await reach({ ssh: settingsFor(sshd, { config, transport: 'openssh' }), address: sshd.address });
    expect((await connection.exec('echo through', { deadlineMs: 5_000 })).stdout).toBe('through\n');
  });

  it('says what a ProxyCommand that fails has said', async () => {
    const sshd = await sshdWith();
    const config = join(sshd.directory, 'config');
    writeFileSync(config, 'Host *\n  ProxyCommand sh -c "echo no tunnel today >&2; exit 1"\n');
    const error = await refusal({ ssh: settingsFor(sshd, { config, transport: 'openssh' }), address: sshd.address });
    expect(error).toMatchObject({ reach: 'unreachable', message: expect.stringContaining('no tunnel today') });
  });
});

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('a real server that misbehaves, by %s', (transport) => {
  it('is a timeout when it is stopped before it answers', async () => {
    const sshd = await sshdWith();
    sshd.pause();
    const options = { deadlines: { connectMs: 500, handshakeMs: 500, authMs: 500 } };
    const error = await refusal({ ssh: settingsFor(sshd, { transport }), address: sshd.address, options });
    sshd.resume();
    expect(error.reach).toBe('timeout');
  });

  it('is refused when nothing listens', async () => {
    const sshd = await sshdWith();
    const error = await refusal({ ssh: settingsFor(sshd, { transport, port: await freePort() }), address: sshd.address });
    expect(error.reach).toBe('refused');
  });

  it.each([
    ['answers with a program of its own', 'echo "This account is currently not available."; exit 1', 'not available'],
    ['echoes what it is sent', 'cat', 'no shell'],
  ])('has no shell when ForceCommand %s', async (_what, command, words) => {
    const sshd = await sshdWith({ config: { ForceCommand: command } });
    const options = { deadlines: { connectMs: 500, handshakeMs: 500, authMs: 500, shellMs: 1_000 } };
    const attempt = reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address, options }).then((connection) =>
      connection.shell(posixShell),
    );
    await expect(attempt).rejects.toMatchObject({ reach: 'no-shell', message: expect.stringContaining(words) });
  });

  it('drops login noise before the shell', async () => {
    const sshd = await sshdWith({ config: { ForceCommand: 'echo noise; echo "#0123456789abcdef begin 1"; eval "$SSH_ORIGINAL_COMMAND"' } });
    const connection = await reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address });
    const shell = await connection.shell(posixShell);
    let said = '';
    shell.onData((chunk) => {
      said += chunk.toString();
    });
    shell.write('echo clean\n');
    await expect.poll(() => said).toBe('clean\n');
  });

  it('drops what the login shell says before a command from both its outputs, and nothing of a command that says the same', async () => {
    const noise = 'echo noise; printf "no line" >&2; printf "#step x done 0"';
    const sshd = await sshdWith({ config: { ForceCommand: `${noise}; eval "$SSH_ORIGINAL_COMMAND"` } });
    const connection = await reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address });
    const said = await connection.exec(`cat; echo noise; echo "it's bad" >&2; exit 3`, { deadlineMs: 5_000, stdin: 'given\n' });
    expect(said).toMatchObject({ end: 'exit', exit: 3, stdout: 'given\nnoise\n', stderr: "it's bad\n" });
    expect(await connection.exec('echo plain', { deadlineMs: 5_000 })).toMatchObject({ exit: 0, stdout: 'plain\n', stderr: '' });
  });

  it('ignores a hostile banner', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'qd-banner-'));
    const file = join(directory, 'banner');
    writeFileSync(file, `\x1b]52;c;UFdORUQ=\x07\x1b[2J${'x'.repeat(30_000)}\n`);
    const hostile = await sshdWith({ config: { Banner: file } });
    const connection = await reach({ ssh: settingsFor(hostile, { transport }), address: hostile.address });
    expect((await connection.exec('echo fine', { deadlineMs: 5_000 })).stdout).toBe('fine\n');
    rmSync(directory, { recursive: true });
  });

  it('lets twenty logins in one after the other when only two may knock at once', async () => {
    const sshd = await sshdWith({ config: { MaxStartups: '2:100:2' } });
    const connector = connectorFor({ ssh: settingsFor(sshd, { transport }), address: sshd.address });
    const connections = await Promise.all(Array.from({ length: 20 }, () => connector.connect(hostAt(sshd.address), never)));
    expect(connections.filter((connection) => connection.closed)).toEqual([]);
  }, 60_000);

  it('queues commands behind a server that allows fewer sessions than usual', async () => {
    const sshd = await sshdWith({ config: { MaxSessions: '3' } });
    const connection = await reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address });
    const results = await Promise.all(Array.from({ length: 9 }, (_, n) => connection.exec(`sleep 0.1; echo ${n}`, { deadlineMs: 15_000 })));
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 9 }, (_, n) => `${n}\n`));
  });

  it('is noticed when it stops answering on an open connection', async () => {
    const sshd = await sshdWith();
    const options = { deadlines: { keepaliveMs: 500 } };
    const connection = await reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address, options });
    const closed = new Promise<ReachError>((resolve) => connection.onClosed(resolve));
    sshd.pause();
    const reason = await closed;
    sshd.resume();
    expect(reason.reach).toBe('timeout');
  });

  it.each(['1', '2'])(
    'takes 100 MB on stream %s within 64 MB of memory',
    async (stream) => {
      const sshd = await sshdWith();
      const connection = await reach({ ssh: settingsFor(sshd, { transport }), address: sshd.address });
      const before = process.memoryUsage().rss;
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss - before);
      }, 20);
      const result = await connection.exec(`head -c 104857600 /dev/zero | tr '\\0' x >&${stream}`, { deadlineMs: 60_000 });
      clearInterval(watch);
      expect(result).toMatchObject({ exit: 0, end: 'exit' });
      expect(result.droppedBytes).toBeGreaterThan(100_000_000);
      expect(result.stdout.length + result.stderr.length).toBeLessThan(1_100_000);
      expect(peak).toBeLessThan(64 * 1_048_576);
    },
    60_000,
  );
});

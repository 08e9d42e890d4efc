import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/fleet/secret.ts';
import { type Connector, type HostConnection, noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { withHostDeadline } from '../../src/remote/deadline.ts';
import { posixShell } from '../../src/remote/kept-shell.ts';
import type { ReachError } from '../../src/remote/reach-error.ts';
import { freePort, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settings, settingsFor } from './fleet.ts';

const never = new AbortController().signal;

/** Whether a process lives, zombies not counted. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 60 && alive(pid); tries += 1) await sleep(50);
  return !alive(pid);
}

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh', 'local'] as const)('a connection by %s', (transport) => {
  let sshd: RunningSshd;
  let connector: Connector;
  let connection: HostConnection;
  let server: Server;
  let unixServer: Server;

  beforeAll(async () => {
    sshd = await startSshd();
    server = createServer((socket) => socket.end('hello from the port\n')).listen(0, '127.0.0.1');
    unixServer = createServer((socket) => socket.end('hello from the socket\n')).listen(join(sshd.directory, 'app.sock'));
  });

  afterAll(async () => {
    server.close();
    unixServer.close();
    await sshd.stop();
  });

  beforeEach(async () => {
    const ssh = settingsFor(sshd, { transport: transport === 'openssh' ? 'openssh' : 'ssh2' });
    connector = createConnector(fleetWith(ssh), noPrompts);
    connection = await connector.connect(hostAt(sshd.address, { provider: transport === 'local' ? 'local' : 'static' }), never);
  });

  afterEach(() => connector.close());

  it('says which transport it is', () => {
    expect(connection.transport).toBe(transport);
    expect(connection.closed).toBe(false);
  });

  it('keeps a shell that answers line by line', async () => {
    const shell = await connection.shell(posixShell);
    let said = '';
    shell.onData((chunk) => {
      said += chunk.toString();
    });
    shell.write('N=7\n');
    shell.write('echo "n is $N"\n');
    await expect.poll(() => said).toBe('n is 7\n');
    expect(connection.traffic().received).toBeGreaterThan(0);
  });

  it('tells once, with words, that its shell has ended', async () => {
    const shell = await connection.shell(posixShell);
    const reasons: string[] = [];
    shell.onData(() => {});
    shell.onClose((why) => reasons.push(why));
    shell.write('exit 3\n');
    await expect.poll(() => reasons.length).toBe(1);
    await sleep(50);
    expect(reasons).toEqual([expect.stringMatching(/\w+/)]);
  });

  it('ends the shell on the host when the channel is closed', async () => {
    const shell = await connection.shell(posixShell);
    let said = '';
    shell.onData((chunk) => {
      said += chunk.toString();
    });
    shell.write('echo $$\n');
    await expect.poll(() => said).toMatch(/^\d+\n$/);
    shell.close();
    expect(await untilGone(Number(said))).toBe(true);
  });

  it('returns exit status, output and errors of a command', async () => {
    const result = await connection.exec("echo out; echo 'it'\\''s' >&2; exit 3", { deadlineMs: 5_000 });
    expect(result).toMatchObject({ exit: 3, signal: null, stdout: 'out\n', stderr: "it's\n", droppedBytes: 0, end: 'exit' });
  });

  it('passes on an exit status that ssh itself also uses', async () => {
    expect(await connection.exec('echo why >&2; exit 255', { deadlineMs: 5_000 })).toMatchObject({
      exit: 255,
      stderr: 'why\n',
      end: 'exit',
    });
  });

  it('runs several lines, quotes and exclamation marks as written', async () => {
    const result = await connection.exec('x="a!b"\nprintf "%s\\n" "$x" \'c"d\'\n', { deadlineMs: 5_000 });
    expect(result.stdout).toBe('a!b\nc"d\n');
  });

  it('gives a command its standard input, secrets too, and end-of-file', async () => {
    const plain = await connection.exec('cat', { deadlineMs: 5_000, stdin: 'line\n' });
    const secret = await connection.exec('cat | wc -c', { deadlineMs: 5_000, stdin: new Secret('hunter2') });
    const none = await connection.exec('cat; echo done', { deadlineMs: 5_000 });
    expect([plain.stdout, secret.stdout.trim(), none.stdout]).toEqual(['line\n', '7', 'done\n']);
  });

  it('shows control characters and invalid bytes of the output instead of passing them on', async () => {
    const result = await connection.exec("printf '\\033]0;title\\007 \\377'", { deadlineMs: 5_000 });
    expect(result.stdout).toBe('\\x1b]0;title\\x07 \\xff');
  });

  it('keeps head and tail of a long output and counts the rest', async () => {
    const result = await connection.exec('echo first; head -c 300000 /dev/zero | tr "\\0" x; echo; echo last', {
      deadlineMs: 10_000,
      maxBytes: 1_000,
    });
    expect(result.stdout.startsWith('first\nxxx')).toBe(true);
    expect(result.stdout.endsWith('xxx\nlast\n')).toBe(true);
    expect(result.droppedBytes).toBe(300_012 - 1_000);
  });

  it('answers soon when the command ends but a child of it holds the pipes', async () => {
    const result = await connection.exec('sleep 20 & echo $!; exit 5', { deadlineMs: 10_000 });
    expect(result).toMatchObject({ end: 'exit', exit: 5, stderr: '' });
    process.kill(Number(result.stdout.trim()), 'SIGKILL');
  });

  it('gives up a command at its deadline and says that the outcome is unknown', async () => {
    const result = await connection.exec('echo $$; exec sleep 30', { deadlineMs: 700 });
    expect(result).toMatchObject({ end: 'deadline', exit: null });
    expect(result.stdout).toMatch(/^\d+\n$/);
    // Over SSH the server still holds the session, so the connection goes.
    expect(connection.closed).toBe(transport !== 'local');
    if (transport !== 'local') process.kill(Number(result.stdout.trim()), 'SIGKILL');
  });

  it('leaves nothing of a command behind on the host when it carries its own deadline', async () => {
    const command = "trap '' TERM; sleep 31 & echo $$ $!; wait; sleep 32";
    const result = await connection.exec(withHostDeadline(command, 1), { deadlineMs: 10_000 });
    expect(result).toMatchObject({ end: 'exit', exit: 124 });
    const pids = result.stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await untilGone(pid)).toBe(true);
  });

  it('ends a command on the host at its own deadline even when the connection has gone', async () => {
    const file = join(sshd.directory, `pid-${transport}`);
    rmSync(file, { force: true });
    const running = connection.exec(withHostDeadline(`echo $$ > ${file}; sleep 33`, 1), { deadlineMs: 10_000 });
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '').toBe(true);
    const pid = Number(readFileSync(file, 'utf8'));
    connection.close();
    expect(await untilGone(pid)).toBe(true);
    if (transport !== 'local') expect((await running).end).toBe('lost');
  });

  it('runs more commands at once than the server has sessions', async () => {
    const results = await Promise.all(
      Array.from({ length: 14 }, (_, n) => connection.exec(`sleep 0.1; echo ${n}`, { deadlineMs: 15_000 })),
    );
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 14 }, (_, n) => `${n}\n`));
  });

  it('opens a stream to a port as the host sees it', async () => {
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    const stream = await connection.forward({ host: '127.0.0.1', port }, 5_000);
    expect(await text(stream)).toBe('hello from the port\n');
  });

  it('opens a stream to a unix socket of the host', async () => {
    const stream = await connection.forward({ path: join(sshd.directory, 'app.sock') }, 5_000);
    expect(await text(stream)).toBe('hello from the socket\n');
  });

  it('rejects a stream to a closed port and to a missing socket', async () => {
    const port = await freePort();
    await expect(connection.forward({ host: '127.0.0.1', port }, 5_000)).rejects.toThrow(/\w+/);
    await expect(connection.forward({ path: join(sshd.directory, 'none.sock') }, 5_000)).rejects.toThrow(/\w+/);
  });

  it('tells every listener once that it was closed, and refuses commands afterwards', async () => {
    const reasons: ReachError[] = [];
    connection.onClosed((reason) => reasons.push(reason));
    connection.close();
    connection.close();
    await expect.poll(() => reasons.length).toBe(1);
    expect(connection.closed).toBe(true);
    await expect(connection.exec('true', { deadlineMs: 1_000 })).rejects.toMatchObject({ name: 'ReachError' });
  });
});

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('a connection by %s whose server dies', (transport) => {
  it('is told to its listeners and ends the commands under way as lost', async () => {
    const sshd = await startSshd();
    const connector = createConnector(fleetWith(settingsFor(sshd, { transport })), noPrompts);
    try {
      const connection = await connector.connect(hostAt(sshd.address), never);
      const closed = new Promise<ReachError>((resolve) => connection.onClosed(resolve));
      const running = connection.exec('sleep 20', { deadlineMs: 10_000 });
      await sleep(300);
      await sshd.rekey();
      expect((await closed).reach).toBe('unreachable');
      expect((await running).end).toBe('lost');
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });
});

it('spawns nothing that outlives a closed local connection', async () => {
  const connector = createConnector(fleetWith(settings()), noPrompts);
  const connection = await connector.connect(hostAt(null, { provider: 'local' }), never);
  const shell = await connection.shell(posixShell);
  let said = '';
  shell.onData((chunk) => {
    said += chunk.toString();
  });
  shell.write('sleep 34 & echo $!\n');
  await expect.poll(() => said).toMatch(/^\d+\n$/);
  await connector.close();
  expect(await untilGone(Number(said))).toBe(true);
});

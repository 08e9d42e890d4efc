import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks } from '../probe/needs.ts';

/** For `describe.skipIf`: skips where memcached is missing, but fails in CI, where it must be there. */
export function memcachedMissing(): boolean {
  return lacks('memcached', '-V');
}

/** Says lines to a memcached and waits until it has answered them all. */
export async function tell(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`${lines.join('\r\n')}\r\nmn\r\n`);
  let said = '';
  for await (const chunk of socket) {
    said += String(chunk);
    if (said.endsWith('MN\r\n')) break;
  }
}

/** A real memcached of 4 MB on loopback, ready to answer when the promise resolves. */
export async function startMemcached(port: number): Promise<ChildProcess> {
  // Run by root it wants to be told so.
  const child = spawn('memcached', ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '4', '-u', userInfo().username], {
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 200; tries += 1) {
    const up = await tell(port, []).then(
      () => true,
      () => false,
    );
    if (up) return child;
    await sleep(25);
  }
  await stopMemcached(child);
  throw new Error('memcached did not start.');
}

export async function stopMemcached(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

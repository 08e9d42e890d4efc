import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { killGroup, startChild } from './child-program.ts';
import { ChildStream } from './child-stream.ts';
import { muxArgs } from './openssh-args.ts';
import { sanitizeLine } from './sanitize.ts';

export interface MuxPlace {
  readonly control: string;
  readonly ssh: string;
  readonly env: NodeJS.ProcessEnv;
  readonly destination: string;
}

/** What `ssh -v -W` prints once the other side has accepted; a refusal ends it instead. */
const opened = /mux_client_request_stdio_fwd: master session id/;

/** ssh takes a local connection to a forwarded unix socket before it asks the host; a refusal closes it this soon at the latest, ms. */
const refusalWithinMs = 300;

/** A stream to a port as the host sees it, by `ssh -W` over the master. Rejects with a plain Error. */
export function muxTcpStream(place: MuxPlace, host: string, port: number, deadlineMs: number): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const to = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const child = startChild({
    file: place.ssh,
    args: [...muxArgs(place.control), '-v', '-o', 'LogLevel=DEBUG1', '-W', to, '--', place.destination],
    env: place.env,
  });
  const timer = setTimeout(() => fail('The connection was not opened in time.'), deadlineMs);
  let said = '';
  const fail = (why: string): void => {
    clearTimeout(timer);
    reject(new Error(why));
    killGroup(child, 'SIGKILL');
  };
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length > 8_192) return;
    said += chunk.toString('latin1');
    if (!opened.test(said)) return;
    clearTimeout(timer);
    resolve(new ChildStream(child));
  });
  child.on('error', (error) => fail(sanitizeLine(error.message, 200)));
  child.on('exit', () =>
    fail(
      /refused|prohibited/i.test(said)
        ? 'The connection was refused on the host.'
        : `ssh -W ended: ${sanitizeLine(said.replace(/^debug1: .*$/gm, ''), 200)}`,
    ),
  );
  return promise;
}

/** A stream to a unix socket of the host: the master forwards it to a socket in our private directory, which we connect to. */
export async function muxUnixStream(place: MuxPlace, path: string, deadlineMs: number): Promise<Duplex> {
  if (/[:\s"\\]/.test(path)) throw new Error('ssh cannot forward to a socket whose path holds a colon, space, quote or backslash.');
  const local = join(dirname(place.control), `u${randomBytes(4).toString('hex')}`);
  await control(place, ['-O', 'forward', '-L', `${local}:${path}`], deadlineMs);
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const socket = connect(local);
  const settled = setTimeout(() => resolve(socket), refusalWithinMs);
  const refused = (): void => reject(new Error('The connection was refused on the host.'));
  socket.once('error', refused);
  socket.once('close', () => {
    clearTimeout(settled);
    refused();
    rmSync(local, { force: true });
    control(place, ['-O', 'cancel', '-L', `${local}:${path}`], 2_000).catch(() => {});
  });
  // A refusal arrives as an early end, which only a reader sees; what the host says first is put back for the caller.
  socket.once('readable', () => {
    if (socket.readableLength > 0) resolve(socket);
    else socket.destroy();
  });
  return promise;
}

function control(place: MuxPlace, args: readonly string[], deadlineMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = { timeout: deadlineMs, killSignal: 'SIGKILL' as const, env: place.env };
  execFile(place.ssh, [...muxArgs(place.control), ...args, '--', place.destination], options, (error, _stdout, stderr) => {
    if (error === null) resolve();
    else reject(new Error(sanitizeLine(stderr || error.message, 200)));
  });
  return promise;
}

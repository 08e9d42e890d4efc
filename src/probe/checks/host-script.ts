import type { ExecResult, HostConnection } from '../../remote/connection.ts';
import { NotAsked } from './answer.ts';

/**
 * Runs POSIX shell text on the host under its own time box and without a terminal's input. The text travels on standard input,
 * so that the login shell may be any, and nothing of it is in the argument list of that shell.
 * @throws NotAsked when the host gave no outcome in time.
 */
export async function runOnHost(host: HostConnection, text: string, timeoutMs: number): Promise<ExecResult> {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
  const script = [
    'LC_ALL=C; export LC_ALL',
    'PATH=${PATH:-/usr/bin:/bin}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin; export PATH',
    `c=${quoted}`,
    'if timeout -k 1 1 true >/dev/null 2>&1 </dev/null',
    `then exec timeout -k 1 ${seconds} sh -c "$c" </dev/null`,
    'else exec sh -c "$c" </dev/null',
    'fi',
    '',
  ].join('\n');
  const result = await host.exec('exec sh', { deadlineMs: timeoutMs + 2_000, stdin: script, maxBytes: 600 * 1024 });
  if (result.end === 'deadline' || result.exit === 124 || result.exit === 137)
    throw new NotAsked(`it took longer than ${seconds} s on the host`);
  if (result.end === 'lost') throw new NotAsked('the connection to the host was lost');
  return result;
}

import { randomBytes } from 'node:crypto';
import type { HostConnection } from '../../remote/connection.ts';
import { NotAsked } from './answer.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { bodyCap } from './http-exchange.ts';
import type { FetchSpec, HttpStep } from './http-fetch.ts';

/** curl's config file syntax: backslash and double quote are escaped. @see curl(1) --config */
function configValue(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new NotAsked('a header or address with a newline cannot be asked by curl');
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** curl's own exit codes for "the server did not answer well", which is an answer; others mean that it could not ask. */
const answeredExits: readonly number[] = [6, 7, 35, 52, 56, 60];

/**
 * The same GET by `curl` on the host. All it is told stands in a config on its standard input: headers may be secrets, and an
 * argument list is open to every user of the host.
 */
export async function curlFetch(step: HttpStep, spec: FetchSpec, host: HostConnection, port: number): Promise<HttpAnswer> {
  const mark = randomBytes(8).toString('hex');
  const name = step.hostHeader.replace(/:\d+$/, '');
  const address = step.address.includes(':') ? `[${step.address}]` : step.address;
  const lines = [
    'silent',
    'show-error',
    `url = ${configValue(`${step.url.protocol}//${step.url.protocol === 'https:' ? name : address}:${String(port)}${step.url.pathname}${step.url.search}`)}`,
    `header = ${configValue(`Host: ${step.hostHeader}`)}`,
    ...Object.entries(step.headers).map(([key, value]) => `header = ${configValue(`${key}: ${value}`)}`),
    ...(step.url.protocol === 'https:' ? [`connect-to = ${configValue(`${name}:${String(port)}:${address}:${String(port)}`)}`] : []),
    ...(step.unix === null ? [] : [`unix-socket = ${configValue(step.unix)}`]),
    `max-time = ${String(Math.max(1, Math.ceil(spec.timeoutMs / 1000)))}`,
    `write-out = "\\n${mark} %{http_code} %{size_download} %{redirect_url}"`,
  ];
  // No character that any login shell reads into single quotes; max-time is the time box.
  const result = await host.exec("exec sh -c 'LC_ALL=C exec curl -q -K -'", {
    deadlineMs: spec.timeoutMs + 3_000,
    stdin: `${lines.join('\n')}\n`,
    maxBytes: 4 * bodyCap,
  });
  if (result.end === 'deadline' || result.end === 'lost') throw new NotAsked('curl on the host gave no outcome');
  if (result.exit === 127) throw new NotAsked('this host does not allow forwarding and has no curl');
  if (result.exit !== 0) {
    const words = result.stderr.trim() || `curl ended with ${String(result.exit)}`;
    throw answeredExits.includes(result.exit ?? -1) ? new Error(words) : new NotAsked(words);
  }
  const at = result.stdout.lastIndexOf(`\n${mark} `);
  const [, status, size, location] = /^(\d{3}) (\d+) ?(.*)$/.exec(result.stdout.slice(at + mark.length + 2).trim()) ?? [];
  if (at === -1 || status === undefined) throw new NotAsked('curl on the host gave no result');
  return {
    status: Number(status),
    location: location === undefined || location === '' ? null : location,
    body: result.stdout.slice(0, Math.min(at, bodyCap)),
    bytes: Number(size),
  };
}

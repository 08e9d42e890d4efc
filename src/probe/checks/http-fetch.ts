import type { HostConnection } from '../../remote/connection.ts';
import { curlFetch } from './http-curl.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { httpExchange } from './http-exchange.ts';
import { ForwardingProhibited, openStream } from './open-stream.ts';
import { secureStream } from './secure-stream.ts';

const redirectsAtMost = 5;
const redirectStatus: readonly number[] = [301, 302, 303, 307, 308];

export interface FetchSpec {
  readonly url: string;
  readonly hostHeader: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly unix: string | null;
  readonly follow: boolean;
  readonly minBytes: number | null;
  readonly timeoutMs: number;
}

/** One request on the way through redirects: what is asked, whom it is addressed to, and where the stream leads. */
export interface HttpStep {
  readonly url: URL;
  readonly hostHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Host to connect to; a redirect to the Host header's own name stays on this address. */
  readonly address: string;
  readonly unix: string | null;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** Name without port, and without the brackets of an IPv6 address. */
function bareName(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function firstStep(spec: FetchSpec): HttpStep {
  const url = new URL(spec.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`${spec.url} is neither http nor https`);
  return { url, hostHeader: spec.hostHeader ?? url.host, headers: spec.headers, address: bareName(url.host), unix: spec.unix };
}

/** Own headers may hold a password, so they do not follow to another host. */
function nextStep(step: HttpStep, location: string): HttpStep {
  const url = new URL(location, new URL(step.url.pathname + step.url.search, `${step.url.protocol}//${step.hostHeader}`));
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`redirected to ${url.protocol}`);
  const same = bareName(url.host) === bareName(step.hostHeader);
  if (!same) return { url, hostHeader: url.host, headers: {}, address: bareName(url.host), unix: null };
  // The port a redirect leaves out is the one of its scheme, but a tunnel or test port on the same scheme stays.
  if (url.protocol === step.url.protocol && url.host === step.hostHeader) url.port = String(portOf(step.url));
  return {
    url,
    hostHeader: url.protocol === step.url.protocol ? step.hostHeader : url.host,
    headers: step.headers,
    address: step.address,
    unix: step.unix,
  };
}

async function ask(step: HttpStep, spec: FetchSpec, host: HostConnection | null, signal: AbortSignal): Promise<HttpAnswer> {
  const target = step.unix === null ? { host: step.address, port: portOf(step.url) } : { path: step.unix };
  const stream = await openStream(host, target, spec.timeoutMs, signal);
  const secure = step.url.protocol === 'https:' ? await secureStream(stream, bareName(step.hostHeader), true, signal) : stream;
  const question = {
    path: step.url.pathname + step.url.search,
    host: step.hostHeader,
    headers: step.headers,
    wantBytes: spec.minBytes ?? 0,
  };
  return httpExchange(secure, question, signal);
}

/**
 * GET over the host's connection, or from here when `host` is null, following at most 5 redirects. A host that forwards nothing
 * is asked to run `curl` instead.
 * @throws Error with the reason in words when there was no answer.
 */
export async function httpFetch(spec: FetchSpec, host: HostConnection | null, signal: AbortSignal): Promise<HttpAnswer> {
  let step = firstStep(spec);
  for (let redirects = 0; ; redirects += 1) {
    let answer: HttpAnswer;
    try {
      answer = await ask(step, spec, host, signal);
    } catch (error) {
      if (!(error instanceof ForwardingProhibited) || host === null) throw error;
      answer = await curlFetch(step, spec, host, portOf(step.url));
    }
    if (!spec.follow || answer.location === null || !redirectStatus.includes(answer.status)) return answer;
    if (redirects === redirectsAtMost) throw new Error(`redirected more than ${String(redirectsAtMost)} times`);
    step = nextStep(step, answer.location);
  }
}

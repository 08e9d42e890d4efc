import { parseDuration } from '../config/schema/values.ts';
import { resolveSetting } from '../config/resolve-setting.ts';
import type { Setting } from '../fleet/definition.ts';
import type { Delivery, OutgoingText } from './delivery.ts';

/** Posts a text. The address is a secret: it stands in no error. Follows no redirection, so that it is sent nowhere else. */
export async function postWebhook(webhook: Setting, message: OutgoingText, deadlineMs: number, end?: AbortSignal): Promise<Delivery> {
  let url: URL;
  try {
    url = new URL((await resolveSetting(webhook)).reveal());
  } catch (error) {
    const known = error instanceof Error && error.message.includes('which the fleet file names');
    return failed(known && error instanceof Error ? error.message.replace(/\.$/, '') : 'its address is no URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'refused', problem: 'its address is neither https nor http' };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'quarterdeck', 'idempotency-key': message.id },
      body: JSON.stringify(bodyFor(url, message)),
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), ...(end === undefined ? [] : [end])]),
    });
    await response.body?.cancel();
    return answered(response);
  } catch (error) {
    return failed(reasonOf(error, deadlineMs));
  }
}

/** Slack, and those that speak as it does, take `{text}` and refuse what they do not know; others get the facts beside it. */
export function bodyFor(url: URL, { text, fleet, at, id }: OutgoingText): Readonly<Record<string, string>> {
  const slackLike = /(^|\.)slack(-gov)?\.com$/.test(url.hostname) || /^\/(services|hooks)\//.test(url.pathname);
  // https://docs.slack.dev/messaging/formatting-message-text: only these three are to be escaped.
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return slackLike ? { text: escaped } : { text, fleet, at: new Date(at).toISOString(), id, source: 'quarterdeck' };
}

function answered(response: Response): Delivery {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const problem = `it answered ${status}`;
  // RFC 9110: of what is the sender's fault only these pass by themselves.
  if (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429) return { kind: 'refused', problem };
  return { kind: 'failed', problem, retryAfterMs: retryAfter(response.headers.get('retry-after')) };
}

function retryAfter(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? parseDuration(`${value}s`) : null;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ETIMEDOUT: 'it cannot be reached',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_SOCKET: 'the connection was cut',
};

/** The error's own text may hold the address; only its code is used. */
function reasonOf(error: unknown, deadlineMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${Math.round(deadlineMs / 1000)} s`;
  const cause = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  if (code === null) return 'it could not be sent';
  return words[code] ?? (/CERT|TLS|SSL|SELF_SIGNED/.test(code) ? 'its certificate is not trusted' : `it could not be sent (${code})`);
}

function failed(problem: string): Delivery {
  return { kind: 'failed', problem, retryAfterMs: null };
}

import { CloudCallError } from './provider-calls.ts';

/** Codes of Node for what went wrong before an HTTP answer, as the end of a sentence about the endpoint. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection; is it running there, and is the endpoint in the fleet file right?',
  ECONNRESET: 'closed the connection without an answer',
  EPIPE: 'closed the connection without an answer',
  EHOSTUNREACH: 'cannot be reached from here; look at the route and the firewall',
  ENETUNREACH: 'cannot be reached from here; look at the route and the firewall',
  ETIMEDOUT: 'did not take the connection in time',
  ENOTFOUND: 'has a name that does not resolve; look at the endpoint in the fleet file and at DNS',
  EAI_AGAIN: 'has a name that cannot be looked up now: DNS does not answer',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate of an unknown authority; name its PEM file as `ca`',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that it signed itself; name its PEM file as `ca`',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate of an unknown authority; name its PEM file as `ca`',
  UNABLE_TO_GET_ISSUER_CERT: 'shows a certificate of an unknown authority; name its PEM file as `ca`',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'shows a certificate of an unknown authority; name its PEM file as `ca`',
  CERT_SIGNATURE_FAILURE: 'shows a certificate that was not signed by the authority of `ca`',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet; is the clock right?',
  EPROTO: 'does not speak TLS there; is the endpoint http or https?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS there; is the endpoint http or https?',
};

const passing = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ETIMEDOUT']);
/** Failures before which nothing can have been sent. */
const unsent = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * What kept a request from being answered at all, found anywhere among an error's causes; `null` when it is nothing of the network.
 * @param where the API as people know it, as a sentence's beginning: `The API at 127.0.0.1:8443`
 * @param changing whether the request was a change, which may then have happened
 */
export function networkFailure(error: unknown, where: string, changing: boolean): CloudCallError | null {
  for (const code of codesOf(error)) {
    const text = words[code] ?? (code.startsWith('ERR_SSL_') || code.startsWith('CERT_') ? `failed in TLS (${code})` : null);
    if (text === null) continue;
    const sent = !unsent.has(code) && !text.includes('certificate');
    return new CloudCallError('endpoint', `${where} ${text}${text.endsWith('?') ? '' : '.'}`, {
      uncertain: changing && sent,
      passing: passing.has(code),
      cause: error,
    });
  }
  return null;
}

function* codesOf(error: unknown): Generator<string> {
  let at: unknown = error;
  for (let depth = 0; depth < 8 && typeof at === 'object' && at !== null; depth += 1) {
    if ('code' in at && typeof at.code === 'string') yield at.code;
    if (at instanceof AggregateError) for (const one of at.errors) yield* codesOf(one);
    at = 'cause' in at ? at.cause : null;
  }
}

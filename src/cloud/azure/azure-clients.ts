import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { ComputeManagementClient } from '@azure/arm-compute';
import { NetworkManagementClient } from '@azure/arm-network';
import type { TokenCredential } from '@azure/identity';
import type { Secret } from '../../fleet/secret.ts';
import { type CallTime, CloudCallError, type ProviderSession } from '../provider-calls.ts';
import { retryAfterMs } from '../try-again.ts';
import { isReading, type RequestLog, saidIn } from './request-log.ts';

/** The SDK's clients for one call, bound to its time. */
export interface AzureClients {
  readonly compute: ComputeManagementClient;
  readonly network: NetworkManagementClient;
  readonly subscription: string;
}

/** Makes the clients of a call; the credential and its tokens are kept between calls. */
export type ClientMaker = (time: CallTime, log: RequestLog) => AzureClients;

type Pipeline = ComputeManagementClient['pipeline'];

const publicCloud = 'https://management.azure.com';

/** National clouds whose tokens are for their own audience (cloud settings of the SDK); any other endpoint takes the public one's. */
const ownAudience = new Set(['management.usgovcloudapi.net', 'management.chinacloudapi.cn']);

/** @throws CloudCallError when the CA file cannot be read. */
export function clientMaker(session: ProviderSession): ClientMaker {
  const base = session.endpoint ?? publicCloud;
  const plain = base.startsWith('http:');
  const origin = new URL(base).origin;
  const credential = session.token === null ? ambient() : fixed(session.token);
  const audience = ownAudience.has(new URL(base).hostname) ? origin : publicCloud;
  const options = {
    endpoint: base,
    credentials: { scopes: [`${audience}/.default`] },
    ...(session.ca === null ? {} : { tlsOptions: { ca: [...rootCertificates, pemOf(session.ca)] } }),
    ...(plain ? { allowInsecureConnection: true } : {}),
  };
  return (time, log) => {
    const compute = new ComputeManagementClient(credential, session.scope, options);
    const network = new NetworkManagementClient(credential, session.scope, options);
    for (const { pipeline } of [compute, network]) {
      // The SDK refuses to send a token over plain HTTP; a fleet file that names such an endpoint means it.
      if (plain) authorizeOpenly(pipeline, session.token);
      keepToCall(pipeline, origin, time, log);
    }
    return { compute, network, subscription: session.scope };
  };
}

function pemOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CloudCallError('endpoint', `The certificate file ${file} of the Azure endpoint cannot be read; mend ca in the fleet file.`);
  }
}

function fixed(token: Secret): TokenCredential {
  return { getToken: async () => ({ token: token.reveal(), expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

/** The person's own credentials (environment, workload and managed identity, az login, …), loaded at the first token. */
function ambient(): TokenCredential {
  let found: TokenCredential | null = null;
  return {
    getToken: async (scopes, options) => {
      if (found === null) {
        const { DefaultAzureCredential } = await import('@azure/identity');
        found = new DefaultAzureCredential();
      }
      return found.getToken(scopes, options);
    },
  };
}

function authorizeOpenly(pipeline: Pipeline, token: Secret | null): void {
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  if (token === null) return;
  pipeline.addPolicy({
    name: 'plainBearer',
    sendRequest: (request, next) => {
      request.headers.set('Authorization', `Bearer ${token.reveal()}`);
      return next(request);
    },
  });
}

/**
 * Every request, those for further pages and of polling too (to which the SDK hands no signal), ends with the call; none goes to
 * another server than the endpoint, as a `nextLink` may name any and would be sent the token; and a wait that the server asks for
 * beyond the call's time ends the call at once.
 */
function keepToCall(pipeline: Pipeline, origin: string, time: CallTime, log: RequestLog): void {
  pipeline.addPolicy({
    name: 'callBounds',
    sendRequest: (request, next) => {
      if (new URL(request.url).origin !== origin) {
        throw new CloudCallError(
          'endpoint',
          `Azure's answer leads to another server (${new URL(request.url).origin}); it is not followed.`,
        );
      }
      request.abortSignal = time.signal;
      return next(request);
    },
  });
  pipeline.addPolicy(
    {
      name: 'callLog',
      sendRequest: async (request, next) => {
        const changing = !isReading(request.method, request.url);
        if (changing) log.changesSent += 1;
        const response = await next(request);
        if (changing && response.status >= 400 && response.status < 500) log.changesRefused += 1;
        log.limited = response.status === 429;
        const said = response.status >= 400 ? saidIn(response.bodyAsText) : null;
        if (said !== null) log.said.set(request.requestId, said);
        const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
        if ((response.status === 429 || response.status === 503) && waitMs !== null && Date.now() + waitMs >= time.endsAt) {
          throw tooLong(response.status, waitMs);
        }
        return response;
      },
    },
    { afterPhase: 'Retry' },
  );
}

function tooLong(status: number, waitMs: number): CloudCallError {
  const wait = `${Math.ceil(waitMs / 1_000)} s`;
  return status === 429
    ? new CloudCallError('rate', `Azure's request limit is used up; it asks to wait ${wait}.`, { retryAfterMs: waitMs })
    : new CloudCallError('other', `Azure is not available now (503); it asks to wait ${wait}.`, { retryAfterMs: waitMs });
}
